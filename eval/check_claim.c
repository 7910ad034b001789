/* A derivative worked out by hand against the symbolic one, at generic points; see check.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/check_parts.h"
#include "eval/points.h"

enum { ENOUGH = 8 }; /* points at which rounding must leave something to compare */

typedef struct Claim {
    Evaluator *claim, *derivative, *domain;
    const CheckForm *other;
    size_t n, count;
    Derivative yours, ours, second; /* at the point */
    RunStatus interrupted;
    CheckResult *out;
} Claim;

static void explain_kept(Claim *c, RunStatus status) {
    if (status == RUN_INTERRUPT)
        c->interrupted = status;
}

/* The derivative at x; false where it is not a number anywhere. */
static bool derivative_at(Claim *c, const double *x) {
    RunStatus status = evaluator_value_bounds(c->derivative, x, c->ours.value, c->ours.bound);
    explain_kept(c, status);
    if (status != RUN_OK)
        return false;
    for (size_t i = 0; i < c->count; i++)
        if (!isfinite(c->ours.value[i]))
            return false;
    return true;
}

static bool accept_point(void *context, const double *x) {
    Claim *c = context;
    if (c->interrupted)
        return true; /* to end the search */
    return check_in_domain(c->domain, x) && derivative_at(c, x);
}

static bool claim_at(Claim *c, const double *x) {
    RunStatus status = evaluator_value_bounds(c->claim, x, c->yours.value, c->yours.bound);
    explain_kept(c, status);
    for (size_t i = 0; i < c->count && status != RUN_OK; i++)
        c->yours.value[i] = c->yours.bound[i] = NAN;
    return status == RUN_OK;
}

static void keep_witness(Claim *c, CheckComponent *k, size_t i, const double *x) {
    free(k->witness);
    k->witness = mem_new(c->n, sizeof *k->witness);
    memcpy(k->witness, x, c->n * sizeof *x);
    k->yours = c->yours.value[i];
    k->derivative = c->ours.value[i];
    k->verdict = VERDICT_DIFFERS;
}

/* Do the values at the point differ beyond their bounds? */
static bool differs_at(const Claim *c, size_t i) {
    double bound = 2 * (c->yours.bound[i] + c->ours.bound[i]);
    return isfinite(c->yours.value[i]) && bound < fabs(c->yours.value[i] - c->ours.value[i]);
}

/* Is the claim undefined on an open part around x, not at x alone? */
static bool undefined_around(Claim *c, const double *x, size_t i) {
    double *near = mem_new(c->n, sizeof *near);
    bool res = true;
    for (int side = 0; side < 2 && res; side++) {
        for (size_t k = 0; k < c->n; k++)
            near[k] = x[k] * (side ? 1 + 1e-7 : 1 - 1e-7);
        claim_at(c, near);
        res = !isfinite(c->yours.value[i]);
    }
    free(near);
    return res;
}

static void judge_point(Claim *c, const double *x) {
    claim_at(c, x);
    for (size_t i = 0; i < c->count; i++) {
        CheckComponent *k = &c->out->component[i];
        double a = c->yours.value[i], b = c->ours.value[i], size = fmax(fabs(a), fabs(b));
        if (k->verdict == VERDICT_DIFFERS)
            continue;
        if (!isfinite(a)) {
            bool open = undefined_around(c, x, i);
            claim_at(c, x);
            if (open && !k->reason) { /* undefined, or only so in doubles: that is for others to tell */
                keep_witness(c, k, i, x);
                k->verdict = VERDICT_UNDECIDED;
                check_say(&k->reason, "yours is not a finite number there");
            }
        } else if (differs_at(c, i)) {
            keep_witness(c, k, i, x);
            free(k->reason);
            k->reason = NULL;
        } else if (c->yours.bound[i] + c->ours.bound[i] <= 1e-3 * size || size == 0) {
            k->points++;
            if (size != 0)
                k->max_rel_error = fmax(k->max_rel_error, fabs(a - b) / size);
        }
    }
}

