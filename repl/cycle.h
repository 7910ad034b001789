/* Cycles among definitions. */
#ifndef REPL_CYCLE_H
#define REPL_CYCLE_H

#include "repl/interp.h"

/* False after a diagnostic when `def`, once entered, would call itself on every path: a cycle with
 * no choice (if, and, or, a loop that may be empty) in it. */
bool cycle_check(Task *t, const Def *def);

#endif
