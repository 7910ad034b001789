/* The last refuted claim: kept as text, read again when it is asked for; see astray.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/astray.h"
#include "repl/command.h"
#include "repl/reader.h"

struct Refuted {
    char *text;   /* the statement */
    char *repair; /* NULL: none was found */
    Span place;   /* in the text */
    size_t component;
};

void refuted_free(struct Refuted *r) {
    if (!r) return;
    free(r->text);
    free(r->repair);
    free(r);
}

static bool is_wrong(const CheckComponent *k) {
    return k->verdict == VERDICT_REFUTED || k->verdict == VERDICT_DIFFERS;
}

void refuted_keep(Task *t, const CheckResult *r) {
    refuted_free(t->in->refuted);
    t->in->refuted = NULL;
    size_t i = 0;
    while (i < r->count && !is_wrong(&r->component[i])) i++;
    if (i == r->count) return;
    const CheckComponent *k = &r->component[i];
    struct Refuted *res = mem_new(1, sizeof *res);
    res->component = i;
    res->text = mem_copy_text(t->source->text + t->span.start, t->span.end - t->span.start);
    bool inside = k->repair && t->span.start <= k->repair_span.start && k->repair_span.end <= t->span.end;
    if (inside) {
        res->repair = mem_copy_text(k->repair, strlen(k->repair));
        res->place = span_of(k->repair_span.start - t->span.start, k->repair_span.end - t->span.start);
    }
    t->in->refuted = res;
}

/* The claim's equation in a statement; NULL if it does not read. */
static const Ast *read_equation(Task *t, const char *text) {
    Diags quiet;
    diags_init(&quiet, t->arena);
    const Ast *tree = reader_parse_one(t->in, text, t->arena, &quiet);
    if (!tree || quiet.errors || tree->kind != AST_COMMAND) return NULL;
    Task again = *t;
    again.tree = tree;
    command_apply_where(&again);
    const Ast *item = command_items(again.tree) == 1 ? again.tree->kids[0] : NULL;
    return item && item->count == 2 ? item : NULL;
}

/* The side as one component; NULL where it is not written out. */
static const Ast *component_of(const Ast *tree, size_t i) {
    if (tree->kind != AST_VEC) return i == 0 ? tree : NULL;
    return i < tree->count && tree->kids[i]->kind != AST_VEC ? tree->kids[i] : NULL;
}

bool refuted_read(Task *t, RefutedClaim *out) {
    const struct Refuted *r = t->in->refuted;
    *out = (RefutedClaim){.component = r ? r->component : 0};
    const Ast *item = r ? read_equation(t, r->text) : NULL;
    if (!item) {
        diag_error(t->diags, t->tree->span, "explain df/dx, explain f', explain grad f, explain diff(x^2*y, x)",
                   "explain alone goes back to a refuted check, and %s", r ? "the last one no longer reads"
                                                                           : "the last check was none");
        return false;
    }
    out->text = arena_copy_text(t->arena, r->text, strlen(r->text));
    out->left = item->kids[0];
    out->tree = component_of(item->kids[1], r->component);
    if (!r->repair) return true;
    out->mended = arena_printf(t->arena, "%.*s%s%s", (int)r->place.start, r->text, r->repair, r->text + r->place.end);
    out->removed = r->place.end - r->place.start;
    out->repair = span_of(r->place.start, r->place.start + (uint32_t)strlen(r->repair));
    item = read_equation(t, out->mended);
    out->mended_tree = item ? component_of(item->kids[1], r->component) : NULL;
    return true;
}
