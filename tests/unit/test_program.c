/* Programs: compiled expressions against plain recursive evaluation, bit for bit; the order of
 * reductions, faults, laziness, recursion, slots, batches, bounds, origins. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "eval/program_code.h"
#include "random_expr.h"

/* ---- a store with functions f, g and parameters x, y, v[n] ---- */
typedef struct World {
    Names *names;
    Store *s;
    Defs *d;
    Arena arena;
    Param x, y, v;
    Expr n;
} World;

static Param make_param(World *w, const char *name, int rank, Expr dim) {
    Param p = {.name = names_intern_str(w->names, name), .rank = rank, .dim = {dim, 0}};
    p.symbol = expr_symbol(w->s, EXPR_SYM, p.name, rank, p.dim);
    return p;
}

static void world_init(World *w) {
    *w = (World){.names = names_new()};
    w->s = store_new(w->names);
    w->d = defs_new(w->s);
    arena_init(&w->arena);
    w->n = expr_symbol(w->s, EXPR_SYM, names_intern_str(w->names, "n"), 0, NULL);
    w->x = make_param(w, "x", 0, 0);
    w->y = make_param(w, "y", 0, 0);
    w->v = make_param(w, "v", 1, w->n);
}

static void world_done(World *w) {
    arena_done(&w->arena);
    defs_free(w->d);
    store_free(w->s);
    names_free(w->names);
}

static Expr num(World *w, double v) { return expr_from_double(w->s, v); }
static Expr op2(World *w, ExprOp op, Expr a, Expr b) { return expr_binary(w->s, op, a, b); }
static Expr at(World *w, Expr array, Expr i) { return expr_binary(w->s, EXPR_ELEM, array, i); }
static Expr fn1(World *w, FunctionId f, Expr a) { return expr_fn(w->s, f, 1, &a); }
static Expr idx(World *w, unsigned k) { return expr_free(w->s, k); }

/* One run of `plan`'s program; the program's text on request. */
typedef struct Ran {
    Program *p;
    Workspace *w;
    RunStatus status;
    Buf what;
} Ran;

static Ran bind(Plan *plan, const size_t (*dims)[2]) {
    Ran r = {0};
    buf_init(&r.what);
    Diags diags;
    diags_init(&diags, plan->arena);
    r.p = program_compile(plan, &diags, span_of(0, 0));
    if (!r.p)
        fail_msg("%s", diags.count ? diags.item[0].message : "no program");
    r.w = workspace_new(r.p, plan->defs, dims, 0, NULL, &r.status, &r.what);
    return r;
}

static void unbind(Ran *r) {
    workspace_free(r->w);
    program_free(r->p);
    buf_done(&r->what);
}

/* The value of e in x, y, v[n] at a point. */
static RunStatus value_of(World *w, Expr e, size_t n, const double *point, double *value, Buf *why) {
    Param param[] = {w->x, w->y, w->v};
    const size_t dims[3][2] = {{0, 0}, {0, 0}, {n, 0}};
    Plan plan;
    plan_init(&plan, &w->arena, w->d, 3, param);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), e);
    Ran r = bind(&plan, dims);
    assert_int_equal(r.status, RUN_OK);
    double *slots[] = {value};
    RunStatus status = program_run(r.p, r.w, point, slots);
    if (status != RUN_OK && why)
        workspace_explain(r.w, status, why);
    unbind(&r);
    return status;
}

static void assert_same(double got, double want) {
    if (memcmp(&got, &want, sizeof got) != 0 && !(isnan(got) && isnan(want)))
        fail_msg("got %.17g, want %.17g", got, want);
}

/* ---- tests ---- */
static void test_random(void **state) {
    (void)state;
    RandomExpr r;
    random_init(&r, 20260731);
    Arena arena;
    arena_init(&arena);
    const size_t dims[4][2] = {{0, 0}, {0, 0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};
    for (int i = 0; i < 600; i++) {
        Expr e = random_make(&r);
        double want = plain(&r, e), got = NAN, *slots[] = {&got};
        Plan plan;
        plan_init(&plan, &arena, r.d, RANDOM_PARAMS, r.param);
        plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), e);
        Ran run = bind(&plan, dims);
        assert_int_equal(run.status, RUN_OK);
        assert_int_equal(program_run(run.p, run.w, r.point, slots), RUN_OK);
        assert_same(got, want);
        unbind(&run);
        arena_reset(&arena);
    }
    arena_done(&arena);
    random_done(&r);
}

