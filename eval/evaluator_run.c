/* Values and derivatives at a point, with error bounds if asked; see evaluator.h. */
#include <math.h>
#include <string.h>

#include "eval/evaluator_parts.h"

/* Points slots first .. to the parameters' parts of `vector`. */
void evaluator_spread(const Evaluator *e, double **array, size_t first, double *vector) {
    for (size_t i = 0; i < e->params; i++)
        array[first + i] = vector ? vector + e->offset[i] : NULL;
}

static RunStatus run(Part *q, const double *x, bool bounds) {
    if (bounds)
        return program_run_bounds(q->program, q->workspace, x, NULL, q->array, q->bound);
    return program_run(q->program, q->workspace, x, q->array);
}

/* -0 and 0 are the same slope: 0 is shown. */
static void plain_zeros(size_t count, double *g) {
    for (size_t i = 0; i < count; i++)
        g[i] += 0.0;
}

static RunStatus unavailable(size_t count, double *out) {
    for (size_t i = 0; out && i < count; i++)
        out[i] = NAN;
    return RUN_SIZE;
}

static RunStatus value_at(Evaluator *e, const double *x, double *f, double *bound) {
    Part *q = evaluator_part(e, PART_VALUE);
    q->array[0] = f;
    q->bound[0] = bound;
    return run(q, x, bound != NULL);
}

RunStatus evaluator_value(Evaluator *e, const double *x, double *f) {
    return value_at(e, x, f, NULL);
}

RunStatus evaluator_value_bounds(Evaluator *e, const double *x, double *f, double *f_bound) {
    return value_at(e, x, f, f_bound);
}

static RunStatus gradient_at(Evaluator *e, const double *x, double *f, double *fb, double *g, double *gb) {
    Part *q = e->rank == 0 ? evaluator_part(e, PART_GRADIENT) : NULL;
    double unused, unused_bound;
    if (!q)
        return unavailable(e->points, g);
    q->array[0] = f ? f : &unused;
    evaluator_spread(e, q->array, 1, g);
    if (gb) {
        q->bound[0] = fb ? fb : &unused_bound;
        evaluator_spread(e, q->bound, 1, gb);
    }
    RunStatus res = run(q, x, gb != NULL);
    plain_zeros(e->points, g);
    return res;
}

RunStatus evaluator_gradient(Evaluator *e, const double *x, double *f, double *g) {
    return gradient_at(e, x, f, NULL, g, NULL);
}

RunStatus evaluator_gradient_bounds(Evaluator *e, const double *x, double *f, double *f_bound, double *g,
                                    double *g_bound) {
    return gradient_at(e, x, f, f_bound, g, g_bound);
}

static RunStatus hessian_times(Evaluator *e, const double *x, double *v, double *hv, double *bound) {
    Part *q = e->rank == 0 ? evaluator_part(e, PART_HESSIAN) : NULL;
    if (!q)
        return unavailable(e->points, hv);
    evaluator_spread(e, q->array, 0, v);
    evaluator_spread(e, q->array, e->params, hv);
    evaluator_spread(e, q->bound, 0, bound ? e->zero : NULL);
    evaluator_spread(e, q->bound, e->params, bound);
    RunStatus res = run(q, x, bound != NULL);
    plain_zeros(e->points, hv);
    return res;
}

RunStatus evaluator_hessian_times(Evaluator *e, const double *x, const double *v, double *hv) {
    memcpy(e->row, v, e->points * sizeof *v);
    return hessian_times(e, x, e->row, hv, NULL);
}

/* Column k goes to row k first, then the matrix is transposed in place. */
static RunStatus hessian_at(Evaluator *e, const double *x, double *h, double *bound) {
    size_t n = e->points;
    RunStatus res = RUN_OK;
    memset(e->zero, 0, n * sizeof *e->zero);
    for (size_t k = 0; k < n && res == RUN_OK; k++) {
        memset(e->row, 0, n * sizeof *e->row);
        e->row[k] = 1;
        res = hessian_times(e, x, e->row, h + k * n, bound ? bound + k * n : NULL);
    }
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < i; k++) {
            double t = h[i * n + k];
            h[i * n + k] = h[k * n + i];
            h[k * n + i] = t;
            if (bound) {
                t = bound[i * n + k];
                bound[i * n + k] = bound[k * n + i];
                bound[k * n + i] = t;
            }
        }
    return res;
}

RunStatus evaluator_hessian(Evaluator *e, const double *x, double *h) {
    return hessian_at(e, x, h, NULL);
}

RunStatus evaluator_hessian_bounds(Evaluator *e, const double *x, double *h, double *h_bound) {
    return hessian_at(e, x, h, h_bound);
}

/* Column k of the Jacobian: the tangent along coordinate k. */
static RunStatus jacobian_forward(Evaluator *e, Part *q, const double *x, double *j, double *bound) {
    size_t n = e->points, m = e->results;
    RunStatus res = RUN_OK;
    memset(e->zero, 0, n * sizeof *e->zero);
    for (size_t k = 0; k < n && res == RUN_OK; k++) {
        memset(e->row, 0, n * sizeof *e->row);
        e->row[k] = 1;
        evaluator_spread(e, q->array, 0, e->row);
        evaluator_spread(e, q->bound, 0, e->zero);
        q->array[e->params] = e->column;
        q->bound[e->params] = e->column_bound;
        res = run(q, x, bound != NULL);
        plain_zeros(m, e->column);
        for (size_t i = 0; i < m; i++) {
            j[i * n + k] = e->column[i];
            if (bound)
                bound[i * n + k] = e->column_bound[i];
        }
    }
    return res;
}

static RunStatus jacobian_rows(Evaluator *e, Part *q, const double *x, double *j, double *bound) {
    size_t n = e->points, m = e->results;
    RunStatus res = RUN_OK;
    for (size_t i = 0; i < m && res == RUN_OK; i++) {
        double unused, unused_bound, exact = 0, at = (double)(i + 1);
        q->array[0] = &unused;
        q->bound[0] = &unused_bound;
        evaluator_spread(e, q->array, 1, j + i * n);
        evaluator_spread(e, q->bound, 1, bound ? bound + i * n : NULL);
        if (e->rank == 1) {
            q->array[1 + e->params] = &at;
            q->bound[1 + e->params] = &exact;
        }
        res = run(q, x, bound != NULL);
        plain_zeros(n, j + i * n);
    }
    return res;
}

/* Rows by the reverse sweep, or columns by forward differentiation: where these are fewer, for a
 * matrix, and where the lengths inside a row depend on which row it is. */
Part *evaluator_jacobian_part(Evaluator *e, bool *forward) {
    *forward = (0 < e->rank && e->points < e->results) || e->rank == 2;
    Part *q = evaluator_part(e, *forward ? PART_FORWARD : PART_ROW);
    if (q || *forward)
        return q;
    *forward = true;
    return evaluator_part(e, PART_FORWARD);
}

RunStatus evaluator_jacobian_bounds(Evaluator *e, const double *x, double *j, double *j_bound) {
    bool forward;
    Part *q = evaluator_jacobian_part(e, &forward);
    if (!q)
        return unavailable(e->points * e->results, j);
    return forward ? jacobian_forward(e, q, x, j, j_bound) : jacobian_rows(e, q, x, j, j_bound);
}

RunStatus evaluator_jacobian(Evaluator *e, const double *x, double *j) {
    return evaluator_jacobian_bounds(e, x, j, NULL);
}
