/* Rules from their texts: reading, errors, options, and every rule on every problem. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/evaluator.h"
#include "expr/lower.h"
#include "optim/classify.h"
#include "optim/objective.h"
#include "optim/problems.h"
#include "optim/rule.h"
#include "optim/rule_source.h"
#include "optim/words.h"
#include "parser/parse.h"

typedef struct World {
    Names *names;
    Store *store;
    Defs *defs;
    Rules *rules;
    Arena arena;
    Diags diags;
    Scope scope;
    Source source;
} World;

static void world_init(World *w) {
    w->names = names_new();
    w->store = store_new(w->names);
    w->defs = defs_new(w->store);
    w->rules = rules_new(w->names);
    arena_init(&w->arena);
    diags_init(&w->diags, &w->arena);
    w->scope = rule_source_scope(w->names);
}

static void world_done(World *w) {
    rules_free(w->rules);
    defs_free(w->defs);
    store_free(w->store);
    names_free(w->names);
    arena_done(&w->arena);
}

static void show_diags(World *w) {
    Buf b;
    buf_init(&b);
    for (size_t i = 0; i < w->diags.count; i++) diag_draw(&b, &w->source, &w->diags.item[i]);
    print_error("%s", buf_str(&b));
    buf_done(&b);
}

static const Ast *read_one(World *w, const char *text) {
    w->source = (Source){.name = "test", .text = text, .len = strlen(text), .first_line = 1};
    Parse *p = parse_new(&w->arena, w->names, &w->scope, &w->source, &w->diags);
    Statement s = {0};
    const Ast *res = parse_next(p, &s) ? s.tree : NULL;
    parse_free(p);
    return res;
}

static Evaluator *function_of(World *w, const char *text, size_t n) {
    const Ast *tree = read_one(w, text);
    Def def;
    if (!tree || !lower_definition(w->defs, tree, text, strlen(text), &w->diags, &def)) show_diags(w);
    assert_non_null(tree);
    Def *f = defs_set_function(w->defs, &def);
    const size_t dims[6][2] = {{n, 0}};
    Evaluator *res = evaluator_new(w->defs, f->param_count, f->param, f->body, dims, NULL, &w->diags, span_of(0, 0));
    if (!res) show_diags(w);
    assert_non_null(res);
    return res;
}


static RuleChoice *choose(World *w, const char *name) {
    const Rule *rule = rules_find(w->rules, name);
    if (!rule) print_error("no rule %s\n", name);
    assert_non_null(rule);
    return rule_choose(rule);
}

static const Rule *define(World *w, const char *text) {
    const Ast *tree = read_one(w, text);
    const Rule *res = tree ? rules_define(w->rules, tree, &w->source, &w->diags) : NULL;
    return res;
}

/* One run, the result copied to x. */
typedef struct Ran {
    double x[PROBLEM_MOST];
    double f, norm;
    StopReason stop;
    uint64_t steps, f_evals, grad_evals;
    bool converged;
} Ran;

static Ran run_rule(Evaluator *e, RuleChoice *choice, const double *start, const RunSetup *base) {
    Ran res = {0};
    Buf what;
    buf_init(&what);
    size_t n = evaluator_points(e);
    RuleRun *rule = rule_run_new(choice, n, NULL, &what);
    if (!rule) print_error("%s\n", buf_str(&what));
    assert_non_null(rule);
    RunSetup set = *base;
    set.objective = objective_of(e);
    set.stepper = rule_stepper(rule);
    Run *r = run_new(&set, start);
    run_go(r);
    const RunResult *out = run_result(r);
    memcpy(res.x, out->x, n * sizeof(double));
    res.f = out->f;
    res.norm = out->grad_norm;
    res.stop = out->stop;
    res.steps = out->steps;
    res.f_evals = out->f_evals;
    res.grad_evals = out->grad_evals;
    res.converged = out->converged;
    run_free(r);
    rule_run_free(rule);
    buf_done(&what);
    return res;
}