static double tree(double *lane) {
    for (int half = 8; half; half /= 2)
        for (int i = 0; i < half; i++)
            lane[i] += lane[i + half];
    return lane[0];
}

/* The order of sums, written plainly. */
static double ordered_sum(const double *t, size_t n) {
    double block[64], s = -0.0;
    size_t blocks = 0;
    if (n == 0)
        return 0;
    if (n < 32) {
        for (size_t i = 0; i < n; i++)
            s += t[i];
        return s;
    }
    for (size_t b = 0; b * 4096 < n; b++) {
        double lane[16];
        for (int i = 0; i < 16; i++)
            lane[i] = -0.0;
        for (size_t i = 0; i < 4096 && b * 4096 + i < n; i++)
            lane[i % 16] += t[b * 4096 + i];
        block[blocks++] = tree(lane);
    }
    /* full blocks as a binary counter; here at most 4 */
    if (blocks == 1) return block[0];
    if (blocks == 2) return block[0] + block[1];
    if (blocks == 3) return (block[0] + block[1]) + block[2];
    return (block[0] + block[1]) + (block[2] + block[3]);
}

static void test_sums(void **state) {
    (void)state;
    World w;
    world_init(&w);
    static const size_t sizes[] = {0, 1, 31, 32, 33, 100, 4095, 4096, 4097, 5000, 8192, 12288, 16384};
    double *point = malloc(20000 * sizeof *point), *term = malloc(20000 * sizeof *term);
    for (size_t i = 0; i < 20000; i++)
        point[i] = sin((double)i * 0.731) * exp(cos((double)i * 2.385) * 9);
    Expr vi = at(&w, w.v.symbol, idx(&w, 0));
    Expr e = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), w.n, op2(&w, EXPR_MUL, vi, w.x.symbol));
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        size_t n = sizes[k];
        double got = NAN;
        for (size_t i = 0; i < n; i++)
            term[i] = point[2 + i] * point[0];
        assert_int_equal(value_of(&w, e, n, point, &got, NULL), RUN_OK);
        assert_same(got, ordered_sum(term, n));
    }
    free(point);
    free(term);
    world_done(&w);
}

static void test_best(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Expr vi = at(&w, w.v.symbol, idx(&w, 0)), one = num(&w, 1);
    double point[] = {0, 0, 2.385, -0.731, 7, 7, -0.731}, got = 0;
    static const ExprOp ops[] = {EXPR_MAX, EXPR_MIN, EXPR_ARGMAX, EXPR_ARGMIN};
    static const double want[] = {7, -0.731, 3, 2};
    for (int i = 0; i < 4; i++) {
        Expr e = expr_loop(w.s, ops[i], 0, one, w.n, vi);
        assert_int_equal(value_of(&w, e, 5, point, &got, NULL), RUN_OK);
        assert_same(got, want[i]);
        assert_int_equal(value_of(&w, e, 0, point, &got, NULL), RUN_EMPTY);
    }
    point[4] = NAN;
    assert_int_equal(value_of(&w, expr_loop(w.s, EXPR_MAX, 0, one, w.n, vi), 5, point, &got, NULL), RUN_OK);
    assert_true(isnan(got));
    world_done(&w);
}

