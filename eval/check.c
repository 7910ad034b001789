/* A function's derivative against difference quotients; see check.h. */
#include "eval/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/check_parts.h"
#include "eval/differences.h"
#include "eval/points.h"

typedef struct Check {
    const CheckInput *in;
    CheckResult *out;
    size_t n, m;
    VectorSource source;  /* what is differenced: f, or its gradient */
    Derivative sweep, reading;
    bool has_reading;
    double largest;       /* symbolic component */
    uint64_t *budget;     /* of operations in balls */
    Quotient *quotient, *again; /* m of each; owned */
    double *x, *v;              /* owned */
    Derivative middle;          /* what is differenced, at x */
} Check;

static RunStatus source_value(void *context, const double *x, double *f, double *bound) {
    const CheckInput *in = context;
    return evaluator_value_bounds(in->f, x, f, bound);
}

static RunStatus source_plain_value(void *context, const double *x, double *f) {
    const CheckInput *in = context;
    return evaluator_value(in->f, x, f);
}

static RunStatus source_plain_gradient(void *context, const double *x, double *f) {
    const CheckInput *in = context;
    return evaluator_gradient(in->f, x, NULL, f);
}

static RunStatus source_gradient(void *context, const double *x, double *f, double *bound) {
    const CheckInput *in = context;
    double value, value_bound;
    return evaluator_gradient_bounds(in->f, x, &value, &value_bound, f, bound);
}

/* What is differenced, at x, once for all quotients; and are they to be sparing with evaluations?
 * They are where each takes long: 40 quotients of 19 values, with bounds, of 10^7 operations would
 * be a minute. */
static RunStatus prepare_source(Check *c) {
    enum { LONG = 400 * 1000 }; /* operations for one of the values */
    bool hessian = c->in->of == CHECK_HESSIAN;
    c->source = (VectorSource){.n = c->n, .m = c->m, .value = hessian ? source_gradient : source_value,
                               .context = (void *)(uintptr_t)c->in};
    derivative_init(&c->middle, c->m);
    RunStatus res = c->source.value(c->source.context, c->x, c->middle.value, c->middle.bound);
    if (res != RUN_OK)
        return res == RUN_INTERRUPT ? res : RUN_OK; /* not finite there: the quotients will see it */
    c->source.middle = c->middle.value;
    c->source.middle_bound = c->middle.bound;
    if (c->out->sampled && LONG < evaluator_operations(c->in->f, c->x, hessian) / c->m)
        c->source.plain = hessian ? source_plain_gradient : source_plain_value;
    return RUN_OK;
}

/* ---- the point ---- */

static bool all_finite(size_t count, const double *v) {
    for (size_t i = 0; i < count; i++)
        if (!isfinite(v[i]))
            return false;
    return true;
}

static bool accept_point(void *context, const double *x) {
    Check *c = context;
    if (!check_in_domain(c->in->domain, x))
        return false;
    Derivative at;
    derivative_init(&at, c->m);
    RunStatus status = c->in->of == CHECK_HESSIAN ? source_gradient((void *)(uintptr_t)c->in, x, at.value, at.bound)
                                                  : source_value((void *)(uintptr_t)c->in, x, at.value, at.bound);
    bool res = status == RUN_OK && all_finite(c->m, at.value);
    derivative_done(&at);
    return res;
}

static bool find_point(Check *c) {
    if (c->in->x)
        memcpy(c->x, c->in->x, c->n * sizeof *c->x);
    else if (!points_draw(c->in->random, c->n, c->x, CHECK_TRIES, accept_point, c))
        return false;
    memcpy(c->out->x, c->x, c->n * sizeof *c->x);
    return true;
}

/* ---- symbolic values ---- */

/* The reading form's evaluators give (values, elements of a parameter) each; put side by side they
 * are the rows of the derivative. */
