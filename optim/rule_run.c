/* A rule with its options' values, bound to points of one length: the step function of a run. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/rule_internal.h"

struct RuleChoice {
    Rule *rule;
    RuleValue *value; /* by option; those of a default share the rule's program */
    bool *owned;      /* by option: given, not the default */
};

struct RuleRun {
    RuleChoice *choice;
    Workspace *start, *step;
    double **slot;      /* by slot; x is the run's */
    double *number;     /* f, t, then the options */
    double *states;     /* the states one after another */
    Workspace **moving; /* by option: NULL for constants */
    bool moves;         /* one of them is not NULL */
};

/* ---- choices ---- */

RuleChoice *rule_choose(const Rule *rule) {
    RuleChoice *c = mem_new(1, sizeof *c);
    Rule *r = (Rule *)rule; /* counted, not changed */
    r->uses++;
    c->rule = r;
    c->value = mem_new(r->options, sizeof *c->value);
    c->owned = mem_new(r->options, sizeof *c->owned);
    for (size_t i = 0; i < r->options; i++) c->value[i] = r->option[i].value;
    return c;
}

static void drop_value(RuleChoice *c, size_t i) {
    if (c->owned[i]) rule_value_done(&c->value[i]);
    c->owned[i] = true;
}

void rule_choice_free(RuleChoice *c) {
    if (!c) return;
    for (size_t i = 0; i < c->rule->options; i++) drop_value(c, i);
    rule_release(c->rule);
    free(c->value);
    free(c->owned);
    free(c);
}

static void say_unknown(const Rule *r, const Ast *option, const char *name, Diags *diags) {
    const char **names = mem_new(r->options, sizeof *names);
    Buf all;
    buf_init(&all);
    for (size_t i = 0; i < r->options; i++) {
        names[i] = rule_option_name(r, i);
        buf_printf(&all, "%s%s", i ? ", " : "", names[i]);
    }
    const char *near = names_nearest(name, strlen(name), names, r->options);
    const char *hint = near         ? arena_printf(diags->arena, "did you mean %s?", near)
                       : r->options ? arena_printf(diags->arena, "its options: %s", buf_str(&all))
                                    : NULL;
    diag_error(diags, option->name_span, hint, "%s has no option %s", rule_name(r), name);
    buf_done(&all);
    free(names);
}

bool rule_choice_read(RuleChoice *c, const Ast *option, Defs *session, Diags *diags) {
    Names *names = rules_names(c->rule->rules);
    const char *name = names_text(names, option->name);
    int at = rule_find_option(c->rule, name);
    if (at < 0) {
        say_unknown(c->rule, option, name, diags);
        return false;
    }
    RuleValue v;
    if (!rule_value_read(&v, option->kids[0], names_intern_str(names, "t"), session, diags)) {
        rule_value_done(&v);
        return false;
    }
    drop_value(c, (size_t)at);
    c->value[at] = v;
    return true;
}

bool rule_choice_set(RuleChoice *c, const char *name, double value) {
    int at = rule_find_option(c->rule, name);
    if (at < 0) return false;
    drop_value(c, (size_t)at);
    c->value[at] = (RuleValue){.number = value};
    return true;
}

double rule_choice_number(RuleChoice *c, const char *name) {
    int at = rule_find_option(c->rule, name);
    return at < 0 ? NAN : rule_value_at(&c->value[at], 1);
}

const Rule *rule_choice_rule(const RuleChoice *c) { return c->rule; }

/* ---- a bound rule ---- */

static void place_slots(RuleRun *r, size_t n) {
    const Rule *rule = r->choice->rule;
    size_t room = 0;
    for (size_t i = 0; i < rule->states; i++) room += rule->state[i].rank ? n : 1;
    r->slot = mem_new(rule->slots, sizeof *r->slot);
    r->number = mem_new(2 + rule->options, sizeof *r->number);
    r->states = mem_new(room, sizeof *r->states);
    r->slot[RULE_SLOT_F] = r->number;
    r->slot[RULE_SLOT_T] = r->number + 1;
    for (size_t i = 0; i < rule->options; i++) {
        r->slot[RULE_SLOT_OPTION + i] = r->number + 2 + i;
        r->number[2 + i] = r->choice->value[i].number;
    }
    room = 0;
    for (size_t i = 0; i < rule->states; i++) {
        r->slot[rule->state[i].slot] = r->states + room;
        room += rule->state[i].rank ? n : 1;
    }
}

RuleRun *rule_run_new(RuleChoice *choice, size_t n, const volatile int *interrupt, Buf *what) {
    const Rule *rule = choice->rule;
    RuleRun *r = mem_new(1, sizeof *r);
    const size_t dims[1][2] = {{n, 0}};
    RunStatus status = RUN_OK;
    r->choice = choice;
    r->moving = mem_new(rule->options, sizeof *r->moving);
    place_slots(r, n);
    Defs *defs = rules_defs(rule->rules);
    r->step = workspace_new(rule->step, defs, dims, 0, interrupt, &status, what);
    bool ok = r->step != NULL;
    if (ok && rule->start)
        ok = (r->start = workspace_new(rule->start, defs, dims, 0, interrupt, &status, what)) !=
             NULL;
    for (size_t i = 0; i < rule->options && ok; i++) {
        const RuleValue *v = &choice->value[i];
        r->moves |= v->program != NULL;
        if (v->program)
            ok = (r->moving[i] = workspace_new(v->program, v->defs, dims, 0, interrupt, &status,
                                               what)) != NULL;
    }
    if (ok) return r;
    rule_run_free(r);
    return NULL;
}

void rule_run_free(RuleRun *r) {
    if (!r) return;
    for (size_t i = 0; i < r->choice->rule->options; i++) workspace_free(r->moving[i]);
    workspace_free(r->start);
    workspace_free(r->step);
    free(r->moving);
    free(r->slot);
    free(r->number);
    free(r->states);
    free(r);
}

/* The options that depend on t, at this step. */
static RunStatus move_options(RuleRun *r) {
    const Rule *rule = r->choice->rule;
    RunStatus res = RUN_OK;
    for (size_t i = 0; i < rule->options && res == RUN_OK; i++)
        if (r->moving[i])
            res = program_run(r->choice->value[i].program, r->moving[i], r->number + 1,
                              r->slot + RULE_SLOT_OPTION + i);
    return res;
}

static RunStatus rule_step(void *context, RunStep *s) {
    RuleRun *r = context;
    const Rule *rule = r->choice->rule;
    r->slot[RULE_SLOT_X] = s->x;
    r->number[0] = s->f;
    r->number[1] = (double)s->t;
    RunStatus res = r->moves ? move_options(r) : RUN_OK;
    if (res != RUN_OK) return res;
    if (s->t == 1) {
        workspace_set_gradient(r->step, run_gradient_call, s->run);
        if (r->start) res = program_run(rule->start, r->start, s->g, r->slot);
        if (res != RUN_OK) return res;
    }
    return program_run(rule->step, r->step, s->g, r->slot);
}

Stepper rule_stepper(RuleRun *run) { return (Stepper){run, rule_step}; }

void rule_run_explain(const RuleRun *r, RunStatus status, Buf *out) {
    workspace_explain(r->step, status, out);
}