static void test_index(void **state) {
    (void)state;
    World w;
    world_init(&w);
    double point[] = {2.5, 4, 1, 2, 3}, got = 0;
    Buf why;
    buf_init(&why);
    Expr vx = at(&w, w.v.symbol, w.x.symbol), vy = at(&w, w.v.symbol, w.y.symbol);
    assert_int_equal(value_of(&w, vx, 3, point, &got, &why), RUN_INDEX);
    assert_string_equal(buf_str(&why), "index 2.5 is not a whole number in v[x] at x=2.5");
    buf_clear(&why);
    assert_int_equal(value_of(&w, vy, 3, point, &got, &why), RUN_INDEX);
    assert_string_equal(buf_str(&why), "index 4 is outside 1..3 in v[y] at y=4");
    buf_clear(&why);
    Expr next = at(&w, w.v.symbol, op2(&w, EXPR_ADD, idx(&w, 0), num(&w, 1)));
    Expr sum = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), w.n, next);
    assert_int_equal(value_of(&w, sum, 3, point, &got, &why), RUN_INDEX);
    assert_string_equal(buf_str(&why), "index 4 is outside 1..3 in v[i + 1] at i=3");
    buf_done(&why);
    /* the arm not taken is not looked at, used twice or not */
    Expr c = expr_rel(w.s, REL_LT, w.y.symbol, num(&w, 3));
    Expr guarded = expr_if(w.s, c, vy, num(&w, 0.731));
    assert_int_equal(value_of(&w, guarded, 3, point, &got, NULL), RUN_OK);
    assert_same(got, 0.731);
    Expr twice = op2(&w, EXPR_ADD, guarded, expr_if(w.s, c, op2(&w, EXPR_MUL, vy, vy), w.x.symbol));
    assert_int_equal(value_of(&w, twice, 3, point, &got, NULL), RUN_OK);
    assert_same(got, 0.731 + 2.5);
    Expr both = expr_if(w.s, expr_rel(w.s, REL_LT, w.x.symbol, num(&w, 3)), vy, op2(&w, EXPR_ADD, vy, vy));
    assert_int_equal(value_of(&w, both, 3, point, &got, NULL), RUN_INDEX);
    Expr and = op2(&w, EXPR_AND, c, expr_rel(w.s, REL_LT, vy, num(&w, 3)));
    assert_int_equal(value_of(&w, and, 3, point, &got, NULL), RUN_OK);
    assert_same(got, 0);
    Expr loop = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), num(&w, 0), vy); /* no turn: nothing read */
    assert_int_equal(value_of(&w, loop, 3, point, &got, NULL), RUN_OK);
    assert_same(got, 0);
    world_done(&w);
}

/* f(x,y) = if(x < 1, y, x*f(x-1, y)): a recursive function. */
static void define_recursive(World *w, Name *name) {
    *name = names_intern_str(w->names, "f");
    Param *param = malloc(2 * sizeof *param);
    param[0] = w->x;
    param[1] = w->y;
    FnId f = defs_fn(w->d, *name, 0, NULL);
    Expr args[] = {op2(w, EXPR_SUB, w->x.symbol, num(w, 1)), w->y.symbol};
    Expr call = expr_make(w->s, EXPR_CALL, f, 2, args);
    Expr body = expr_if(w->s, expr_rel(w->s, REL_LT, w->x.symbol, num(w, 1)), w->y.symbol,
                        op2(w, EXPR_MUL, w->x.symbol, call));
    Def def = {.name = *name, .param_count = 2, .param = param, .body = body, .text = strdup("f"), .recursive = true};
    defs_set_function(w->d, &def);
}

static void test_recursion(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Name name;
    define_recursive(&w, &name);
    FnId f = defs_fn(w.d, name, 0, NULL);
    Expr args[] = {w.x.symbol, w.y.symbol};
    Expr e = expr_make(w.s, EXPR_CALL, f, 2, args);
    double point[] = {5, 0.731}, got = 0;
    assert_int_equal(value_of(&w, e, 0, point, &got, NULL), RUN_OK);
    assert_same(got, 5 * (4 * (3 * (2 * (1 * 0.731)))));
    point[0] = 9000;
    assert_int_equal(value_of(&w, e, 0, point, &got, NULL), RUN_OK);
    point[0] = 20000;
    assert_int_equal(value_of(&w, e, 0, point, &got, NULL), RUN_DEPTH);
    world_done(&w);
}

static void test_slots(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Param param[] = {w.x};
    Plan plan;
    plan_init(&plan, &w.arena, w.d, 1, param);
    Expr s = plan_slot(&plan, SLOT_STATE, 0, NULL), out = plan_slot(&plan, SLOT_OUTPUT, 0, NULL);
    Expr e = op2(&w, EXPR_ADD, s, w.x.symbol);
    PlanStep *step = plan_step(&plan, PLAN_ADD); /* out += s + x; s = s + x; out += s + x: s is read anew */
    step->slot = expr_payload(w.s, out);
    step->value = e;
    plan_store(&plan, s, e);
    step = plan_step(&plan, PLAN_ADD);
    step->slot = expr_payload(w.s, out);
    step->value = e;
    const size_t dims[1][2] = {{0, 0}};
    Ran r = bind(&plan, dims);
    double x = 0.5, sv = 2, o = 99, *slots[] = {&sv, &o};
    assert_int_equal(program_run(r.p, r.w, &x, slots), RUN_OK);
    assert_same(sv, 2.5);
    assert_same(o, 2.5 + 3);
    unbind(&r);
    world_done(&w);
}

