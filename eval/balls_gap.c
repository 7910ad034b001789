/* Enclosing the gap at a point, with rising precision; see balls_gap.h. */
#include "eval/balls_gap.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "expr/domain.h"

enum { YOURS, DERIVATIVE, DIFFERENCE, DOMAIN, OWN_DOMAIN, ROOTS, FIRST_BITS = 64, MOST_BITS = 1024, LONGEST = 24 };

struct Gap {
    Store *s;
    BallCode *code;
    BallRun *ball, *exact; /* ball may be NULL */
    size_t n;
    mpq_t *x;
};

Gap *gap_new(Defs *d, size_t params, const Param *param, const size_t (*dims)[2], Expr yours,
             Expr derivative, Expr domain, const NumberKind *balls, const volatile int *interrupt,
             const char **why) {
    Store *s = defs_store(d);
    Expr own = expr_binary(s, EXPR_AND, elements_of(d, yours), domain_of(d, yours));
    if (!own || expr_rank(s, own) != 0)
        own = expr_int(s, 1); /* not known: then it is never called undefined */
    const Expr root[ROOTS] = {yours, derivative, expr_binary(s, EXPR_SUB, yours, derivative), domain, own};
    BallCode *code = ball_code_new(d, params, param, dims, ROOTS, root, why);
    if (!code)
        return NULL;
    Gap *g = mem_new(1, sizeof *g);
    *g = (Gap){.s = s, .code = code, .n = ball_code_inputs(code)};
    g->exact = ball_run_new(code, &number_exact, interrupt);
    if (balls)
        g->ball = ball_run_new(code, balls, interrupt);
    g->x = mem_new(g->n + 1, sizeof *g->x);
    for (size_t i = 0; i < g->n; i++)
        mpq_init(g->x[i]);
    return g;
}

void gap_free(Gap *g) {
    if (!g)
        return;
    ball_run_free(g->ball);
    ball_run_free(g->exact);
    ball_code_free(g->code);
    for (size_t i = 0; i < g->n; i++)
        mpq_clear(g->x[i]);
    free(g->x);
    free(g);
}

void gap_point_done(GapPoint *p) {
    free(p->yours_exact);
    free(p->derivative_exact);
    p->yours_exact = p->derivative_exact = NULL;
}

/* The value as a fraction, where it is short enough to read. */
static char *exact_text(Gap *g, size_t root) {
    mpq_t q;
    mpq_init(q);
    char *res = NULL;
    if (ball_run_root(g->exact, root) && ball_run_rational(g->exact, root, q) &&
        mpz_sizeinbase(mpq_numref(q), 10) + mpz_sizeinbase(mpq_denref(q), 10) <= LONGEST) {
        char text[LONGEST + 8];
        mpq_get_str(text, 10, q);
        size_t len = 0;
        while (text[len])
            len++;
        res = mem_copy_text(text, len);
    }
    mpq_clear(q);
    return res;
}

static void value_at(BallRun *r, size_t root, double *value) {
    double radius;
    if (ball_run_root(r, root))
        ball_run_get(r, root, value, &radius);
    else
        *value = NAN;
}

/* Is the claim undefined for certain?  That it has no value here is not enough: it may have needed too
 * long, or balls too wide to tell which side of an edge it is on, as in sqrt(sin(x)^2 + cos(x)^2 - 1). */
static bool is_lacking(BallRun *r) {
    return ball_run_root(r, OWN_DOMAIN) && ball_run_truth(r, OWN_DOMAIN) == 0;
}

static GapAnswer exact_at(Gap *g, GapPoint *out) {
    double gap, radius;
    if (!ball_run_root(g->exact, DOMAIN) || ball_run_truth(g->exact, DOMAIN) != 1)
        return GAP_UNDEFINED;
    value_at(g->exact, YOURS, &out->yours);
    value_at(g->exact, DERIVATIVE, &out->derivative);
    if (!ball_run_root(g->exact, DIFFERENCE))
        return !isnan(out->derivative) && is_lacking(g->exact) ? GAP_LACKING : GAP_UNDEFINED;
    ball_run_get(g->exact, DIFFERENCE, &gap, &radius);
    out->digits = 300;
    return ball_run_truth(g->exact, DIFFERENCE) == 1 ? GAP_CERTAIN : GAP_NONE;
}

/* Digits by which the gap, at most `bound`, is smaller than the values. */
static double digits_of(const GapPoint *p, double bound) {
    double size = fmax(fmax(fabs(p->yours), fabs(p->derivative)), 1e-300);
    return bound <= 0 ? 299 : fmin(299, fmax(0, -log10(bound / size)));
}

static GapAnswer ball_at(Gap *g, GapPoint *out) {
    GapAnswer res = GAP_UNDEFINED;
    for (long bits = FIRST_BITS; bits <= MOST_BITS; bits *= 2) {
        double middle, radius;
        ball_run_bits(g->ball, bits);
        ball_run_set(g->ball, (const mpq_t *)g->x);
        if (!ball_run_root(g->ball, DOMAIN) || ball_run_truth(g->ball, DOMAIN) != 1)
            continue;
        value_at(g->ball, DERIVATIVE, &out->derivative);
        value_at(g->ball, YOURS, &out->yours);
        if (isnan(out->derivative))
            continue;
        if (!ball_run_root(g->ball, DIFFERENCE)) {
            if (is_lacking(g->ball))
                return GAP_LACKING;
            continue;
        }
        if (ball_run_truth(g->ball, DIFFERENCE) == 1)
            return GAP_CERTAIN;
        ball_run_get(g->ball, DIFFERENCE, &middle, &radius);
        out->digits = digits_of(out, fabs(middle) + radius);
        res = GAP_NONE;
    }
    return res;
}

GapAnswer gap_at(Gap *g, const double *x, GapPoint *out) {
    *out = (GapPoint){.yours = NAN, .derivative = NAN};
    for (size_t i = 0; i < g->n; i++)
        ball_rational_of(g->s, x[i], g->x[i]);
    ball_run_bits(g->exact, 0);
    ball_run_set(g->exact, (const mpq_t *)g->x);
    GapAnswer res = exact_at(g, out);
    if (res == GAP_UNDEFINED && g->ball)
        res = ball_at(g, out);
    if (res == GAP_CERTAIN) {
        out->yours_exact = exact_text(g, YOURS);
        out->derivative_exact = exact_text(g, DERIVATIVE);
    }
    return res;
}
