/* Results of checks, and the values that they compare. */
#include "eval/check_parts.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

const char *verdict_text(Verdict v) {
    static const char *const text[] = {"proved", "agrees", "undecided", "differs", "refuted"};
    return text[v];
}

void check_result_init(CheckResult *r, size_t n, size_t count) {
    *r = (CheckResult){.n = n, .count = count};
    r->component = mem_new(count, sizeof *r->component);
    for (size_t i = 0; i < count; i++)
        r->component[i].verdict = VERDICT_AGREES;
    r->x = mem_new(n, sizeof *r->x);
}

void check_result_done(CheckResult *r) {
    for (size_t i = 0; i < r->count; i++) {
        free(r->component[i].reason);
        free(r->component[i].witness);
        free(r->component[i].yours_exact);
        free(r->component[i].repair);
        free(r->component[i].hidden);
        free(r->component[i].conditions);
        free(r->component[i].proved_where);
        free(r->component[i].slip);
        free(r->component[i].agrees);
        free(r->component[i].residual);
        free(r->component[i].derivative_exact);
    }
    free(r->component);
    free(r->x);
    free(r->reason);
    *r = (CheckResult){0};
}

void check_say(char **reason, const char *format, ...) {
    char text[300];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    free(*reason);
    *reason = mem_copy_text(text, len < 0 ? 0 : (size_t)len < sizeof text ? (size_t)len : sizeof text - 1);
}

void check_say_kink(CheckComponent *k) {
    k->kink = true;
    k->verdict = VERDICT_UNDECIDED;
    check_say(&k->reason, "not differentiable here: the slope is %.6g on the left and %.6g on the right", k->left,
              k->right);
}

void check_conclude(CheckResult *r) {
    r->verdict = r->reason || r->count == 0 ? VERDICT_UNDECIDED : VERDICT_PROVED;
    for (size_t i = 0; i < r->count; i++)
        if (r->verdict < r->component[i].verdict)
            r->verdict = r->component[i].verdict;
}

bool check_in_domain(Evaluator *domain, const double *x) {
    double holds = 0;
    if (!domain)
        return true;
    return evaluator_value(domain, x, &holds) == RUN_OK && holds != 0 && !isnan(holds);
}

void derivative_init(Derivative *d, size_t count) {
    d->count = count;
    d->value = mem_new(count, sizeof *d->value);
    d->bound = mem_new(count, sizeof *d->bound);
}

void derivative_done(Derivative *d) {
    free(d->value);
    free(d->bound);
}

RunStatus derivative_by_sweep(const CheckForm *form, const double *x, Derivative *d) {
    Evaluator *f = form->function;
    double value, bound;
    RunStatus res;
    switch (form->of) {
    case CHECK_GRADIENT:
        res = evaluator_gradient_bounds(f, x, &value, &bound, d->value, d->bound);
        break;
    case CHECK_HESSIAN:
        res = evaluator_hessian_bounds(f, x, d->value, d->bound);
        break;
    default:
        res = evaluator_jacobian_bounds(f, x, d->value, d->bound);
        break;
    }
    for (size_t i = 0; i < d->count && res != RUN_OK; i++)
        d->value[i] = d->bound[i] = NAN;
    return res;
}