static void test_batch(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Param param[] = {w.x, w.y};
    Plan plan;
    plan_init(&plan, &w.arena, w.d, 2, param);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), op2(&w, EXPR_POW, w.x.symbol, w.y.symbol));
    const size_t dims[2][2] = {{0, 0}, {0, 0}};
    Ran r = bind(&plan, dims);
    double points[] = {2, 0.731, 2.385, 3, 0.5, 2}, got[3], *slots[] = {got};
    assert_int_equal(program_run_batch(r.p, r.w, 3, points, slots), RUN_OK);
    for (int i = 0; i < 3; i++)
        assert_same(got[i], pow(points[2 * i], points[2 * i + 1]));
    workspace_count(r.w, true);
    program_run_batch(r.p, r.w, 3, points, slots);
    assert_int_equal(workspace_operations(r.w), 3);
    unbind(&r);
    world_done(&w);
}

/* x + x + ... deep to the left, and choices deep to the right. */
static void test_depth(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Expr e = w.x.symbol, c = w.y.symbol;
    for (int i = 0; i < 200000; i++)
        e = op2(&w, EXPR_ADD, e, w.x.symbol);
    for (int i = 0; i < 3000; i++)
        c = expr_if(w.s, expr_rel(w.s, REL_LT, w.x.symbol, num(&w, i)), num(&w, i), c);
    double point[] = {0.731, 2.385}, got = 0, want = 0.731;
    for (int i = 0; i < 200000; i++)
        want += 0.731;
    assert_int_equal(value_of(&w, e, 0, point, &got, NULL), RUN_OK);
    assert_same(got, want);
    assert_int_equal(value_of(&w, c, 0, point, &got, NULL), RUN_OK);
    assert_same(got, 2999);
    world_done(&w);
}

/* ---- bounds ---- */
/* e with error bounds: value and bound. */
static void bounds_of(World *w, Expr e, size_t n, const double *point, double *value, double *bound, Buf *origin) {
    Param param[] = {w->x, w->y, w->v};
    const size_t dims[3][2] = {{0, 0}, {0, 0}, {n, 0}};
    Plan plan;
    plan_init(&plan, &w->arena, w->d, 3, param);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), e);
    Ran r = bind(&plan, dims);
    double *slots[] = {value}, *bounds[] = {bound};
    assert_int_equal(program_run_bounds(r.p, r.w, point, NULL, slots, bounds), RUN_OK);
    if (origin && !program_find_origin(r.p, r.w, point, slots, origin))
        buf_text(origin, "finite");
    unbind(&r);
}

/* ---- arrays ---- */
static void test_arrays(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Expr one = num(&w, 1), i = idx(&w, 0), j = idx(&w, 1), v = w.v.symbol, got_matrix;
    double point[] = {3, 2, 2.385, -0.731, 4, 0.5}, got = 0;
    size_t n = 4;
    /* a list at a computed index */
    Expr items[] = {num(&w, 10), w.y.symbol, num(&w, 30)};
    Expr list = expr_make(w.s, EXPR_LIST, 0, 3, items);
    assert_int_equal(value_of(&w, at(&w, list, w.x.symbol), n, point, &got, NULL), RUN_OK);
    assert_same(got, 30);
    /* products before and after: sum of prefix[i]*suffix[i] */
    Expr prefix = expr_unary(w.s, EXPR_PREFIX, v), suffix = expr_unary(w.s, EXPR_SUFFIX, v);
    Expr sum = expr_loop(w.s, EXPR_SUM, 0, one, w.n, op2(&w, EXPR_MUL, at(&w, prefix, i), at(&w, suffix, i)));
    assert_int_equal(value_of(&w, sum, n, point, &got, NULL), RUN_OK);
    double a = 2.385, b = -0.731, c = 4, d = 0.5;
    assert_same(got, 1 * (1 * d * c * b) + a * (1 * d * c) + a * b * (1 * d) + a * b * c * 1);
    /* a matrix by formula, looked at transposed; rows of a list of rows */
    Expr row = expr_loop(w.s, EXPR_VEC, 1, one, w.n, op2(&w, EXPR_SUB, op2(&w, EXPR_MUL, i, num(&w, 10)), j));
    got_matrix = expr_loop(w.s, EXPR_VEC, 0, one, num(&w, 3), row);
    Expr element = at(&w, at(&w, got_matrix, w.y.symbol), w.x.symbol);
    assert_int_equal(value_of(&w, element, n, point, &got, NULL), RUN_OK);
    assert_same(got, 2 * 10 - 3);
    Expr rows[] = {v, expr_loop(w.s, EXPR_VEC, 0, num(&w, 0), op2(&w, EXPR_SUB, w.n, one), i)};
    Expr table = expr_make(w.s, EXPR_LIST, 0, 2, rows);
    Expr r2 = at(&w, at(&w, table, w.y.symbol), w.x.symbol);
    assert_int_equal(value_of(&w, r2, n, point, &got, NULL), RUN_OK);
    assert_same(got, 2);
    world_done(&w);
}

