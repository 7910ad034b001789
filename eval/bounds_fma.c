/* bounds.c once more, for x86-64 processors with a fused multiply-add.  It is what bounds spend their
 * time on, and in a build for all processors a call.  The values are the same: both round once. */
#include "eval/interp_shadow.h"

#include <float.h>
#include <math.h>

#include "expr/functions.h"

#if defined __x86_64__ && defined __GNUC__
#ifdef __clang__
#pragma clang attribute push(__attribute__((target("fma"))), apply_to = function)
#else
#pragma GCC target("fma")
#endif
#define BOUNDS_RUN interp_run_bounds_fma
#include "eval/bounds.c"
#ifdef __clang__
#pragma clang attribute pop
#endif
#else
RunStatus interp_run_bounds_fma(const Program *p, Workspace *w) {
    return interp_run_bounds(p, w);
}
#endif
