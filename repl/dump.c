/* --dump: tokens, tree, graph, derivative, reading form and program of a statement. */
#include "repl/dump.h"

#include <stdlib.h>
#include <string.h>

#include "eval/program.h"
#include "expr/derive.h"
#include "expr/print.h"
#include "lexer/tokens.h"

static const struct {
    const char *name;
    unsigned flag;
} dump_phases[] = {{"tokens", DUMP_TOKENS}, {"ast", DUMP_AST},   {"dag", DUMP_DAG},
                   {"diff", DUMP_DIFF},     {"simp", DUMP_SIMP}, {"code", DUMP_CODE}};

unsigned dump_phase(const char *name, size_t len) {
    for (size_t i = 0; i < sizeof dump_phases / sizeof *dump_phases; i++)
        if (strlen(dump_phases[i].name) == len && memcmp(dump_phases[i].name, name, len) == 0)
            return dump_phases[i].flag;
    return 0;
}

static void dump_tokens(Task *t) {
    static const char *const names[] = {
#define X(name, text) #name,
        TOKENS(X)
#undef X
    };
    Buf *out = &t->in->out;
    Source part = *t->source;
    part.len = t->span.end;
    Filter *f = filter_new(t->in->names, &t->in->scope, &part);
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    filter_begin(f, &arena, &diags, false);
    for (Token token = filter_next(f); token.kind != T_END && token.kind != T_BAD;
         token = filter_next(f)) {
        if (token.span.start < t->span.start) {
            if (token.kind == T_NEWLINE || token.kind == T_SEMI)
                filter_begin(f, &arena, &diags, false);
            continue;
        }
        buf_printf(out, "%-10s %u..%u %.*s\n", names[token.kind], token.span.start, token.span.end,
                   token.kind == T_NEWLINE ? 0 : (int)token.len, token.text);
    }
    filter_free(f);
    arena_done(&arena);
}

static void dump_code(Task *t, size_t params, const Param *param, Expr e) {
    if (!param && params > 0) return;
    Arena arena;
    arena_init(&arena);
    Plan plan;
    plan_init(&plan, &arena, t->in->defs, params, param);
    Expr dims[2] = {0, 0};
    int rank = expr_rank(t->in->store, e);
    for (int k = 0; k < rank && k < 2; k++) dims[k] = expr_dim(t->in->store, e, k);
    Expr slot = plan_slot(&plan, SLOT_OUTPUT, rank, dims);
    plan_store(&plan, slot, e);
    Diags diags;
    diags_init(&diags, &arena);
    Program *p = program_compile(&plan, &diags, t->span);
    if (p) program_dump(p, &t->in->out);
    program_free(p);
    arena_done(&arena);
}

static void dump_derivatives(Task *t, size_t params, const Param *param, Expr e) {
    Diags diags;
    diags_init(&diags, t->arena);
    for (size_t i = 0; i < params; i++) {
        Expr d = derive_by(t->in->defs, e, param[i].symbol, &diags, t->span);
        buf_printf(&t->in->out, "d/d%s = ", names_text(t->in->names, param[i].name));
        if (d) expr_print(&t->in->out, t->in->defs, d, NULL);
        buf_char(&t->in->out, '\n');
    }
}

/* The phases after the tree, of an expression in parameters. */
static void dump_expression(Task *t, size_t params, const Param *param, Expr e) {
    Buf *out = &t->in->out;
    if (t->in->dump & DUMP_DAG) expr_dump(out, t->in->store, e);
    if (t->in->dump & DUMP_SIMP) {
        Expr s = simplify(t->in->defs, e);
        if (s) expr_print(out, t->in->defs, s, NULL);
        buf_char(out, '\n');
    }
    if (t->in->dump & DUMP_DIFF) dump_derivatives(t, params, param, e);
    if (t->in->dump & DUMP_CODE) dump_code(t, params, param, e);
}

void dump_statement(Task *t) {
    if (t->in->dump & DUMP_TOKENS) dump_tokens(t);
    if (t->in->dump & DUMP_AST) {
        ast_print(&t->in->out, t->in->names, t->tree);
        buf_char(&t->in->out, '\n');
    }
    if (!(t->in->dump & (unsigned)~(DUMP_TOKENS | DUMP_AST))) return;
    Diags diags;
    diags_init(&diags, t->arena);
    if (t->tree->kind == AST_DEF) {
        Def def;
        const char *text = t->source->text + t->span.start;
        if (!lower_definition(t->in->defs, t->tree, text, t->span.end - t->span.start, &diags,
                              &def))
            return;
        dump_expression(t, def.param_count, def.param, def.body);
        free(def.param);
        free(def.text);
    } else if (t->tree->kind < AST_EMPTY || t->tree->kind == AST_LET) {
        Lower l = {.defs = t->in->defs, .diags = &diags};
        Expr e = lower_expression(&l, t->tree->kind == AST_LET ? t->tree->kids[0] : t->tree);
        evaluate_done(&l);
        if (e) dump_expression(t, 0, NULL, e);
    }
}