/* g(v[n], x) = if(x < 1, 0, v[x] + g(v, x-1)): arrays go by reference; h(v[n]) = vec(i=1..n, v[i]^2). */
static void test_calls_with_arrays(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Name g = names_intern_str(w.names, "g"), h = names_intern_str(w.names, "h");
    Expr x = w.x.symbol, v = w.v.symbol, one = num(&w, 1);
    FnId gid = defs_fn(w.d, g, 0, NULL), hid = defs_fn(w.d, h, 0, NULL);
    Expr args[] = {v, op2(&w, EXPR_SUB, x, one)};
    Param *gp = malloc(2 * sizeof *gp), *hp = malloc(sizeof *hp);
    gp[0] = w.v;
    gp[1] = w.x;
    hp[0] = w.v;
    Expr self = expr_make(w.s, EXPR_CALL, gid, 2, args);
    Expr body = expr_if(w.s, expr_rel(w.s, REL_LT, x, one), num(&w, 0), op2(&w, EXPR_ADD, at(&w, v, x), self));
    Def gdef = {.name = g, .param_count = 2, .param = gp, .body = body, .text = strdup("g"), .recursive = true};
    defs_set_function(w.d, &gdef);
    Expr vi = at(&w, v, idx(&w, 0));
    Def hdef = {.name = h, .param_count = 1, .param = hp, .text = strdup("h"), .recursive = true,
                .body = expr_loop(w.s, EXPR_VEC, 0, one, w.n, op2(&w, EXPR_POW, vi, num(&w, 2)))};
    defs_set_function(w.d, &hdef);
    Expr squares = expr_make(w.s, EXPR_CALL, hid, 1, &v);
    Expr outer[] = {squares, x};
    double point[] = {3, 0, 2.385, -0.731, 4, 0.5}, got = 0, bound = 0;
    Expr e = expr_make(w.s, EXPR_CALL, gid, 2, outer);
    assert_int_equal(value_of(&w, e, 4, point, &got, NULL), RUN_OK);
    assert_same(got, 4.0 * 4 + (0.731 * 0.731 + (2.385 * 2.385 + 0)));
    bounds_of(&w, e, 4, point, &got, &bound, NULL);
    assert_same(got, 4.0 * 4 + (0.731 * 0.731 + (2.385 * 2.385 + 0)));
    assert_true(0 < bound && bound < 1e-13);
    point[0] = 5;
    assert_int_equal(value_of(&w, e, 4, point, &got, NULL), RUN_INDEX);
    world_done(&w);
}

static RunStatus triple(void *context, const double *x, double *out) {
    for (size_t i = 0; i < *(size_t *)context; i++)
        out[i] = 3 * x[i];
    return RUN_OK;
}

