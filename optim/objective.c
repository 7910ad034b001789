/* An evaluator behind the callbacks of a run. */
#include "optim/objective.h"

static RunStatus value(void *context, const double *x, double *f) {
    return evaluator_value(context, x, f);
}

static RunStatus gradient(void *context, const double *x, double *f, double *g) {
    return evaluator_gradient(context, x, f, g);
}

Objective objective_of(Evaluator *e) {
    Buf why;
    buf_init(&why);
    Objective res = {evaluator_points(e), e, value,
                     evaluator_has_gradient(e, &why) ? gradient : NULL};
    buf_done(&why);
    return res;
}
