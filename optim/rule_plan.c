/* A rule's lines to programs.  Requires rule_read.  First the ranks are found: a state or local is
 * a vector as soon as one is assigned to it, so the lines are lowered until nothing changes.  Then
 * each line becomes a statement of a plan; neighbouring lines that work element by element share
 * one loop. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/rule_internal.h"

/* ---- lowering one expression with the names that may be read there ---- */

static Expr length_symbol(const RuleBuild *b, Store *s) {
    return expr_symbol(s, EXPR_SYM, names_intern_str(rules_names(b->rules), "n"), 0, NULL);
}

static Expr lower_at(RuleBuild *b, const Ast *tree, size_t line, bool start, Diags *diags) {
    Defs *defs = rules_defs(b->rules);
    Expr n = length_symbol(b, defs_store(defs));
    Param *param = mem_new(b->vars, sizeof *param);
    size_t count = 0;
    for (size_t i = 0; i < b->vars; i++) {
        const RuleVar *v = &b->var[i];
        bool hidden = v->kind == RULE_N || line < v->ready || (start && v->kind == RULE_STATE);
        if (hidden) continue;
        param[count++] = (Param){
            .name = v->name, .rank = v->rank, .dim = {n, 0}, .symbol = v->symbol};
    }
    Lower l = {.defs = defs, .param_count = count, .param = param, .diags = diags};
    Expr res = lower_expression(&l, tree);
    free(l.free_name);
    free(param);
    return res;
}

static void symbols_of_ranks(RuleBuild *b) {
    Store *s = defs_store(rules_defs(b->rules));
    Expr n = length_symbol(b, s);
    for (size_t i = 0; i < b->vars; i++)
        b->var[i].symbol = expr_symbol(s, EXPR_SYM, b->var[i].name, b->var[i].rank, &n);
}

/* Raises the rank of `v` to that of the value; true if that changed it. */
static bool raise_rank(RuleBuild *b, RuleVar *v, const Ast *value, size_t line, bool start,
                       Diags *scratch) {
    Expr e = value && v->rank == 0 ? lower_at(b, value, line, start, scratch) : 0;
    if (!e || expr_rank(defs_store(rules_defs(b->rules)), e) != 1) return false;
    v->rank = 1;
    return true;
}

static void find_ranks(RuleBuild *b) {
    Arena arena;
    arena_init(&arena);
    bool changed = true;
    while (changed) {
        Diags scratch;
        diags_init(&scratch, &arena);
        changed = false;
        symbols_of_ranks(b);
        for (size_t i = 0; i < b->vars; i++)
            if (b->var[i].kind == RULE_STATE)
                changed |= raise_rank(b, &b->var[i], b->var[i].value, 0, true, &scratch);
        for (size_t i = 0; i < b->lines; i++)
            changed |= raise_rank(b, &b->var[b->line[i].target], b->line[i].value, i, false,
                                  &scratch);
        arena_reset(&arena);
    }
    arena_done(&arena);
}

/* A value fits its target: a number, or a vector as long as x. */
static bool check_shape(RuleBuild *b, Expr e, int rank, Span span) {
    Store *s = defs_store(rules_defs(b->rules));
    int own = expr_rank(s, e);
    if (own == 0 || (own == 1 && rank == 1 && expr_dim(s, e, 0) == length_symbol(b, s)))
        return true;
    if (own == 1)
        diag_error(b->diags, span, "vec(i=1..n, ...) makes one",
                   "a vector of a rule is as long as x");
    else
        diag_error(b->diags, span, NULL,
                   "a rule works with numbers and vectors, not with matrices");
    return false;
}

/* ---- statements ---- */

/* Lines waiting to share a loop, and what they do with each variable. */
typedef struct Group {
    size_t count;
    uint32_t *slot;
    Expr *element;
    bool *written, *read, *whole; /* by variable; whole: read not only at the loop's own index */
} Group;

typedef struct Emit {
    RuleBuild *b;
    Store *s;
    Plan *plan;
    Expr one, n, k; /* the loop over elements is FREE(0) = k = 1..n */
    Group group;
    bool *read, *whole; /* of the expression at hand */
    uint32_t slots;
} Emit;