/* Steps: a loop writes p, the gradient at p is asked for, a WHEN writes the result. */
static void test_steps(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Param param[] = {w.v};
    size_t n = 3;
    const size_t dims[1][2] = {{3, 0}};
    Plan plan;
    plan_init(&plan, &w.arena, w.d, 1, param);
    Expr p = plan_slot(&plan, SLOT_TEMP, 1, &w.n), g = plan_slot(&plan, SLOT_TEMP, 1, &w.n);
    Expr out = plan_slot(&plan, SLOT_OUTPUT, 1, &w.n), total = plan_slot(&plan, SLOT_OUTPUT, 0, NULL);
    Expr i = idx(&w, 0), vi = at(&w, w.v.symbol, i);
    plan_store(&plan, p, expr_loop(w.s, EXPR_VEC, 0, num(&w, 1), w.n, op2(&w, EXPR_ADD, vi, num(&w, 1))));
    PlanStep *step = plan_step(&plan, PLAN_GRADIENT);
    step->slot = expr_payload(w.s, g);
    step->value = p;
    Expr sum = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), w.n, at(&w, g, i));
    PlanStep *reduce = plan_step(&plan, PLAN_REDUCE);
    reduce->value = sum;
    reduce->index_number = 5;
    PlanStep **outer = plan_enter(&plan, reduce);
    PlanStep *when = plan_step(&plan, PLAN_WHEN);
    when->value = expr_rel(w.s, REL_LT, num(&w, 0), at(&w, w.v.symbol, idx(&w, 5)));
    PlanStep **inner = plan_enter(&plan, when);
    step = plan_step(&plan, PLAN_ADD);
    step->slot = expr_payload(w.s, out);
    step->index[0] = idx(&w, 5);
    step->value = at(&w, g, idx(&w, 5));
    plan_leave(&plan, inner);
    plan_leave(&plan, outer);
    plan_store(&plan, total, op2(&w, EXPR_MUL, sum, num(&w, 2)));
    Ran r = bind(&plan, dims);
    double x[] = {0.5, -0.731, 2}, o[3], t, *slots[] = {NULL, NULL, o, &t};
    assert_int_equal(program_run(r.p, r.w, x, slots), RUN_SIZE); /* nobody to ask */
    workspace_set_gradient(r.w, triple, &n);
    for (int k = 0; k < 2; k++) {
        assert_int_equal(program_run(r.p, r.w, x, slots), RUN_OK);
        assert_same(o[0], 3 * 1.5);
        assert_same(o[1], 0);
        assert_same(o[2], 9);
        assert_same(t, (3 * 1.5 + 3 * (-0.731 + 1) + 9) * 2);
    }
    Buf text;
    buf_init(&text);
    program_dump(r.p, &text);
    assert_non_null(strstr(buf_str(&text), "GRAD"));
    assert_null(strstr(strstr(buf_str(&text), "GRAD"), "LOAD1C")); /* all indices proved inside */
    buf_done(&text);
    unbind(&r);
    world_done(&w);
}

/* Loops of few rounds are written out for the plain interpreter, which gives the same bits as the one
 * that counts and keeps them: a loop over elements, one that uses the index as a number, one inside a
 * choice, and jumps over all of them. */
static void test_short_loops(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Param param[] = {w.v};
    for (size_t n = 1; n <= 6; n++) {
        const size_t dims[1][2] = {{n, 0}};
        Plan plan;
        plan_init(&plan, &w.arena, w.d, 1, param);
        Expr a = plan_slot(&plan, SLOT_STATE, 1, &w.n), b = plan_slot(&plan, SLOT_OUTPUT, 1, &w.n);
        Expr c = plan_slot(&plan, SLOT_OUTPUT, 1, &w.n);
        Expr i = idx(&w, 0), vi = at(&w, w.v.symbol, i), first = at(&w, w.v.symbol, num(&w, 1));
        Expr moved = op2(&w, EXPR_SUB, at(&w, a, i), op2(&w, EXPR_MUL, vi, fn1(&w, FUNCTION_exp, first)));
        plan_store(&plan, a, expr_loop(w.s, EXPR_VEC, 0, num(&w, 1), w.n, moved));
        plan_store(&plan, b, expr_loop(w.s, EXPR_VEC, 0, num(&w, 1), w.n, op2(&w, EXPR_MUL, i, at(&w, a, i))));
        PlanStep *when = plan_step(&plan, PLAN_WHEN);
        when->value = expr_rel(w.s, REL_LT, num(&w, 0), first);
        PlanStep **outer = plan_enter(&plan, when);
        PlanStep *loop = plan_step(&plan, PLAN_FOR);
        loop->lo = num(&w, 1);
        loop->hi = w.n;
        loop->index_number = 3;
        PlanStep **inner = plan_enter(&plan, loop);
        PlanStep *add = plan_step(&plan, PLAN_ADD);
        add->slot = expr_payload(w.s, c);
        add->index[0] = idx(&w, 3);
        add->value = fn1(&w, FUNCTION_sin, at(&w, b, idx(&w, 3)));
        plan_leave(&plan, inner);
        plan_leave(&plan, outer);
        Ran r = bind(&plan, dims);
        assert_int_equal(r.w->plain.sub != r.w->main.sub, n <= 4);
        for (int sign = -1; sign <= 1; sign += 2) {
            double x[] = {0.3 * sign, 0.7, -1.1, 2.3, 0.01, -5}, plain[3][6], counted[3][6];
            for (size_t k = 0; k < 6; k++) plain[0][k] = counted[0][k] = 0.1 * (double)k - 0.25;
            assert_int_equal(program_run(r.p, r.w, x, (double *[]){plain[0], plain[1], plain[2]}), RUN_OK);
            workspace_count(r.w, true);
            assert_int_equal(program_run(r.p, r.w, x, (double *[]){counted[0], counted[1], counted[2]}), RUN_OK);
            workspace_count(r.w, false);
            for (size_t k = 0; k < n; k++) {
                double want = (0.1 * (double)k - 0.25) - x[k] * exp(x[0]);
                assert_same(plain[0][k], want);
                assert_same(plain[1][k], (double)(k + 1) * want);
                assert_same(plain[2][k], 0 < x[0] ? sin((double)(k + 1) * want) : 0);
                for (int row = 0; row < 3; row++) assert_same(counted[row][k], plain[row][k]);
            }
        }
        unbind(&r);
    }
    world_done(&w);
}