static void test_shipped(void **state) {
    (void)state;
    World w;
    world_init(&w);
    static const char *const names[] = {"gd",   "momentum", "nesterov", "adagrad", "adadelta",
                                        "rmsprop", "adam",   "adamax",   "nadam",   "amsgrad"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const Rule *r = rules_find(w.rules, names[i]);
        if (!r) print_error("%s cannot be read\n", names[i]);
        assert_non_null(r);
        assert_true(rule_is_shipped(r));
        assert_string_equal(rule_name(r), names[i]);
        assert_true(*rule_summary(r) && *rule_citation(r));
        assert_true(0 <= rule_find_option(r, "lr") && rule_find_option(r, "lr") == rule_find_option(r, "alpha"));
    }
    assert_int_equal(rules_count(w.rules), 10);
    world_done(&w);
}

/* Rows of the published numbers, by the rules' own texts. */
typedef struct Option {
    const char *name;
    double value;
} Option;
static void test_rows(void **state) {
    (void)state;
    static const struct {
        int number;
        const char *problem, *rule;
        Option option[5];
        double start[2];
        uint64_t steps;
        double tol;
        uint64_t after;
        double x[2], within[2];
    } rows[] = {
        {1, "cubic", "gd", {{"lr", 0.01}}, {1}, 200, 1e-8, 176, {2.999999999256501}, {0}},
        {3, "beale", "gd", {{"lr", 5e-6}},
     {3, 4}, 300000, 1e-8, 300000, {2.70735828, 0.41689171}, {5e-9, 5e-9}},
        {4, "beale", "momentum", {{"lr", 5e-6}, {"momentum", 0.8}},
     {3, 4}, 300000, 1e-6, 300000, {2.96324633, 0.49067782}, {5e-9, 5e-9}},
        {5, "beale", "adagrad", {{"lr", 0.1}, {"eps", 1e-8}, {"init", 1}},
     {3, 4}, 300000, 1e-8, 300000, {-0.69240717, 1.76233766}, {5e-9, 5e-9}},
        {6, "beale", "adadelta", {{"lr", 1}, {"rho", 0.9}, {"eps", 1e-8}, {"init", 1}},
     {3, 4}, 300000, 1e-8, 300000, {2.9386002, 0.45044889}, {5e-9, 5e-9}},
        {7, "beale", "rmsprop", {{"lr", 5e-6}, {"beta", 0.99999999999}, {"eps", 1e-8}, {"init", 1}},
     {3, 4}, 300000, 0, 300000, {2.70162562, 0.41500366}, {5e-9, 5e-9}},
        {8, "beale", "rmsprop", {{"lr", 5e-6}, {"beta", 0.99999999999}, {"eps", 1e-8}, {"init", 1}},
     {3, 4}, 900000, 0, 900000, {2.9082809, 0.47616156}, {5e-9, 5e-9}},
        {9, "beale", "adam", {{"lr", 0.001}, {"beta1", 0.9}, {"beta2", 0.8}, {"eps", 1e-8}},
     {3, 4}, 100000, 0, 100000, {3, 0.5}, {1e-4, 1e-4}},
        {12, "bowl", "gd", {{"lr", 0.1}},
     {-2.4, 0.2}, 1000, 0, 1000, {-8.26638332e-06, 2.46046384e-98}, {5e-15, 5e-107}},
        {13, "bowl", "momentum", {{"lr", 0.1}, {"momentum", 0.8}},
     {-2.4, 0.2}, 1000, 1e-8, 177, {-1.49829905e-08, -4.74284398e-10}, {5e-17, 5e-19}},
        {21, "parabola", "gd", {{"lr", 0.1}}, {4}, 20, 0, 20, {1.0345876451382054}, {0}},
        {22, "double", "gd", {{"lr", 0.01}}, {1.6}, 20, 0, 20, {0.8915904162103719}, {0}},
        {23, "round", "gd", {{"lr", 0.1}},
     {-8, 6}, 20, 0, 20, {-0.09223372036854777, 0.06917529027641083}, {1e-16, 1e-16}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        World w;
        world_init(&w);
        const Problem *p = problem_list;
        while (strcmp(p->name, rows[i].problem) != 0) p++;
        Evaluator *e = function_of(&w, p->text, p->n);
        RuleChoice *c = choose(&w, rows[i].rule);
        for (size_t k = 0; k < 5 && rows[i].option[k].name; k++)
            assert_true(rule_choice_set(c, rows[i].option[k].name, rows[i].option[k].value));
        RunSetup set = run_defaults();
        set.steps = rows[i].steps;
        set.tol = rows[i].tol;
        Ran r = run_rule(e, c, rows[i].start, &set);
        for (size_t k = 0; k < p->n; k++) {
            bool good = fabs(r.x[k] - rows[i].x[k]) <= rows[i].within[k];
            if (!good) print_error("row %d: %.17g instead of %.17g\n", rows[i].number, r.x[k], rows[i].x[k]);
            assert_true(good);
        }
        assert_int_equal(r.steps, rows[i].after);
        rule_choice_free(c);
        evaluator_free(e);
        world_done(&w);
    }
}

/* Every rule on every problem: no crash, and a claim is never more than the truth. */
static void test_every_rule_on_every_problem(void **state) {
    (void)state;
    World w;
    world_init(&w);
    for (size_t p = 0; p < problem_count; p++) {
        const Problem *problem = &problem_list[p];
        Evaluator *e = function_of(&w, problem->text, problem->n);
        for (size_t i = 0; i < rules_count(w.rules); i++) {
            const char *name = rules_name(w.rules, i);
            RuleChoice *c = choose(&w, name);
            bool scaled = strncmp(name, "ad", 2) == 0 || strstr(name, "adam") || strstr(name, "grad") || strstr(name, "prop");
            rule_choice_set(c, "lr", strcmp(name, "adadelta") == 0 ? 1 : scaled ? 0.01 : problem->lr * (strcmp(name, "gd") ? 0.1 : 1));
            RunSetup set = run_defaults();
            set.steps = 3000;
            Ran r = run_rule(e, c, problem->start, &set);
            double f, g[PROBLEM_MOST], norm = 0, f_start;
            assert_int_equal(evaluator_gradient(e, r.x, &f, g), RUN_OK);
            assert_int_equal(evaluator_value(e, problem->start, &f_start), RUN_OK);
            for (size_t k = 0; k < problem->n; k++) norm = fmax(norm, fabs(g[k]));
            bool good = (r.stop != STOP_GRADIENT || norm < 1e-8) && r.converged == (r.stop == STOP_GRADIENT) &&
                        (f == r.f || isnan(f)) && r.stop != STOP_ERROR;
            good &= !(r.f < problem->least - 1e-9 * (1 + fabs(problem->least)));
            good &= r.f < f_start; /* the lr is one that comes down */
            if (!good || getenv("SHOW_RUNS"))
                print_message("%-10s %-10s %-9s %5zu steps, f %g -> %g, |g| %g\n", problem->name, name,
                              stop_name(r.stop), (size_t)r.steps, f_start, r.f, norm);
            assert_true(good);
            rule_choice_free(c);
        }
        evaluator_free(e);
    }
    world_done(&w);
}

static void test_wrong_rules(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
        uint32_t start;
    } wrong[] = {
        {"rule r(a=1) { x = x - a*q }", "q is not known in a rule", 24},
        {"rule r(a=1) { x = x - q(x) }", "q is not known in a rule", 22},
        {"rule r(a=q) { x = x - a*g }", "q is not known in an option's default", 9},
        {"rule r(a=1) { x = x - a*sum(i=1..n, g[j]) }", "j is not known in a rule", 38},
        {"rule r(a=1) { g = 3; x = a*x }", "g cannot be set", 14},
        {"rule r(a=1) { a = 3; x = a*x }", "a cannot be set: it is an option", 14},
        {"rule r(a=1) { y = a*x }", "never moves x", 5},
        {"rule r(a=1) { x = x - a*d; d = g }", "d has no value yet", 24},
        {"rule r(x=1) { x -= g }", "x is already the point", 7},
        {"rule r(a=1) { state v = 0, v = 1; x -= a*g }", "v is already a state", 27},
        {"rule r(a=1) { x = [1, 2] }", "as long as x", 18},
        {"rule r(a=1) { x -= a*norm(g, g) }", "norm", 21},
        {"rule r(a=[1,2]) { x -= a*g }", "an option of a rule is a number", 9},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        World w;
        world_init(&w);
        assert_null(define(&w, wrong[i].text));
        const Diag *d = w.diags.count ? &w.diags.item[w.diags.count - 1] : NULL;
        if (!d || !strstr(d->message, wrong[i].says) || d->span.start != wrong[i].start) show_diags(&w);
        assert_non_null(d);
        assert_non_null(strstr(d->message, wrong[i].says));
        assert_int_equal(d->span.start, wrong[i].start);
        world_done(&w);
    }
    World w;
    world_init(&w);
    assert_non_null(define(&w, "rule r(a=1, b=2) { x -= a*g }"));
    assert_int_equal(w.diags.count, 1);
    assert_int_equal(w.diags.item[0].severity, DIAG_WARNING);
    assert_non_null(strstr(w.diags.item[0].message, "b is never used"));
    world_done(&w);
}

