/* What kind of point a run ended at: a kink, or by its curvatures (optim/classify.h). */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/domain.h"
#include "optim/classify.h"
#include "repl/minimize.h"

const char *end_class_name(EndClass c) {
    static const char *const names[] = {"unknown", "minimum", "maximum", "saddle", "flat", "kink"};
    return names[c];
}

/* Ascending eigenvalues of the symmetric part of the rows and columns in `index`. */
bool classify_eigenvalues(const double *h, size_t n, size_t count, const size_t *index, double *out) {
    gsl_matrix *a = gsl_matrix_alloc(count, count);
    gsl_vector_view values = gsl_vector_view_array(out, count);
    gsl_eigen_symm_workspace *w = gsl_eigen_symm_alloc(count);
    bool finite = true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double v = 0.5 * (h[index[i] * n + index[j]] + h[index[j] * n + index[i]]);
            finite = finite && isfinite(v);
            gsl_matrix_set(a, i, j, v);
        }
    bool res = finite && gsl_eigen_symm(a, &values.vector, w) == 0;
    gsl_eigen_symm_free(w);
    gsl_matrix_free(a);
    for (size_t i = 1; i < count && res; i++) /* few numbers: insertion */
        for (size_t j = i; j > 0 && out[j] < out[j - 1]; j--) {
            double swap = out[j];
            out[j] = out[j - 1];
            out[j - 1] = swap;
        }
    return res;
}

static bool is_kink(Minimize *m, const double *x) {
    Task *t = m->task;
    Expr kinks = kinks_of(t->in->defs, m->target.body);
    if (!kinks || expr_is_constant(t->in->store, kinks)) return false;
    Diags quiet;
    diags_init(&quiet, t->arena);
    Evaluator *e = evaluator_new(t->in->defs, m->target.param_count, m->target.param, kinks, m->start.dims,
                                 t->in->interrupt, &quiet, m->target.span);
    double answer = 0;
    bool res = e && evaluator_value(e, x, &answer) == RUN_OK && answer == 1;
    evaluator_free(e);
    return res;
}

void minimize_classify(Minimize *m, const RunResult *r) {
    m->end = END_UNKNOWN;
    if (is_kink(m, r->x)) {
        m->end = END_KINK;
        return;
    }
    if (!isfinite(r->f) || !r->converged || m->numeric) return;
    static const EndClass ends[] = {[CLASS_UNKNOWN] = END_UNKNOWN, [CLASS_MINIMUM] = END_MINIMUM,
                                    [CLASS_MAXIMUM] = END_MAXIMUM, [CLASS_SADDLE] = END_SADDLE,
                                    [CLASS_FLAT] = END_FLAT, [CLASS_KINK] = END_KINK};
    Classified c;
    classify_point(&c, m->f, r->x, m->lo, m->hi, r->tol);
    m->end = ends[c.kind];
    if (c.count) {
        m->curvature = c.curvature;
        m->curvatures = c.count;
        c.curvature = NULL;
    }
    classified_done(&c);
}
