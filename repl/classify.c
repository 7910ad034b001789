/* What kind of point a run ended at: the eigenvalues of the Hessian there, counted only beyond the
 * error bound of its entries (Weyl: an eigenvalue moves at most by the norm of the change). */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/domain.h"
#include "repl/minimize.h"

enum { CLASSIFY_MOST = 200 };

const char *end_class_name(EndClass c) {
    static const char *const names[] = {"unknown", "minimum", "maximum", "saddle", "flat", "kink"};
    return names[c];
}

/* Coordinates that are not held by the box. */
static size_t free_coordinates(const Minimize *m, const RunResult *r, size_t *index) {
    size_t count = 0;
    for (size_t i = 0; i < r->n; i++) {
        bool held = m->lo && (r->x[i] <= m->lo[i] || m->hi[i] <= r->x[i]) && r->g[i] != 0;
        if (!held) index[count++] = i;
    }
    return count;
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

/* How far the eigenvalues may be off: the bounds of the entries and the eigensolver's own error. */
static double slack(const double *h, const double *bound, size_t n) {
    double sum = 0, size = 0;
    for (size_t i = 0; i < n * n; i++) {
        sum += bound[i] * bound[i];
        size += h[i] * h[i];
    }
    return sqrt(sum) + 1e-14 * (double)n * sqrt(size);
}

static EndClass class_of(const double *eigenvalue, size_t count, double most) {
    if (count == 0) return END_UNKNOWN;
    bool low = eigenvalue[0] < -most, high = most < eigenvalue[count - 1];
    if (low && high) return END_SADDLE;
    if (most < eigenvalue[0]) return END_MINIMUM;
    if (eigenvalue[count - 1] < -most) return END_MAXIMUM;
    return END_FLAT;
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
    size_t n = r->n;
    if (CLASSIFY_MOST < n || !isfinite(r->f) || !r->converged || m->numeric) return;
    double *h = mem_new(2 * n * n + 1, sizeof *h), *bound = h + n * n;
    size_t *index = mem_new(n + 1, sizeof *index);
    size_t count = free_coordinates(m, r, index);
    double *eigenvalue = mem_new(n + 1, sizeof *eigenvalue);
    if (count == 0) {
        m->end = m->maximize ? END_MAXIMUM : END_MINIMUM; /* a corner that the gradient presses into */
    } else if (evaluator_hessian_bounds(m->f, r->x, h, bound) == RUN_OK &&
               classify_eigenvalues(h, n, count, index, eigenvalue)) {
        m->end = class_of(eigenvalue, count, slack(h, bound, n));
        m->curvature = eigenvalue;
        m->curvatures = count;
        eigenvalue = NULL;
    }
    free(eigenvalue);
    free(index);
    free(h);
}