static RunStatus read_reading(Check *c) {
    size_t first = 0, rows = c->m;
    RunStatus res = RUN_OK;
    for (size_t p = 0; p < c->in->readings && res == RUN_OK; p++) {
        Evaluator *e = c->in->reading[p];
        size_t count = evaluator_results(e), columns = count / rows;
        Derivative part;
        derivative_init(&part, count);
        res = evaluator_value_bounds(e, c->x, part.value, part.bound);
        for (size_t i = 0; i < count && first + i % columns < c->n; i++) {
            size_t at = i / columns * c->n + first + i % columns;
            c->reading.value[at] = res == RUN_OK ? part.value[i] : NAN;
            c->reading.bound[at] = part.bound[i];
        }
        first += columns;
        derivative_done(&part);
    }
    c->has_reading = 0 < c->in->readings && first == c->n;
    return res;
}

static RunStatus read_symbolic(Check *c) {
    CheckForm form = {c->in->f, c->in->of, 0};
    derivative_init(&c->sweep, c->m * c->n);
    derivative_init(&c->reading, c->m * c->n);
    RunStatus res = derivative_by_sweep(&form, c->x, &c->sweep);
    for (size_t i = 0; i < c->sweep.count; i++)
        if (isfinite(c->sweep.value[i]))
            c->largest = fmax(c->largest, fabs(c->sweep.value[i]));
    if (res == RUN_INTERRUPT || c->in->readings == 0)
        return res;
    RunStatus other = read_reading(c);
    return other == RUN_INTERRUPT ? other : res;
}

/* ---- judging ---- */

static bool gap_beyond(double a, double b, double bound) {
    return bound < fabs(a - b);
}

static bool is_finite_quotient(const Quotient *q) {
    return isfinite(q->value) && isfinite(q->bound);
}

/* Both choices of steps see the same two slopes. */
static bool is_kink(const Quotient *q, const Quotient *other) {
    double moved = fabs(q->left - other->left) + fabs(q->right - other->right);
    return q->kink && other->kink && moved < 0.1 * fabs(q->right - q->left);
}

static bool undecided(CheckComponent *k, const char *reason) {
    k->verdict = VERDICT_UNDECIDED;
    check_say(&k->reason, "%s", reason);
    return false;
}

static void show(CheckComponent *k, double symbolic, double bound, const Quotient *q) {
    k->symbolic = symbolic;
    k->numeric = q->value;
    k->difference = fabs(symbolic - q->value);
    k->bound = q->bound + bound;
    k->left = q->left;
    k->right = q->right;
    k->usual = q->scale;
    k->verdict = VERDICT_AGREES;
}

/* The first quotient and the symbolic value are apart, or the slopes on both sides: what do far
 * smaller steps say?  The larger ones may have met a corner or a jump that is not here. */
static void judge_again(CheckComponent *k, double bound, double scale, const Quotient *q, const Quotient *other,
                        bool fixed) {
    double symbolic = k->symbolic, other_bound = other->bound + bound;
    bool settled = is_finite_quotient(other) && other_bound <= 1e-3 * scale && !other->kink;
    if (is_kink(q, other)) {
        check_say_kink(k);
    } else if (settled && !gap_beyond(symbolic, other->value, other_bound)) {
        if (!fixed) {
            show(k, symbolic, bound, other);
        } else if (k->bound < k->difference) {
            k->verdict = VERDICT_UNDECIDED;
            check_say(&k->reason, "the quotient at this h is worse than its bound; smaller steps give %.10g",
                      other->value);
        }
    } else if (settled && gap_beyond(symbolic, q->value, k->bound) &&
               !gap_beyond(q->value, other->value, q->bound + other->bound)) {
        k->verdict = VERDICT_DIFFERS;
    } else {
        undecided(k, "two choices of steps give different quotients");
    }
}

/* Fills what one component shows; bounds are small against `scale` at least, and `fixed` says that q
 * is the quotient at a given h.  `other` is the quotient by the second choice of steps, NULL as long
 * as it was not needed.  True if it is needed. */
