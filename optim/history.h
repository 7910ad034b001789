/* The points of a run: x and step number, thinned to every 2^k-th step when the budget is full. The
 * start, the best point and the end are always there. */
#ifndef OPTIM_HISTORY_H
#define OPTIM_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct History {
    size_t n; /* numbers in a point */
    size_t count, cap;
    uint64_t every; /* steps that are a multiple of this are kept; a power of 2 */
    double *x;      /* owned: cap rows */
    uint64_t *step; /* owned: of each row, ascending */
    uint64_t best_step, end_step;
    double *best, *end; /* owned: n numbers each */
    bool has_best, has_end;
} History;

/* Reserves room once: `bytes` at most, no more rows than `steps` + 1 needs, at least one row (so
 * a run of any length keeps its start).  bytes == 0 keeps no rows at all, only the best point and
 * the end. */
void history_init(History *h, size_t n, uint64_t steps, size_t bytes);
void history_done(History *h);
/* Step `step` is at x.  Steps come in ascending order.  Allocates nothing. */
void history_add(History *h, uint64_t step, const double *x);
void history_set_best(History *h, uint64_t step, const double *x);
void history_set_end(History *h, uint64_t step, const double *x);
/* Forgets the steps after `step`. */
void history_cut(History *h, uint64_t step);
/* How many points it holds, best and end included, each step once. */
size_t history_count(const History *h);
/* Point i in order of steps; NULL beyond the last.  Borrowed until the next change. */
const double *history_point(const History *h, size_t i, uint64_t *step);
/* The points in order of steps as rows of n numbers, best and end among them; their number in *count.
 * The caller owns them; the history keeps best and end, but holds no rows any more and takes none. */
double *history_take(History *h, size_t *count);

#endif
