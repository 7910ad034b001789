/* Value and gradient of Rosenbrock's function of n variables, inside one process.  Prints
 * "value MS gradient MS", the shortest of several runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "eval/evaluator.h"
#include "repl/interp.h"

static const char text[] = "rosen(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2);";

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double shortest(Evaluator *e, const double *x, double *g) {
    double best = 1e300;
    for (int i = 0; i < 10; i++) {
        double f, start = now();
        RunStatus status = g ? evaluator_gradient(e, x, &f, g) : evaluator_value(e, x, &f);
        double took = now() - start;
        if (status != RUN_OK) return -1;
        if (took < best) best = took;
    }
    return best;
}

int main(int argc, char **argv) {
    size_t n = argc < 2 ? 1000000 : (size_t)atol(argv[1]);
    static volatile int interrupt;
    Interp *in = interp_new(&interrupt);
    interp_run_text(in, "bench", text, sizeof text - 1, 1);
    const Def *f = defs_function(in->defs, names_intern_str(in->names, "rosen"));
    if (!f) return 1;
    double *x = mem_new(n, sizeof *x), *g = mem_new(n, sizeof *g);
    for (size_t i = 0; i < n; i++) x[i] = 0.731 + 1e-7 * (double)i;
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    const size_t dims[1][2] = {{n, 1}};
    Evaluator *e = evaluator_new(in->defs, f->param_count, f->param, f->body, dims, &interrupt,
                                 &diags, span_of(0, 0));
    if (!e) return 1;
    printf("value %.3f gradient %.3f\n", shortest(e, x, NULL), shortest(e, x, g));
    evaluator_free(e);
    arena_done(&arena);
    interp_free(in);
    free(x), free(g);
    return 0;
}