static bool judge(CheckComponent *k, double symbolic, double bound, double scale, const Quotient *q,
                  const Quotient *other, bool fixed) {
    scale = fmax(scale, fmax(fabs(symbolic), q->scale)); /* not |q|, which may be far off */
    show(k, symbolic, bound, q);
    bool constant = symbolic == 0 && q->value == 0 && q->scale == 0;
    if (!isfinite(symbolic))
        return undecided(k, "the derivative is not a finite number here");
    if (!is_finite_quotient(q))
        return undecided(k, "the function is not finite on both sides of the point");
    if (!constant && 1e-3 * scale < k->bound && !q->kink)
        return undecided(k, "the bound on the error is too large beside the value");
    if (!q->kink && !gap_beyond(symbolic, q->value, k->bound))
        return false;
    if (other)
        judge_again(k, bound, scale, q, other, fixed);
    return !other;
}

static void compare_forms(Check *c, CheckComponent *k) {
    size_t at = k->row * c->n + k->column;
    if (!c->has_reading || k->direction || k->kink)
        return;
    double a = c->sweep.value[at], b = c->reading.value[at];
    double bound = 4 * (c->sweep.bound[at] + c->reading.bound[at]);
    if (isfinite(a) && isfinite(b) && gap_beyond(a, b, bound)) {
        k->verdict = VERDICT_DIFFERS;
        check_say(&k->reason, "the derivative as printed gives %.17g here, as computed %.17g", b, a);
    }
}

/* ---- columns: all values by one variable, or along one direction ---- */

static RunStatus quotients(Check *c, bool direction, size_t i, int choice, Quotient *q) {
    if (c->in->h != 0 && !direction && choice == 0)
        return difference_fixed(&c->source, c->x, i, c->in->h, q);
    if (!direction) {
        memset(c->v, 0, c->n * sizeof *c->v);
        c->v[i] = 1;
    }
    return difference_along(&c->source, c->x, c->v, choice, q);
}

/* Symbolic derivative of value `row` along v, or by variable i. */
static double symbolic_along(const Check *c, size_t row, bool direction, size_t i, double *bound) {
    const double *s = c->sweep.value + row * c->n, *b = c->sweep.bound + row * c->n;
    if (!direction) {
        *bound = b[i];
        return s[i];
    }
    double res = 0, size = 0;
    *bound = 0;
    for (size_t k = 0; k < c->n; k++) {
        res += s[k] * c->v[k];
        size += fabs(s[k] * c->v[k]);
        *bound += b[k] * fabs(c->v[k]);
    }
    *bound += size * (double)c->n * 0x1p-53;
    return res;
}

static RunStatus column(Check *c, bool direction, size_t i, CheckComponent *k, size_t stride) {
    RunStatus res = quotients(c, direction, i, 0, c->quotient);
    bool confirm = false;
    for (int round = 0; round < (confirm ? 2 : 1) && res == RUN_OK; round++) {
        if (round == 1)
            res = quotients(c, direction, i, 1, c->again);
        for (size_t row = 0; row < c->m && res == RUN_OK; row++) {
            CheckComponent *at = k + row * stride;
            double bound, symbolic = symbolic_along(c, row, direction, i, &bound);
            at->row = row;
            at->column = i;
            at->direction = direction;
            bool asks = judge(at, symbolic, bound, 1e-6 * c->largest, &c->quotient[row], round ? &c->again[row] : NULL,
                              c->in->h != 0 && !direction);
            confirm = confirm || asks;
        }
    }
    for (size_t row = 0; row < c->m && res == RUN_OK; row++)
        compare_forms(c, k + row * stride);
    return res;
}

static RunStatus all_columns(Check *c) {
    RunStatus res = RUN_OK;
    for (size_t i = 0; i < c->n && res == RUN_OK; i++)
        res = column(c, false, i, c->out->component + i, c->n);
    return res;
}

/* Components and directions by lot; the worst value of each is kept if there are several. */
static RunStatus some_columns(Check *c) {
    RunStatus res = RUN_OK;
    size_t each = CHECK_SAMPLES, stride = 2 * each;
    for (size_t i = 0; i < each && res == RUN_OK; i++)
        res = column(c, false, random_below(c->in->random, c->n), c->out->component + i, stride);
    for (size_t i = 0; i < each && res == RUN_OK; i++) {
        double size = 0;
        for (size_t k = 0; k < c->n; k++) {
            c->v[k] = random_normal(c->in->random);
            size += c->v[k] * c->v[k];
        }
        for (size_t k = 0; k < c->n; k++)
            c->v[k] /= sqrt(size);
        res = column(c, true, i, c->out->component + each + i, stride);
    }
    return res;
}