static void group_init(Emit *em) {
    RuleBuild *b = em->b;
    Group *g = &em->group;
    g->count = 0;
    g->slot = arena_array(b->arena, b->lines + b->vars, sizeof *g->slot);
    g->element = arena_array(b->arena, b->lines + b->vars, sizeof *g->element);
    g->written = arena_array(b->arena, b->vars, sizeof(bool));
    g->read = arena_array(b->arena, b->vars, sizeof(bool));
    g->whole = arena_array(b->arena, b->vars, sizeof(bool));
    em->read = arena_array(b->arena, b->vars, sizeof(bool));
    em->whole = arena_array(b->arena, b->vars, sizeof(bool));
}

static void group_flush(Emit *em) {
    Group *g = &em->group;
    if (!g->count) return;
    PlanStep *loop = plan_step(em->plan, PLAN_FOR);
    loop->lo = em->one;
    loop->hi = em->n;
    loop->index_number = 0;
    PlanStep **outer = plan_enter(em->plan, loop);
    for (size_t i = 0; i < g->count; i++) {
        PlanStep *set = plan_step(em->plan, PLAN_SET);
        set->slot = g->slot[i];
        set->index[0] = em->k;
        set->value = g->element[i];
    }
    plan_leave(em->plan, outer);
    g->count = 0;
    memset(g->written, 0, em->b->vars * sizeof(bool));
    memset(g->read, 0, em->b->vars * sizeof(bool));
    memset(g->whole, 0, em->b->vars * sizeof(bool));
}

static size_t var_of_slot(const Emit *em, Expr slot) {
    for (size_t i = 0; i < em->b->vars; i++)
        if (em->b->var[i].symbol == slot) return i;
    return SIZE_MAX;
}

/* Which variables e reads, and how. */
static void find_reads(Emit *em, Expr e) {
    size_t count;
    Expr *node = expr_reachable(em->s, 1, &e, &count);
    memset(em->read, 0, em->b->vars * sizeof(bool));
    memset(em->whole, 0, em->b->vars * sizeof(bool));
    for (size_t i = 0; i < count; i++) {
        if (expr_op(em->s, node[i]) == EXPR_SLOT && var_of_slot(em, node[i]) != SIZE_MAX)
            em->read[var_of_slot(em, node[i])] = true;
        for (size_t j = 0; j < expr_count(em->s, node[i]); j++) {
            Expr kid = expr_kid(em->s, node[i], j);
            if (expr_op(em->s, kid) != EXPR_SLOT || expr_rank(em->s, kid) == 0) continue;
            bool own = expr_op(em->s, node[i]) == EXPR_ELEM && j == 0 &&
                       expr_kid(em->s, node[i], 1) == em->k;
            if (!own) em->whole[var_of_slot(em, kid)] = true;
        }
    }
    free(node);
}

static void group_add(Emit *em, uint32_t slot, size_t var, Expr element) {
    Group *g = &em->group;
    g->slot[g->count] = slot;
    g->element[g->count++] = element;
    if (var != SIZE_MAX) g->written[var] = true;
    for (size_t i = 0; i < em->b->vars; i++) {
        g->read[i] |= em->read[i];
        g->whole[i] |= em->whole[i];
    }
}

static Expr element_of(Emit *em, Expr e) {
    return 0 < expr_rank(em->s, e) ? expr_fuse(em->s, e, em->k) : e;
}

/* A vector: joins the waiting loop unless it reads all of what that loop writes, or writes what
 * that loop reads all of.  What reads all of its own target is made aside first. */
static void emit_vector(Emit *em, size_t var, Expr e) {
    Group *g = &em->group;
    Expr element = element_of(em, e);
    find_reads(em, element);
    bool clash = g->whole[var];
    for (size_t i = 0; i < em->b->vars; i++) clash |= em->whole[i] && g->written[i];
    if (clash) group_flush(em);
    uint32_t slot = em->b->var[var].slot;
    if (!em->whole[var]) {
        group_add(em, slot, var, element);
        return;
    }
    group_flush(em);
    Expr aside = plan_slot(em->plan, SLOT_TEMP, 1, &em->n);
    em->slots++;
    group_add(em, expr_payload(em->s, aside), SIZE_MAX, element);
    group_flush(em);
    find_reads(em, em->one);
    group_add(em, slot, var, expr_elem(em->s, aside, em->k));
}