/* A few steps of a rule against the same in C. */
static void check_steps(const char *text, uint64_t steps, const double *want) {
    World w;
    world_init(&w);
    const Rule *rule = define(&w, text);
    if (!rule) show_diags(&w);
    assert_non_null(rule);
    Evaluator *e = function_of(&w, "f(x[n]) = sum(i=1..n, i*x[i]^2)", 3);
    RuleChoice *c = rule_choose(rule);
    RunSetup set = run_defaults();
    set.steps = steps;
    Ran r = run_rule(e, c, (double[]){0.731, -2.385, 1.25}, &set);
    for (size_t k = 0; k < 3; k++) {
        if (r.x[k] != want[k]) print_error("%s: x[%zu] = %.17g instead of %.17g\n", text, k + 1, r.x[k], want[k]);
        assert_true(r.x[k] == want[k]);
    }
    rule_choice_free(c);
    evaluator_free(e);
    world_done(&w);
}

static void test_meaning(void **state) {
    (void)state;
    double x[3] = {0.731, -2.385, 1.25}, y[3], g[3];
    for (size_t k = 0; k < 3; k++) g[k] = (double)(k + 1) * (2 * x[k]);
    /* order of lines; x after an assignment is the new one, g stays that of the start */
    for (size_t k = 0; k < 3; k++) y[k] = (x[k] - 0.1 * g[k]) - 0.1 * g[k];
    check_steps("rule r(a=0.1) { x -= a*g; x -= a*g }", 1, y);
    /* all of x is read before x is written */
    double length = sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
    for (size_t k = 0; k < 3; k++) y[k] = x[k] / length;
    check_steps("rule r { x = x/norm(x) }", 1, y);
    for (size_t k = 0; k < 3; k++) y[k] = x[2 - k];
    check_steps("rule r { x = vec(i=1..n, x[n+1-i]) }", 1, y);
    /* a reduction of what was assigned before; a number between vectors */
    for (size_t k = 0; k < 3; k++) y[k] = 0.1 * g[k];
    double c = y[0] * x[0] + y[1] * x[1] + y[2] * x[2];
    for (size_t k = 0; k < 3; k++) y[k] = x[k] - c * y[k];
    check_steps("rule r(a=0.1) { d = a*g; c = dot(d, x); x -= c*d }", 1, y);
    /* a number as state, and t; choice element by element */
    for (size_t k = 0; k < 3; k++) y[k] = (0 < g[k] ? x[k] - 1 * 0.5 : x[k] + 1 * 0.5);
    check_steps("rule r(a=0.5) { state k = 0; k = k + t; x = if(g > 0, x - k*a, x + k*a) }", 1, y);
    /* an option that depends on t; a state becomes a vector by what it is given */
    double v[3] = {1, 1, 1}, z[3];
    for (size_t k = 0; k < 3; k++) z[k] = x[k];
    for (int t = 1; t <= 2; t++)
        for (size_t k = 0; k < 3; k++) {
            double gk = (double)(k + 1) * (2 * z[k]);
            v[k] = 0.5 * v[k] + gk;
            z[k] = z[k] - 0.01 / t * v[k];
        }
    check_steps("rule r(lr=0.01/t) { state v = 1; v = 0.5*v + g; x -= lr*v }", 2, z);
    /* a gradient elsewhere */
    for (size_t k = 0; k < 3; k++) {
        double p = x[k] - 0.1 * g[k], h = (double)(k + 1) * (2 * p);
        y[k] = x[k] - 0.1 * h;
    }
    check_steps("rule r(a=0.1) { x -= a*grad(x - a*g) }", 1, y);
}