static RunStatus run_check(Check *c) {
    RunStatus res = read_symbolic(c);
    if (res == RUN_OK)
        res = prepare_source(c);
    if (res == RUN_OK)
        res = c->out->sampled ? some_columns(c) : all_columns(c);
    if (res == RUN_OK)
        res = check_in_balls(c->in, &c->sweep, c->largest, c->budget, c->out);
    if (res != RUN_OK) {
        Buf text;
        buf_init(&text);
        evaluator_explain(c->in->f, res, &text);
        check_say(&c->out->reason, "%s", buf_str(&text));
        buf_done(&text);
    }
    return res;
}

/* Nothing was computed: no component has numbers. */
static void forget_values(CheckResult *out) {
    for (size_t i = 0; i < out->count; i++) {
        CheckComponent *k = &out->component[i];
        k->symbolic = k->numeric = k->difference = NAN;
        k->bound = INFINITY;
    }
}

/* The check at one point. */
static bool check_once(const CheckInput *in, uint64_t *budget, CheckResult *out) {
    enum { MOST_ENTRIES = 4 * 1000 * 1000 };
    size_t n = evaluator_points(in->f), m = in->of == CHECK_HESSIAN ? n : evaluator_results(in->f);
    bool sampled = CHECK_MOST_VARIABLES < n, fits = m <= MOST_ENTRIES / (n ? n : 1);
    Check c = {.in = in, .out = out, .n = n, .m = m, .budget = budget};
    check_result_init(out, n, !fits ? 0 : sampled ? m * 2 * CHECK_SAMPLES : m * n);
    out->sampled = sampled;
    if (!fits) {
        check_say(&out->reason, "%zu times %zu derivatives are too many to check one by one", m, n);
        check_conclude(out);
        return true;
    }
    c.quotient = mem_new(m, sizeof *c.quotient);
    c.again = mem_new(m, sizeof *c.again);
    c.x = mem_new(n, sizeof *c.x);
    c.v = mem_new(n, sizeof *c.v);
    if (!find_point(&c)) {
        check_say(&out->reason, "no point of the domain found");
        forget_values(out);
    } else {
        if (in->x && !check_in_domain(in->domain, c.x)) {
            check_say(&out->reason, "the point lies outside the domain");
            forget_values(out);
        } else {
            out->status = run_check(&c);
        }
        derivative_done(&c.sweep);
        derivative_done(&c.reading);
        derivative_done(&c.middle);
    }
    for (size_t i = 0; i < out->count && out->reason; i++)
        out->component[i].verdict = VERDICT_UNDECIDED;
    check_conclude(out);
    free(c.quotient);
    free(c.again);
    free(c.x);
    free(c.v);
    return out->status != RUN_INTERRUPT;
}

static size_t undecided_count(const CheckResult *r) {
    size_t res = 0;
    for (size_t i = 0; i < r->count; i++)
        res += r->component[i].verdict == VERDICT_UNDECIDED;
    return res;
}

/* A point drawn by lot may be one at which little can be said (tanh(9), whose slope rounding hides):
 * then others are tried, and the one that leaves least open is kept. */
bool check_function(const CheckInput *in, CheckResult *out) {
    enum { POINTS = 8 };
    uint64_t budget = CHECK_BALL_BUDGET;
    bool res = check_once(in, &budget, out);
    for (int i = 1; i < POINTS && res && !in->x && !out->reason && out->verdict == VERDICT_UNDECIDED; i++) {
        CheckResult next;
        res = check_once(in, &budget, &next);
        bool better = res && !next.reason &&
                      (next.verdict == VERDICT_DIFFERS || undecided_count(&next) < undecided_count(out));
        CheckResult worse = better ? *out : next;
        if (better)
            *out = next;
        check_result_done(&worse);
    }
    return res;
}