static void test_limits(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Param param[] = {w.v, w.x};
    Plan plan;
    plan_init(&plan, &w.arena, w.d, 2, param);
    Expr i = idx(&w, 0), big = num(&w, 1e8);
    Expr term = op2(&w, EXPR_MUL, i, w.x.symbol);
    Expr forever = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), num(&w, 1e12), term);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), big, term));
    volatile int flag = 1;
    const size_t dims[2][2] = {{3, 0}, {0, 0}};
    Ran r = bind(&plan, dims);
    workspace_free(r.w);
    r.w = workspace_new(r.p, w.d, dims, 0, &flag, &r.status, &r.what);
    double x[] = {1, 2, 3, 0.731}, f, *slots[] = {&f};
    assert_int_equal(program_run(r.p, r.w, x, slots), RUN_INTERRUPT);
    unbind(&r);
    /* more rounds than the budget allows: refused before the first */
    plan_init(&plan, &w.arena, w.d, 2, param);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), forever);
    r = bind(&plan, dims);
    assert_int_equal(program_run(r.p, r.w, x, slots), RUN_ROUNDS);
    unbind(&r);
    plan_init(&plan, &w.arena, w.d, 2, param);
    Expr vec = expr_loop(w.s, EXPR_VEC, 0, num(&w, 1), big, i);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), at(&w, vec, w.x.symbol));
    r = bind(&plan, dims);
    workspace_free(r.w);
    r.w = workspace_new(r.p, w.d, dims, 1 << 20, NULL, &r.status, &r.what);
    assert_null(r.w);
    assert_int_equal(r.status, RUN_MEMORY);
    unbind(&r);
    /* two parameters that share n */
    Param pair[] = {w.v, make_param(&w, "u", 1, w.n)};
    plan_init(&plan, &w.arena, w.d, 2, pair);
    plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), w.n);
    const size_t unequal[2][2] = {{3, 0}, {4, 0}};
    r = bind(&plan, unequal);
    assert_null(r.w);
    assert_int_equal(r.status, RUN_SIZE);
    assert_string_equal(buf_str(&r.what), "u has length 4 where 3 is needed");
    unbind(&r);
    world_done(&w);
}

