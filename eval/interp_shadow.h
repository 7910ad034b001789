/* Running with a shadow beside every register and array element; for bounds.c and origin.c. */
#ifndef EVAL_INTERP_SHADOW_H
#define EVAL_INTERP_SHADOW_H

#include "eval/interp.h"

/* Attaches inputs and outputs with shadows: x_shadow and slot_shadow[i] may be NULL (all 0);
 * shadows of outputs are zeroed.  False when memory runs out. */
bool shadow_attach(Workspace *w, const double *x, const double *x_shadow, double *const *slots,
                   double *const *slot_shadow);
void shadow_detach(Workspace *w);
/* In a run with error bounds the constants enter with their own; else does nothing. */
void shadow_constants(const Workspace *w, const Sub *u, double *shadow);

#endif
