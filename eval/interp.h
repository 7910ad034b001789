/* What the instances of the interpreter share; see interp_body.h. */
#ifndef EVAL_INTERP_H
#define EVAL_INTERP_H

#include <math.h>

#include "eval/program_code.h"

enum { CALL_ROUNDS = 64 }; /* a call counts as so many rounds of a loop */
#define MOST_WHOLE 9007199254740992.0
typedef enum ReduceMode { REDUCE_PLAIN, REDUCE_BOUNDS, REDUCE_ORIGIN } ReduceMode;

/* ---- ranges ---- */
/* The last index of lo..hi, lo - 1 if there is none; NaN where one of them, left in *wrong, is not a
 * whole number below 2^53 (beyond, doubles skip whole numbers). */
double range_last(double lo, double hi, double *wrong);
/* The rounds from an index to the last one, `more` beyond it. */
uint64_t round_count(double more);

/* ---- the order of reductions ----
 * Below 32 terms: from the neutral value, left to right.  From 32: within blocks of 4,096 terms,
 * term i goes to accumulator i mod 16; a block's accumulators are added as a tree (i with i + 8, then
 * with i + 4, + 2, + 1); blocks are added pairwise as in a binary counter, what remains at the end
 * from the last to the first. */
static inline void reduction_begin(Reduction *q, double lo, double last, double neutral) {
    q->count = round_count(last - lo);
    q->done = q->blocks = 0;
    q->mask = q->count < 32 ? 0 : LANES - 1;
    for (int i = 0; i <= (int)q->mask; i++) {
        q->lane[i] = neutral;
        q->shadow_lane[i] = 0;
    }
    q->shadow_lane[1] = 0;
}
void reduction_flush(Reduction *q, bool product, ReduceMode mode);
/* The value; its shadow in *shadow. */
double reduction_end(Reduction *q, bool product, ReduceMode mode, double *shadow);

/* ---- arrays ---- */
void array_row(ArrayRef *to, const ArrayRef *matrix, size_t row);
bool array_copy_row(ArrayRef *matrix, size_t row, const ArrayRef *from);
void array_clear(ArrayRef *a);
void array_products(ArrayRef *to, const ArrayRef *from, bool suffix, ReduceMode mode);
void array_unknown(ArrayRef *a, ReduceMode mode); /* after the callback: bounds not known */

/* ---- calls ---- */
/* Keeps *f and `at`, and makes *f the callee's frame. */
RunStatus frame_call(Workspace *w, Frame *f, const Instr *at);
/* Makes *f the caller's frame again; the instruction that called. */
const Instr *frame_return(Workspace *w, Frame *f);
void frame_unwind(Workspace *w);

#endif
