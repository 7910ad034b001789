/* The order of reductions, with shadows; see interp.h.  Arrays as a whole. */
#include <string.h>

#include "eval/interp.h"

static const double unit = 0x1p-53;

static bool is_whole(double v) {
    return fabs(v) < MOST_WHOLE && v == floor(v);
}

double range_last(double lo, double hi, double *wrong) {
    *wrong = is_whole(lo) ? hi : lo;
    if (!is_whole(*wrong))
        return NAN;
    return lo <= hi ? hi : lo - 1;
}

uint64_t round_count(double more) {
    return more < MOST_WHOLE ? (uint64_t)more + 1 : (uint64_t)1 << 53;
}

/* a op b with shadows sa, sb; the result in *a, *sa. */
static void combine(double *a, double *sa, double b, double sb, bool product, ReduceMode mode) {
    double v = product ? *a * b : *a + b;
    if (mode == REDUCE_BOUNDS)
        *sa = (product ? fabs(*a) * sb + fabs(b) * *sa + *sa * sb : *sa + sb) + unit * fabs(v);
    else if (mode == REDUCE_ORIGIN)
        *sa = isfinite(v) ? 0 : *sa != 0 && !isfinite(*a) ? *sa : sb;
    *a = v;
}

static double take_lanes(Reduction *q, bool product, ReduceMode mode, double *shadow) {
    for (int half = LANES / 2; 0 < half; half /= 2)
        for (int i = 0; i < half; i++)
            combine(&q->lane[i], &q->shadow_lane[i], q->lane[i + half], q->shadow_lane[i + half], product, mode);
    *shadow = q->shadow_lane[0];
    return q->lane[0];
}

void reduction_flush(Reduction *q, bool product, ReduceMode mode) {
    double shadow = 0, v = take_lanes(q, product, mode, &shadow);
    int level = 0;
    for (uint64_t b = q->blocks++; b & 1; b >>= 1, level++) {
        double left = q->level[level], left_shadow = q->shadow_level[level];
        combine(&left, &left_shadow, v, shadow, product, mode);
        v = left;
        shadow = left_shadow;
    }
    q->level[level] = v;
    q->shadow_level[level] = shadow;
    for (int i = 0; i < LANES; i++) {
        q->lane[i] = product ? 1 : -0.0; /* x + -0 is x, for -0 too */
        q->shadow_lane[i] = 0;
    }
}

double reduction_end(Reduction *q, bool product, ReduceMode mode, double *shadow) {
    double s = 0, v = q->lane[0];
    bool any = false;
    if (!q->mask) {
        s = q->shadow_lane[0];
        any = true;
    } else if (q->blocks == 0 || q->done & (BLOCK - 1)) {
        v = take_lanes(q, product, mode, &s);
        any = true;
    }
    int level = 0;
    for (uint64_t b = q->blocks; b; b >>= 1, level++) {
        if (!(b & 1))
            continue;
        double left = q->level[level], left_shadow = q->shadow_level[level];
        if (any)
            combine(&left, &left_shadow, v, s, product, mode);
        v = left;
        s = left_shadow;
        any = true;
    }
    if (shadow)
        *shadow = s;
    return v;
}

/* ---- arrays ---- */
void array_row(ArrayRef *to, const ArrayRef *matrix, size_t row) {
    size_t at = row * matrix->dim[1];
    to->at = matrix->at + at;
    to->shadow = matrix->shadow ? matrix->shadow + at : NULL;
    to->dim[0] = matrix->dim[1];
    to->dim[1] = 1;
    to->room = 0;
}

bool array_copy_row(ArrayRef *matrix, size_t row, const ArrayRef *from) {
    size_t n = matrix->dim[1];
    if (from->dim[0] != n)
        return false;
    if (n)
        memcpy(matrix->at + row * n, from->at, n * sizeof(double));
    if (n && matrix->shadow) {
        if (from->shadow)
            memcpy(matrix->shadow + row * n, from->shadow, n * sizeof(double));
        else
            memset(matrix->shadow + row * n, 0, n * sizeof(double));
    }
    return true;
}

void array_clear(ArrayRef *a) {
    size_t n = a->dim[0] * a->dim[1];
    if (n)
        memset(a->at, 0, n * sizeof(double));
    if (n && a->shadow)
        memset(a->shadow, 0, n * sizeof(double));
}

void array_products(ArrayRef *to, const ArrayRef *from, bool suffix, ReduceMode mode) {
    size_t n = from->dim[0];
    double v = 1, bound = 0;
    for (size_t i = 0; i < n; i++) {
        size_t at = suffix ? n - 1 - i : i;
        to->at[at] = v;
        if (to->shadow) {
            to->shadow[at] = bound;
            combine(&v, &bound, from->at[at], from->shadow ? from->shadow[at] : 0, true, mode);
        } else {
            v *= from->at[at];
        }
    }
}

void array_unknown(ArrayRef *a, ReduceMode mode) {
    size_t n = a->dim[0] * a->dim[1];
    for (size_t i = 0; a->shadow && i < n; i++)
        a->shadow[i] = mode == REDUCE_BOUNDS ? INFINITY : 0;
}
