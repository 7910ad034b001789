/* Error bounds by both executors, with the processor's fused multiply-add and without: the same bits. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "eval/evaluator_parts.h"
#include "eval/interp_shadow.h"
#include "tests/unit/random_expr.h"

typedef RunStatus (*Executor)(const Program *p, Workspace *w);

static bool run_with(Executor executor, Part *q, const double *x) {
    q->workspace->bounded = true;
    bool res = shadow_attach(q->workspace, x, NULL, q->array, q->bound) && executor(q->program, q->workspace) == RUN_OK;
    q->workspace->bounded = false;
    shadow_detach(q->workspace);
    return res;
}

static void test_same_bits(void **state) {
    (void)state;
#if defined __x86_64__ && defined __GNUC__
    if (!__builtin_cpu_supports("fma"))
        skip();
#endif
    const size_t dims[RANDOM_PARAMS][2] = {{0}, {0}, {RANDOM_N, 0}, {RANDOM_M, RANDOM_N}};
    size_t compared = 0;
    for (uint64_t seed = 1; seed <= 300; seed++) {
        RandomExpr r;
        Arena arena;
        Diags quiet;
        random_init(&r, seed);
        arena_init(&arena);
        diags_init(&quiet, &arena);
        Evaluator *e = evaluator_new(r.d, RANDOM_PARAMS, r.param, random_make(&r), dims, NULL, &quiet, span_of(0, 0));
        Part *q = e ? evaluator_part(e, PART_GRADIENT) : NULL;
        double out[2][2][1 + RANDOM_POINTS]; /* executor; value with gradient, their bounds */
        bool good = q != NULL;
        memset(out, 0, sizeof out);
        for (int i = 0; i < 2 && good; i++) {
            q->array[0] = out[i][0];
            q->bound[0] = out[i][1];
            evaluator_spread(e, q->array, 1, out[i][0] + 1);
            evaluator_spread(e, q->bound, 1, out[i][1] + 1);
            good = run_with(i ? interp_run_bounds_fma : interp_run_bounds, q, r.point);
        }
        if (good && memcmp(out[0], out[1], sizeof out[0]) != 0)
            fail_msg("seed %llu: value %.17g and %.17g, bound %.17g and %.17g", (unsigned long long)seed, out[0][0][0],
                     out[1][0][0], out[0][1][0], out[1][1][0]);
        compared += good && out[0][1][0] != 0;
        evaluator_free(e);
        arena_done(&arena);
        random_done(&r);
    }
    print_message("  %zu functions compared\n", compared);
    assert_true(250 < compared);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_same_bits)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
