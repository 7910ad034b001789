/* The text of one component of a claim: written out in a list, or shared by all components of an array
 * (2*w, vec(k=1..n, ...), the right side of df/dx[k] = ...).  Parts of it as expressions; the
 * statement read again with another text at a place. */
#include <string.h>

#include "parser/parse.h"
#include "repl/command.h"
#include "repl/judge.h"

enum { NESTED = 4 };

/* vec(k=1..n, body)? */
static bool is_loop(const CertainClaim *c, const Ast *at) {
    return at->kind == AST_CALL && at->count > 2 && at->kids[0]->kind == AST_NAME &&
           strcmp(names_text(c->task->in->names, at->kids[0]->name), "vec") == 0;
}

const Ast *claim_component_tree(const CertainClaim *c, const Ast *at, size_t i, bool *shared) {
    int rank = expr_rank(c->task->in->store, c->yours);
    *shared = false;
    for (int depth = 0; depth < NESTED && at->kind == AST_WHERE; depth++) at = at->kids[0];
    if (rank == 0) return at;
    for (int axis = 0; axis < rank; axis++) {
        if (at->kind != AST_VEC) {
            *shared = axis == 0; /* rows written out in another way are nobody's own */
            break;
        }
        size_t columns = rank == 1 ? 1 : c->columns;
        if (columns == 0) return NULL;
        size_t k = axis == 0 ? i / columns : i % columns;
        if (at->count <= k) return NULL;
        at = at->kids[k];
        if (axis + 1 == rank) return at;
    }
    if (!*shared) return NULL;
    for (int depth = 0; depth < NESTED && is_loop(c, at); depth++) at = at->kids[at->count - 1];
    return at;
}

/* Within what surrounds it in the claim: names for parts, and the loops of a shared text. */
static const Ast *surrounded(const CertainClaim *c, bool shared, const Ast *body) {
    const Ast *outer[2 * NESTED], *at = c->tree;
    size_t place[2 * NESTED];
    int depth = 0;
    for (int i = 0; i < NESTED && at->kind == AST_WHERE; i++, at = at->kids[0]) {
        place[depth] = 0;
        outer[depth++] = at;
    }
    for (int i = 0; i < NESTED && shared && is_loop(c, at); i++, at = at->kids[at->count - 1]) {
        place[depth] = at->count - 1;
        outer[depth++] = at;
    }
    while (depth > 0) {
        const Ast *old = outer[--depth];
        Ast *res = arena_alloc(c->task->arena, sizeof *res),
            *inner = arena_alloc(c->task->arena, sizeof *inner);
        *res = *old;
        *inner = *body;
        res->kids = arena_array(c->task->arena, old->count, sizeof *res->kids);
        memcpy(res->kids, old->kids, old->count * sizeof *res->kids);
        res->kids[place[depth]] = inner;
        body = res;
    }
    return body;
}

Expr claim_lower_whole(const CertainClaim *c, bool shared, const Ast *tree) {
    return c->lower(c->context, surrounded(c, shared, tree));
}

Expr claim_lower_component(const CertainClaim *c, size_t i, bool shared, const Ast *tree) {
    Store *s = c->task->in->store;
    Expr e = claim_lower_whole(c, shared, tree);
    if (e && shared && expr_rank(s, e) == expr_rank(s, c->yours)) e = certain_component(c, e, i);
    return e && expr_rank(s, e) == 0 ? e : 0;
}

const Ast *claim_mended_tree(const CertainClaim *c, size_t i, Span place, const char *text) {
    Task *t = c->task;
    const char *whole = t->source->text;
    Buf b;
    buf_init(&b);
    buf_add(&b, whole + t->span.start, place.start - t->span.start);
    buf_text(&b, text);
    buf_add(&b, whole + place.end, t->span.end - place.end);
    Source source = {t->source->name, arena_copy_text(t->arena, buf_str(&b), b.len), b.len, 1};
    buf_done(&b);
    Diags quiet;
    diags_init(&quiet, t->arena);
    Parse *p = parse_new(t->arena, t->in->names, &t->in->scope, &source, &quiet);
    Statement statement;
    const Ast *right = NULL;
    if (parse_next(p, &statement) && statement.tree && quiet.errors == 0 &&
        statement.tree->kind == AST_COMMAND) {
        Task again = *t;
        again.tree = statement.tree;
        command_apply_where(&again);
        const Ast *tree = again.tree;
        if (tree->count > 0 && tree->kids[0]->count == 2) right = tree->kids[0]->kids[1];
    }
    parse_free(p);
    bool shared;
    return right ? claim_component_tree(c, right, i, &shared) : NULL;
}