static const Ast *option(World *w, const char *name, const char *value) {
    Ast *res = arena_alloc(&w->arena, sizeof *res);
    *res = (Ast){.kind = AST_OPTION, .name = names_intern_str(w->names, name), .count = 1};
    res->kids = arena_array(&w->arena, 1, sizeof *res->kids);
    res->kids[0] = parse_expression(&w->arena, w->names, &w->scope, value, strlen(value), &w->diags);
    assert_non_null(res->kids[0]);
    return res;
}

static void test_options(void **state) {
    (void)state;
    World w;
    world_init(&w);
    RuleChoice *c = choose(&w, "momentum");
    assert_true(rule_choice_read(c, option(&w, "eta", "0.1/4"), w.defs, &w.diags));
    assert_true(rule_choice_number(c, "lr") == 0.1 / 4);
    assert_true(rule_choice_read(c, option(&w, "mu", "1 - 1/(t+1)"), w.defs, &w.diags));
    assert_true(rule_choice_number(c, "momentum") == 0.5);
    assert_false(rule_choice_read(c, option(&w, "momntum", "1"), w.defs, &w.diags));
    assert_non_null(strstr(w.diags.item[0].hint, "momentum"));
    assert_false(rule_choice_set(c, "beta2", 1));
    rule_choice_free(c);
    /* a rule's own name goes before an alias */
    const Rule *rule = define(&w, "rule r(lr=1, eta=2) { x -= lr*eta*g }");
    assert_non_null(rule);
    assert_int_equal(rule_find_option(rule, "eta"), 1);
    assert_int_equal(rule_find_option(rule, "lr"), 0);
    assert_string_equal(rule_option_default(rule, 1), "2");
    c = rule_choose(rule);
    /* a choice keeps its rule while another takes its name */
    assert_non_null(define(&w, "rule r(a=1) { x -= a*g }"));
    assert_true(rule_choice_set(c, "eta", 3));
    rule_choice_free(c);
    /* an own rule may hide a shipped one, until it is taken back */
    assert_non_null(define(&w, "rule gd(a=1) { x -= a*g }"));
    assert_false(rule_is_shipped(rules_find(w.rules, "gd")));
    assert_int_equal(rules_count(w.rules), 11);
    rules_remove(w.rules, "gd");
    assert_true(rule_is_shipped(rules_find(w.rules, "gd")));
    world_done(&w);
}

