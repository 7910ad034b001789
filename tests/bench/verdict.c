/* The time of a verdict: claims about functions of textbook size, right ones in other forms and wrong
 * ones with a slip, judged as `check df/dx = ...` is.  Prints for the right and for the wrong ones
 * COUNT MEDIAN P90 WORST in ms and the percentage proved or refuted; with -v every claim. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "repl/prover.h"

typedef struct Pair {
    const char *definition, *variable, *derivative;
} Pair;
#define PAIR(definition, variable, derivative) {definition, variable, derivative},
static const Pair pairs[] = {
#include "tests/catalogue/pairs.def"
};

enum { PAIRS = sizeof pairs / sizeof *pairs, MOST = 100 };
static const char *const right[] = {"%s", "-(-(%s))", "(%s) + sin(x)^2 + cos(x)^2 - 1", "(%s)*(x^2 + 1)/(1 + x^2)",
                                    "(%s)*(cosh(x)^2 - sinh(x)^2)", "exp(log(x^2 + 1))*(%s)/(1 + x^2)"};
static const char *const wrong[] = {"2*(%s)", "-(%s)", "(%s) + x", "x*(%s)"};

static volatile int interrupt;

/* One verdict; true if it is the word. */
static bool judge(Interp *in, const Pair *p, const char *form, const char *word, double *ms, bool show) {
    char text[2000], claim[1500];
    snprintf(claim, sizeof claim, form, p->derivative);
    snprintf(text, sizeof text, "%s;", p->definition);
    interp_run_text(in, "bench", text, strlen(text), 1);
    snprintf(text, sizeof text, "check df/d%s = %s", p->variable, claim);
    buf_clear(&in->out);
    double start = clock_seconds();
    interp_run_text(in, "bench", text, strlen(text), 1);
    *ms = 1000 * (clock_seconds() - start);
    bool res = strstr(buf_str(&in->out), word) != NULL;
    if (show) printf("%8.1f ms  %s  %s: %s\n", *ms, res ? word : "other", p->definition, text);
    return res;
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (y < x) - (x < y);
}

static void run(Interp *in, const char *const *form, size_t forms, const char *word, bool show) {
    static double ms[PAIRS * MOST];
    size_t count = 0, good = 0;
    for (size_t i = 0; i < PAIRS; i++)
        for (size_t k = 0; k < forms; k++) good += judge(in, &pairs[i], form[k], word, &ms[count++], show);
    qsort(ms, count, sizeof *ms, by_size);
    printf("%zu %.1f %.1f %.1f %.1f\n", count, ms[count / 2], ms[count * 9 / 10], ms[count - 1],
           100 * (double)good / (double)count);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(0);
    bool show = argc == 2 && strcmp(argv[1], "-v") == 0;
    Interp *in = interp_new(&interrupt);
    Prover prover;
    prover_attach(&prover, in);
    in->keep_going = true;
    run(in, right, sizeof right / sizeof *right, "proved", show);
    run(in, wrong, sizeof wrong / sizeof *wrong, "REFUTED", show);
    interp_free(in);
    prover_done(&prover);
    return 0;
}