static void test_bounds(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Expr x = w.x.symbol, y = w.y.symbol;
    double point[1002] = {1.0 / 3, 1e-9}, value = 0, bound = 0;
    /* (1 + y) - 1: heavy cancellation, the bound tells */
    Expr e = op2(&w, EXPR_SUB, op2(&w, EXPR_ADD, num(&w, 1), y), num(&w, 1));
    bounds_of(&w, e, 0, point, &value, &bound, NULL);
    assert_true(fabs(value - 1e-9) <= bound && bound < 1e-15);
    /* sums against long double */
    long double exact = 0;
    for (int i = 0; i < 1000; i++) {
        point[2 + i] = sin(i * 0.731) * 1e3;
        exact += expl((long double)point[2 + i] / 700) * (long double)point[0];
    }
    Expr term = fn1(&w, FUNCTION_exp, op2(&w, EXPR_DIV, at(&w, w.v.symbol, idx(&w, 0)), num(&w, 700)));
    e = expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), w.n, op2(&w, EXPR_MUL, term, x));
    bounds_of(&w, e, 1000, point, &value, &bound, NULL);
    assert_true(fabsl((long double)value - exact) <= bound && bound < 1e-9);
    /* whole numbers are exact and comparisons of them certain; a tie within the error is doubtful */
    Expr three = op2(&w, EXPR_ADD, num(&w, 1), num(&w, 2));
    e = expr_if(w.s, expr_rel(w.s, REL_EQ, three, num(&w, 3)), num(&w, 5), x);
    bounds_of(&w, e, 0, point, &value, &bound, NULL);
    assert_same(value, 5);
    assert_same(bound, 0);
    Expr one = op2(&w, EXPR_MUL, x, num(&w, 3));
    e = expr_if(w.s, expr_rel(w.s, REL_LE, op2(&w, EXPR_ADD, one, y), op2(&w, EXPR_ADD, y, one)), num(&w, 5), x);
    bounds_of(&w, e, 0, point, &value, &bound, NULL);
    assert_true(isinf(bound));
    world_done(&w);
}

static void check_origin(World *w, Expr e, const double *point, const char *want) {
    double value = 0, bound = 0;
    Buf out;
    buf_init(&out);
    bounds_of(w, e, 3, point, &value, &bound, &out);
    assert_string_equal(buf_str(&out), want);
    buf_done(&out);
}

static void test_origin(void **state) {
    (void)state;
    World w;
    world_init(&w);
    Expr x = w.x.symbol, y = w.y.symbol;
    double point[] = {1.5, 0, 2.385, -0.731, 4};
    Expr log_x = fn1(&w, FUNCTION_log, op2(&w, EXPR_SUB, x, num(&w, 2)));
    check_origin(&w, op2(&w, EXPR_MUL, log_x, y), point, "log(x - 2) has argument -0.5 at x=1.5");
    check_origin(&w, op2(&w, EXPR_DIV, x, y), point, "x/y divides 1.5 by 0 at x=1.5, y=0");
    Expr root = fn1(&w, FUNCTION_sqrt, at(&w, w.v.symbol, idx(&w, 0)));
    check_origin(&w, expr_loop(w.s, EXPR_SUM, 0, num(&w, 1), w.n, root), point,
                 "sqrt(v[i]) has argument -0.731 at i=2");
    check_origin(&w, op2(&w, EXPR_MUL, x, num(&w, 2)), point, "finite");
    world_done(&w);
}

/* Random expressions: values shadowed are the same values. */
static void test_shadows(void **state) {
    (void)state;
    RandomExpr r;
    random_init(&r, 731);
    Arena arena;
    arena_init(&arena);
    const size_t dims[4][2] = {{0, 0}, {0, 0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};
    for (int i = 0; i < 200; i++) {
        Expr e = random_make(&r);
        double want = NAN, got = NAN, bound = NAN, *slots[] = {&want}, *again[] = {&got}, *bounds[] = {&bound};
        Plan plan;
        plan_init(&plan, &arena, r.d, RANDOM_PARAMS, r.param);
        plan_store(&plan, plan_slot(&plan, SLOT_OUTPUT, 0, NULL), e);
        Ran run = bind(&plan, dims);
        Buf out;
        buf_init(&out);
        assert_int_equal(program_run(run.p, run.w, r.point, slots), RUN_OK);
        assert_int_equal(program_run_bounds(run.p, run.w, r.point, NULL, again, bounds), RUN_OK);
        assert_same(got, want);
        assert_true(0 <= bound);
        assert_int_equal(program_find_origin(run.p, run.w, r.point, again, &out), !isfinite(want));
        assert_same(got, want);
        buf_clear(&out);
        program_dump(run.p, &out);
        assert_true(0 < out.len);
        buf_done(&out);
        unbind(&run);
        arena_reset(&arena);
    }
    arena_done(&arena);
    random_done(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random),    cmocka_unit_test(test_sums),  cmocka_unit_test(test_best),
        cmocka_unit_test(test_index),     cmocka_unit_test(test_slots), cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_batch),     cmocka_unit_test(test_depth), cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_origin),    cmocka_unit_test(test_shadows), cmocka_unit_test(test_arrays),
        cmocka_unit_test(test_calls_with_arrays), cmocka_unit_test(test_steps), cmocka_unit_test(test_limits),
        cmocka_unit_test(test_short_loops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