static void test_counts(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Evaluator *e = function_of(&w, "f(x,y) = x^2 + 3*y^2", 1);
    RuleChoice *c = choose(&w, "nesterov");
    RunSetup set = run_defaults();
    set.steps = 7;
    Ran r = run_rule(e, c, (double[]){0.731, 2.385}, &set);
    assert_int_equal(r.grad_evals, 1 + 2 * 7);
    set.numeric = true;
    r = run_rule(e, c, (double[]){0.731, 2.385}, &set);
    assert_int_equal(r.f_evals, 8 * 5 + 7 * 4);
    rule_choice_free(c);
    evaluator_free(e);
    world_done(&w);
}

/* Descent that cannot rest at the best point is told by the curvature there. */
static void test_advice(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Evaluator *e = function_of(&w, problem_list[1].text, 1);
    RuleChoice *c = choose(&w, "gd");
    rule_choice_set(c, "lr", 0.05);
    Buf what;
    buf_init(&what);
    RuleRun *rule = rule_run_new(c, 2, NULL, &what);
    assert_non_null(rule);
    RunSetup set = run_defaults();
    set.objective = objective_of(e);
    set.stepper = rule_stepper(rule);
    set.steps = 5000;
    Run *r = run_new(&set, (double[]){1, 1});
    run_go(r);
    Classified at;
    classify_point(&at, e, run_result(r)->best_x, NULL, NULL, INFINITY);
    WordsAbout about = {.lr = 0.05, .plain = true, .at = &at};
    Words said;
    words_describe(&said, run_result(r), &about);
    assert_int_equal(said.kind, WORDS_BOUNCING);
    assert_int_equal(said.step, 202);
    assert_true(said.try_lr == 0.03);
    assert_non_null(strstr(buf_str(&said.advice), "descent cannot rest with lr > 0.0418; try lr=0.03"));
    words_done(&said);
    classified_done(&at);
    run_free(r);
    rule_run_free(rule);
    rule_choice_free(c);
    buf_done(&what);
    evaluator_free(e);
    world_done(&w);
}