/* A number: before the waiting loop if the two do not meet, else after it. */
static void emit_number(Emit *em, size_t var, Expr e) {
    Group *g = &em->group;
    find_reads(em, e);
    bool clash = g->read[var];
    for (size_t i = 0; i < em->b->vars; i++) clash |= em->read[i] && g->written[i];
    if (clash) group_flush(em);
    PlanStep *set = plan_step(em->plan, PLAN_SET);
    set->slot = em->b->var[var].slot;
    set->value = e;
}

static bool emit_value(Emit *em, size_t var, const Ast *tree, size_t line, bool start) {
    Expr e = lower_at(em->b, tree, line, start, em->b->diags);
    if (!e || !check_shape(em->b, e, em->b->var[var].rank, tree->span)) return false;
    if (em->b->var[var].rank) emit_vector(em, var, e);
    else emit_number(em, var, e);
    return true;
}

static void emit_gradient(Emit *em, const RuleLine *line) {
    group_flush(em);
    PlanStep *step = plan_step(em->plan, PLAN_GRADIENT);
    step->slot = em->b->var[line->target].slot;
    step->value = em->b->var[line->point].symbol;
}

/* ---- plans ---- */

static void add_slot(Emit *em, RuleVar *v, SlotKind kind) {
    v->symbol = plan_slot(em->plan, kind, v->rank, &em->n);
    v->slot = expr_payload(em->s, v->symbol);
    em->slots++;
}

/* The slots in the order that rule_internal.h gives. */
static void add_slots(Emit *em, bool start) {
    RuleBuild *b = em->b;
    static const struct {
        RuleVarKind var;
        SlotKind slot;
    } order[] = {{RULE_X, SLOT_STATE},      {RULE_F, SLOT_INPUT},     {RULE_T, SLOT_INPUT},
                 {RULE_OPTION, SLOT_INPUT}, {RULE_STATE, SLOT_STATE}, {RULE_LOCAL, SLOT_TEMP}};
    for (size_t o = 0; o < sizeof order / sizeof *order; o++)
        for (size_t i = 0; i < b->vars; i++)
            if (b->var[i].kind == order[o].var && !(start && order[o].var == RULE_LOCAL))
                add_slot(em, &b->var[i], order[o].slot);
}

static bool emit_all(Emit *em, bool start) {
    RuleBuild *b = em->b;
    for (size_t i = 0; start && i < b->vars; i++)
        if (b->var[i].kind == RULE_STATE && !emit_value(em, i, b->var[i].value, 0, true))
            return false;
    for (size_t i = 0; !start && i < b->lines; i++) {
        const RuleLine *line = &b->line[i];
        if (!line->value) emit_gradient(em, line);
        else if (!emit_value(em, line->target, line->value, i, false)) return false;
    }
    group_flush(em);
    return true;
}

static Program *compile(RuleBuild *b, bool start) {
    Defs *defs = rules_defs(b->rules);
    Store *s = defs_store(defs);
    symbols_of_ranks(b);
    Param g = {.name = names_intern_str(rules_names(b->rules), "g"),
               .rank = 1,
               .dim = {length_symbol(b, s), 0}};
    g.symbol = expr_symbol(s, EXPR_SYM, g.name, 1, g.dim);
    Plan plan;
    plan_init(&plan, b->arena, defs, 1, &g);
    Emit em = {
        .b = b, .s = s, .plan = &plan, .one = expr_int(s, 1), .n = g.dim[0], .k = expr_free(s, 0)};
    group_init(&em);
    add_slots(&em, start);
    Program *res = emit_all(&em, start) ? program_compile(&plan, b->diags, b->span) : NULL;
    if (b->rule->slots < em.slots) b->rule->slots = em.slots;
    return res;
}

bool rule_compile(RuleBuild *b) {
    Rule *r = b->rule;
    find_ranks(b);
    r->step = compile(b, false);
    if (!r->step) return false;
    r->state = mem_new(b->vars, sizeof *r->state);
    for (size_t i = 0; i < b->vars; i++)
        if (b->var[i].kind == RULE_STATE)
            r->state[r->states++] = (RuleState){b->var[i].slot, b->var[i].rank};
    if (!r->states) return true;
    r->start = compile(b, true);
    return r->start != NULL;
}