/* Both forms of the derivative must say the same, else neither is to be trusted. */
static void judge_forms(Claim *c, const double *x) {
    if (!c->other)
        return;
    RunStatus status = derivative_by_sweep(c->other, x, &c->second);
    explain_kept(c, status);
    for (size_t i = 0; i < c->count && status == RUN_OK; i++) {
        size_t at = c->other->first + i;
        double a = c->second.value[at], b = c->ours.value[i], bound = 4 * (c->second.bound[at] + c->ours.bound[i]);
        if (isfinite(a) && bound < fabs(a - b))
            check_say(&c->out->reason, "two forms of the derivative give %.17g and %.17g at the same point", a, b);
    }
}

/* A witness that can be followed by hand is better: small whole numbers, if one shows it too. */
static void plain_witness(Claim *c, CheckComponent *k, size_t i) {
    static const double pattern[][4] = {{1, 2, 3, 4}, {2, 3, 5, 7}, {2, 1, 3, 2}, {0.5, 2, 1.5, 3}, {0.5, 0.25, 0.2, 0.75}};
    double x[4];
    for (size_t p = 0; p < sizeof pattern / sizeof *pattern && c->n <= 4; p++) {
        for (size_t j = 0; j < c->n; j++)
            x[j] = pattern[p][j];
        if (!accept_point(c, x) || !claim_at(c, x))
            continue;
        double gap = fabs(c->yours.value[i] - c->ours.value[i]);
        if (differs_at(c, i) && 1e-6 * fabs(c->ours.value[i]) < gap) {
            keep_witness(c, k, i, x);
            return;
        }
    }
}

static void conclude(Claim *c, size_t drawn) {
    for (size_t i = 0; i < c->count; i++) {
        CheckComponent *k = &c->out->component[i];
        k->row = i;
        if (k->verdict == VERDICT_DIFFERS) {
            plain_witness(c, k, i);
        } else if (k->reason) {
            k->verdict = VERDICT_UNDECIDED;
        } else if (c->out->reason || k->points < (drawn < ENOUGH ? drawn : ENOUGH)) {
            k->verdict = VERDICT_UNDECIDED;
            if (!c->out->reason)
                check_say(&k->reason, "rounding hides the difference: only %zu of %zu points could be compared",
                          k->points, drawn);
        }
    }
    check_conclude(c->out);
}

static size_t second_count(const CheckForm *form) {
    size_t n = evaluator_points(form->function), m = evaluator_results(form->function);
    return form->of == CHECK_HESSIAN ? n * n : form->of == CHECK_JACOBIAN ? m * n : n;
}

bool check_claim(Evaluator *claim, Evaluator *derivative, const CheckForm *other, Evaluator *domain,
                 const double *x, Random *random, CheckResult *out) {
    size_t n = evaluator_points(derivative), count = evaluator_results(derivative), drawn = 0;
    Claim c = {.claim = claim, .derivative = derivative, .domain = domain, .other = other,
               .n = n, .count = count, .out = out};
    check_result_init(out, n, count);
    if (evaluator_results(claim) != count || evaluator_points(claim) != n) {
        check_say(&out->reason, "the derivative has %zu components, yours %zu", count, evaluator_results(claim));
        conclude(&c, 0);
        return true;
    }
    derivative_init(&c.yours, count);
    derivative_init(&c.ours, count);
    derivative_init(&c.second, other ? second_count(other) : 0);
    double *at = mem_new(n, sizeof *at);
    if (x && accept_point(&c, x)) {
        judge_point(&c, x);
        drawn++;
    }
    size_t points = n == 0 ? 1 : CHECK_POINTS;
    for (size_t i = 0; i < points && !c.interrupted; i++) {
        size_t tries = drawn ? CHECK_TRIES / 4 : CHECK_TRIES;
        if (!points_draw(random, n, at, tries, accept_point, &c))
            break;
        if (i < 5 || n <= 100)
            judge_forms(&c, at);
        judge_point(&c, at);
        drawn++;
    }
    if (drawn == 0)
        check_say(&out->reason, "no point of the domain found");
    out->status = c.interrupted;
    conclude(&c, drawn);
    free(at);
    derivative_done(&c.yours);
    derivative_done(&c.ours);
    derivative_done(&c.second);
    return !c.interrupted;
}
