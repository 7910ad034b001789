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

static void copy_column(const gsl_matrix *m, size_t column, double *out) {
    double sign = 0; /* the first component that is not 0 becomes positive */
    for (size_t i = 0; out && i < m->size1; i++) {
        double v = gsl_matrix_get(m, i, column);
        if (sign == 0 && 1e-12 < fabs(v)) sign = v < 0 ? -1 : 1;
        out[i] = (sign == 0 ? 1 : sign) * v;
    }
}

bool classify_eigenvalues(const double *h, size_t n, size_t count, const size_t *index, double *out,
                          double *lowest, double *highest) {
    gsl_matrix *a = gsl_matrix_alloc(count, count), *vectors = gsl_matrix_alloc(count, count);
    gsl_vector_view values = gsl_vector_view_array(out, count);
    gsl_eigen_symmv_workspace *w = gsl_eigen_symmv_alloc(count);
    bool finite = true;
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            double v = 0.5 * (h[index[i] * n + index[j]] + h[index[j] * n + index[i]]);
            finite = finite && isfinite(v);
            gsl_matrix_set(a, i, j, v);
        }
    bool res = finite && gsl_eigen_symmv(a, &values.vector, vectors, w) == 0 &&
               gsl_eigen_symmv_sort(&values.vector, vectors, GSL_EIGEN_SORT_VAL_ASC) == 0;
    if (res) {
        copy_column(vectors, 0, lowest);
        copy_column(vectors, count - 1, highest);
    }
    gsl_eigen_symmv_free(w);
    gsl_matrix_free(vectors);
    gsl_matrix_free(a);
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
    Evaluator *e = evaluator_new(t->in->defs, m->target.param_count, m->target.param, kinks,
                                 m->start.dims, t->in->interrupt, &quiet, m->target.span);
    double answer = 0;
    bool res = e && evaluator_value(e, x, &answer) == RUN_OK && answer == 1;
    evaluator_free(e);
    return res;
}

/* From a point of the wrong kind: the eigenvector along which f goes the wanted way, in all n
 * coordinates. */
static void keep_direction(Minimize *m, size_t n, size_t count, const size_t *index,
                           const double *vector) {
    EndClass wrong = m->maximize ? END_MINIMUM : END_MAXIMUM;
    if (m->end != END_SADDLE && m->end != wrong) return;
    m->direction = mem_new(n + 1, sizeof *m->direction);
    for (size_t i = 0; i < count; i++) m->direction[index[i]] = vector[i];
}

static void classify_smooth(Minimize *m, const RunResult *r) {
    size_t n = r->n;
    double *h = mem_new(2 * n * n + 2 * n + 1, sizeof *h), *bound = h + n * n;
    double *low = bound + n * n, *high = low + n;
    size_t *index = mem_new(n + 1, sizeof *index);
    size_t count = free_coordinates(m, r, index);
    double *eigenvalue = mem_new(n + 1, sizeof *eigenvalue);
    if (count == 0) {
        m->end = m->maximize ? END_MAXIMUM : END_MINIMUM; /* a corner that the gradient presses into */
    } else if (evaluator_hessian_bounds(m->f, r->x, h, bound) == RUN_OK &&
               classify_eigenvalues(h, n, count, index, eigenvalue, low, high)) {
        m->end = class_of(eigenvalue, count, slack(h, bound, n));
        keep_direction(m, n, count, index, m->maximize ? high : low);
        m->curvature = eigenvalue;
        m->curvatures = count;
        eigenvalue = NULL;
    }
    free(eigenvalue);
    free(index);
    free(h);
}

void minimize_classify(Minimize *m, const RunResult *r) {
    m->end = END_UNKNOWN;
    if (is_kink(m, r->x))
        m->end = END_KINK;
    else if (r->n <= CLASSIFY_MOST && isfinite(r->f) && r->converged && !m->numeric)
        classify_smooth(m, r);
}
