/* Points of a run, thinned in place: when the rows are full every second one goes. */
#include "optim/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { EXTRA_ROWS = 2 }; /* for best and end, when the points are taken */

void history_init(History *h, size_t n, uint64_t steps, size_t bytes) {
    memset(h, 0, sizeof *h);
    h->n = n;
    h->every = 1;
    size_t row = n * sizeof(double) + sizeof(uint64_t);
    if (bytes) {
        h->cap = bytes / row < 1 ? 1 : bytes / row;
        if (steps < h->cap) h->cap = (size_t)steps + 2;
        h->x = mem_new_large((h->cap + EXTRA_ROWS) * n, sizeof(double));
        h->step = mem_new_large(h->cap, sizeof(uint64_t));
    }
    h->best = mem_new(n, sizeof(double));
    h->end = mem_new(n, sizeof(double));
}

void history_done(History *h) {
    free(h->x);
    free(h->step);
    free(h->best);
    free(h->end);
    memset(h, 0, sizeof *h);
}

/* Keeps the rows whose step is a multiple of twice the distance so far. */
static void thin(History *h) {
    h->every *= 2;
    size_t kept = 0;
    for (size_t i = 0; i < h->count; i++) {
        if (h->step[i] & (h->every - 1)) continue;
        if (kept != i) memcpy(h->x + kept * h->n, h->x + i * h->n, h->n * sizeof(double));
        h->step[kept++] = h->step[i];
    }
    h->count = kept;
}

void history_add(History *h, uint64_t step, const double *x) {
    if (step & (h->every - 1) || !h->cap) return;
    if (h->count == h->cap) {
        thin(h);
        if (step & (h->every - 1) || h->count == h->cap) return;
    }
    double *row = h->x + h->count * h->n;
    for (size_t i = 0; i < h->n; i++) row[i] = x[i];
    h->step[h->count++] = step;
}

void history_set_best(History *h, uint64_t step, const double *x) {
    h->has_best = true;
    h->best_step = step;
    for (size_t i = 0; i < h->n; i++) h->best[i] = x[i];
}

void history_set_end(History *h, uint64_t step, const double *x) {
    h->has_end = true;
    h->end_step = step;
    memcpy(h->end, x, h->n * sizeof(double));
}

void history_cut(History *h, uint64_t step) {
    while (h->count && step < h->step[h->count - 1]) h->count--;
    if (step < h->best_step) h->has_best = false;
    if (step < h->end_step) h->has_end = false;
}

/* The number of rows with a step below `step`; *here says whether a row has that very step. */
static size_t rows_before(const History *h, uint64_t step, bool *here) {
    size_t lo = 0, hi = h->count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (h->step[mid] < step) lo = mid + 1;
        else hi = mid;
    }
    *here = lo < h->count && h->step[lo] == step;
    return lo;
}

/* Which of best and end stand between the rows, and where (index among all points). */
typedef struct Extra {
    bool best, end;
    size_t best_at, end_at;
} Extra;

static Extra extra_points(const History *h) {
    Extra res = {0};
    bool here;
    res.best_at = rows_before(h, h->best_step, &here);
    res.best = h->has_best && !here;
    res.end_at = rows_before(h, h->end_step, &here);
    res.end = h->has_end && !here && !(h->has_best && h->best_step == h->end_step);
    if (res.end && res.best) {
        if (h->best_step < h->end_step) res.end_at++;
        else res.best_at++;
    }
    return res;
}

size_t history_count(const History *h) {
    Extra e = extra_points(h);
    return h->count + e.best + e.end;
}

const double *history_point(const History *h, size_t i, uint64_t *step) {
    if (i < h->count && (!h->has_best || h->step[i] <= h->best_step) &&
        (!h->has_end || h->step[i] <= h->end_step)) { /* no point between the rows so far */
        *step = h->step[i];
        return h->x + i * h->n;
    }
    Extra e = extra_points(h);
    if (h->count + e.best + e.end <= i) return NULL;
    if (e.best && i == e.best_at) {
        *step = h->best_step;
        return h->best;
    }
    if (e.end && i == e.end_at) {
        *step = h->end_step;
        return h->end;
    }
    size_t row = i - (e.best && e.best_at < i) - (e.end && e.end_at < i);
    *step = h->step[row];
    return h->x + row * h->n;
}

/* Puts a row in at `at`. */
static void insert_row(double *x, size_t n, size_t count, size_t at, const double *row) {
    if (at < count) memmove(x + (at + 1) * n, x + at * n, (count - at) * n * sizeof *x);
    memcpy(x + at * n, row, n * sizeof *x);
}

double *history_take(History *h, size_t *count) {
    Extra e = extra_points(h);
    double *res = h->x ? h->x : mem_new(EXTRA_ROWS * h->n, sizeof *res);
    *count = h->count;
    bool best_first = e.best_at < e.end_at;
    if (e.best && best_first) insert_row(res, h->n, (*count)++, e.best_at, h->best);
    if (e.end) insert_row(res, h->n, (*count)++, e.end_at, h->end);
    if (e.best && !best_first) insert_row(res, h->n, (*count)++, e.best_at, h->best);
    h->x = NULL;
    h->cap = h->count = 0;
    return mem_fit(res, *count * h->n, sizeof *res);
}
