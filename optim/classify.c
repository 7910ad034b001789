/* Curvatures are the eigenvalues of the Hessian; by Weyl's inequality none is farther off than the
 * Frobenius norm of the errors of its entries.  Near x^3 = 0 the curvature at the point where a run
 * stopped is not that of the stationary point: the Newton step p says where that is, and the
 * curvatures at x + 2p must tell the same. */
#include "optim/classify.h"

#include <float.h>
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

const char *class_name(PointClass kind) {
    static const char *const names[] = {"unknown", "minimum", "maximum", "saddle", "flat", "kink"};
    return names[kind];
}

/* The Hessian of the free variables at a point, taken apart. */
typedef struct Curves {
    Evaluator *e;
    size_t n, count;
    const size_t *free;  /* the free variables */
    double *h, *h_bound; /* n*n */
    gsl_matrix *matrix, *vectors;
    gsl_vector *values;
    gsl_eigen_symmv_workspace *work;
    double bound;
} Curves;

static void curves_init(Curves *c, Evaluator *e, size_t n, size_t count, const size_t *free_ones) {
    *c = (Curves){.e = e, .n = n, .count = count, .free = free_ones};
    c->h = mem_new(n * n, sizeof(double));
    c->h_bound = mem_new(n * n, sizeof(double));
    c->matrix = gsl_matrix_alloc(count, count);
    c->vectors = gsl_matrix_alloc(count, count);
    c->values = gsl_vector_alloc(count);
    c->work = gsl_eigen_symmv_alloc(count);
}

static void curves_done(Curves *c) {
    free(c->h);
    free(c->h_bound);
    gsl_matrix_free(c->matrix);
    gsl_matrix_free(c->vectors);
    gsl_vector_free(c->values);
    gsl_eigen_symmv_free(c->work);
}

/* Values ascending with vectors and bound; false where the Hessian is not finite. */
static bool curves_at(Curves *c, const double *x) {
    if (evaluator_hessian_bounds(c->e, x, c->h, c->h_bound) != RUN_OK) return false;
    double errors = 0, size = 0;
    for (size_t i = 0; i < c->count; i++)
        for (size_t j = 0; j < c->count; j++) {
            size_t a = c->free[i] * c->n + c->free[j], b = c->free[j] * c->n + c->free[i];
            double entry = 0.5 * (c->h[a] + c->h[b]);
            if (!isfinite(entry)) return false;
            gsl_matrix_set(c->matrix, i, j, entry);
            errors += c->h_bound[a] * c->h_bound[a];
            size += entry * entry;
        }
    c->bound = sqrt(errors) + 8 * DBL_EPSILON * (double)c->count * sqrt(size);
    if (!isfinite(c->bound) || gsl_eigen_symmv(c->matrix, c->values, c->vectors, c->work))
        return false;
    gsl_eigen_symmv_sort(c->values, c->vectors, GSL_EIGEN_SORT_VAL_ASC);
    return true;
}

static PointClass class_of(double least, double most, double bound) {
    if (bound < least) return CLASS_MINIMUM;
    if (most < -bound) return CLASS_MAXIMUM;
    if (least < -bound && bound < most) return CLASS_SADDLE;
    return CLASS_FLAT;
}

/* x + 2p, H p = -g, g of the free variables; false if that is no finite point. */
static bool beyond_newton(const Curves *c, const double *x, const double *g, double *to) {
    memcpy(to, x, c->n * sizeof *x);
    for (size_t k = 0; k < c->count; k++) {
        double along = 0, value = gsl_vector_get(c->values, k);
        for (size_t i = 0; i < c->count; i++)
            along += gsl_matrix_get(c->vectors, i, k) * g[c->free[i]];
        for (size_t i = 0; i < c->count; i++)
            to[c->free[i]] -= 2 * (along / value) * gsl_matrix_get(c->vectors, i, k);
    }
    for (size_t i = 0; i < c->n; i++)
        if (!isfinite(to[i])) return false;
    return true;
}

/* The same signs there, and none of the curvatures less than half of what it was. */
static bool is_lasting(Curves *c, const double *x, const double *g, const Classified *was) {
    double *to = mem_new(c->n, sizeof *to);
    bool res = beyond_newton(c, x, g, to) && curves_at(c, to);
    free(to);
    for (size_t i = 0; i < c->count && res; i++) {
        double before = was->curvature[i], after = gsl_vector_get(c->values, i);
        res = 0.5 * fabs(before) <= fabs(after) && (before < 0) == (after < 0);
    }
    return res;
}

static void keep(Classified *out, const Curves *c) {
    out->count = c->count;
    out->bound = c->bound;
    for (size_t i = 0; i < c->count; i++) {
        out->curvature[i] = gsl_vector_get(c->values, i);
        out->downhill[c->free[i]] = gsl_matrix_get(c->vectors, i, 0);
    }
}

static bool is_stationary(const double *g, const size_t *free_ones, size_t count, double tol) {
    for (size_t i = 0; i < count; i++)
        if (!(fabs(g[free_ones[i]]) <= tol)) return false;
    return true;
}

static size_t find_free(size_t *out, const double *x, const double *lo, const double *hi,
                        size_t n) {
    size_t count = 0;
    for (size_t i = 0; i < n; i++)
        if (!lo || (lo[i] < x[i] && x[i] < hi[i])) out[count++] = i;
    return count;
}

/* At a corner of the box there is no free variable: the gradient points out of it (or is 0). */
static PointClass class_of_corner(const double *x, const double *g, const double *lo,
                                  const double *hi, size_t n) {
    bool least = true, most = true;
    for (size_t i = 0; i < n; i++) {
        if (hi[i] <= lo[i]) continue;
        bool low = x[i] <= lo[i];
        least &= low ? 0 < g[i] : g[i] < 0;
        most &= low ? g[i] < 0 : 0 < g[i];
    }
    return least ? CLASS_MINIMUM : most ? CLASS_MAXIMUM : CLASS_UNKNOWN;
}

void classify_point(Classified *out, Evaluator *e, const double *x, const double *lo,
                    const double *hi, double tol) {
    size_t n = evaluator_points(e);
    memset(out, 0, sizeof *out);
    if (CLASSIFY_MOST < n || evaluator_results(e) != 1) return;
    size_t *free_ones = mem_new(n, sizeof *free_ones);
    double *g = mem_new(n, sizeof *g), f;
    out->curvature = mem_new(n, sizeof *out->curvature);
    out->downhill = mem_new(n, sizeof *out->downhill);
    size_t count = find_free(free_ones, x, lo, lo ? hi : NULL, n);
    bool known = evaluator_gradient(e, x, &f, g) == RUN_OK && isfinite(f);
    if (known && count == 0) out->kind = class_of_corner(x, g, lo, hi, n);
    if (known && count) {
        Curves c;
        curves_init(&c, e, n, count, free_ones);
        if (curves_at(&c, x)) {
            keep(out, &c);
            bool still = is_stationary(g, free_ones, count, tol);
            if (still)
                out->kind = class_of(out->curvature[0], out->curvature[count - 1], out->bound);
            if (still && out->kind != CLASS_FLAT && !is_lasting(&c, x, g, out))
                out->kind = CLASS_FLAT;
        }
        curves_done(&c);
    }
    free(free_ones);
    free(g);
}

void classified_done(Classified *c) {
    free(c->curvature);
    free(c->downhill);
    memset(c, 0, sizeof *c);
}