static void test_classes(void **state) {
    (void)state;
    static const struct {
        const char *text;
        size_t n;
        double at[2];
        PointClass kind;
    } points[] = {
        {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 2, {3, 0.5}, CLASS_MINIMUM},
        {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 2, {0, 1}, CLASS_SADDLE},
        {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^2", 2, {1, 1}, CLASS_UNKNOWN},
        {"f(x) = x^3 - 3x^2 - 9x + 2", 1, {-1}, CLASS_MAXIMUM},
        {"f(x) = x^3 - 3x^2 - 9x + 2", 1, {2.9999999993}, CLASS_MINIMUM},
        {"f(x) = x^3", 1, {5e-5}, CLASS_FLAT},
        {"f(x) = x^4", 1, {1e-3}, CLASS_FLAT},
        {"f(x,y) = x^2 + 0*y", 2, {0, 0.731}, CLASS_FLAT},
        {"f(x,y) = (x-y)^2 + 1e-9*(x+y)^2", 2, {0, 0}, CLASS_MINIMUM},
        {"f(x) = log(x)", 1, {-1}, CLASS_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof points / sizeof *points; i++) {
        World w;
        world_init(&w);
        Evaluator *e = function_of(&w, points[i].text, 1);
        Classified c;
        classify_point(&c, e, points[i].at, NULL, NULL, 1e-7);
        if (c.kind != points[i].kind) print_error("%s: %s\n", points[i].text, class_name(c.kind));
        assert_int_equal(c.kind, points[i].kind);
        classified_done(&c);
        evaluator_free(e);
        world_done(&w);
    }
    World w;
    world_init(&w);
    Evaluator *e = function_of(&w, points[1].text, 1);
    Classified c;
    Buf b;
    buf_init(&b);
    classify_point(&c, e, points[1].at, NULL, NULL, 0);
    words_class(&b, &c, 2, false, 4);
    assert_non_null(strstr(buf_str(&b), "a saddle, curvatures -27.75 and 27.75: downhill along ("));
    assert_non_null(strstr(buf_str(&b), "0.7071"));
    buf_done(&b);
    classified_done(&c);
    evaluator_free(e);
    e = function_of(&w, "f(x,y) = x + y^2", 1);
    classify_point(&c, e, (double[]){2, 0}, (double[]){2, -1}, (double[]){3, 1}, 1e-8);
    assert_int_equal(c.kind, CLASS_MINIMUM);
    assert_int_equal(c.count, 1);
    assert_true(c.curvature[0] == 2 && fabs(c.downhill[1]) == 1);
    classified_done(&c);
    evaluator_free(e);
    world_done(&w);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shipped),     cmocka_unit_test(test_meaning), cmocka_unit_test(test_options),
        cmocka_unit_test(test_wrong_rules), cmocka_unit_test(test_counts),  cmocka_unit_test(test_rows),
        cmocka_unit_test(test_classes),     cmocka_unit_test(test_advice),
        cmocka_unit_test(test_every_rule_on_every_problem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
