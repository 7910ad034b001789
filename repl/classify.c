/* What kind of point a run ended at: a kink, or by its curvatures (optim/classify.h). */
#include "optim/classify.h"

#include <math.h>

#include "expr/domain.h"
#include "repl/minimize.h"

const char *end_class_name(EndClass c) {
    static const char *const names[] = {"unknown", "minimum", "maximum", "saddle", "flat", "kink"};
    return names[c];
}

static bool is_kink(Minimize *m, const double *x) {
    Task *t = m->task;
    Expr kinks = kinks_of(t->in->defs, m->target.body);
    if (!kinks || expr_is_constant(t->in->store, kinks)) return false;
    Diags quiet;
    diags_init(&quiet, t->arena);
    Evaluator *e = evaluator_new(t->in->defs, m->target.param_count, m->target.param, kinks,
                                 m->start.dims, t->in->interrupt, &quiet, m->target.span);
    double answer = 0;
    bool res = e && evaluator_value(e, x, &answer) == RUN_OK && answer == 1;
    evaluator_free(e);
    return res;
}

void minimize_classify(Minimize *m, const RunResult *r) {
    static const EndClass ends[] = {
        [CLASS_UNKNOWN] = END_UNKNOWN, [CLASS_MINIMUM] = END_MINIMUM, [CLASS_MAXIMUM] = END_MAXIMUM,
        [CLASS_SADDLE] = END_SADDLE,   [CLASS_FLAT] = END_FLAT,       [CLASS_KINK] = END_KINK};
    m->end = END_UNKNOWN;
    if (is_kink(m, r->x)) {
        m->end = END_KINK;
        return;
    }
    if (!isfinite(r->f) || !r->converged || m->numeric) return;
    Classified c;
    classify_point(&c, m->f, r->x, m->lo, m->hi, r->tol);
    m->end = ends[c.kind];
    if (c.count > 0) {
        m->curvature = c.curvature;
        m->curvatures = c.count;
        c.curvature = NULL;
    }
    if (!m->maximize && (m->end == END_SADDLE || m->end == END_MAXIMUM)) {
        m->direction = c.downhill;
        c.downhill = NULL;
    }
    classified_done(&c);
}
