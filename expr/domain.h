/* Where an expression is defined, which elements it needs, and where inside its domain it may have no derivative, as
 * conditions that can be printed and evaluated. */
#ifndef EXPR_DOMAIN_H
#define EXPR_DOMAIN_H

#include "expr/defs.h"

/* The condition (1 or 0) under which e is defined: the conditions of its functions and operators,
 * each inside the choices that guard it; a constant 1 where nothing can go wrong.  Calls are looked
 * into, recursive ones are taken as defined.  0 (the error expression) when interrupted. */
Expr domain_of(Defs *d, Expr e);
/* The condition under which every element that is read in e stands inside its array; the same way. */
Expr elements_of(Defs *d, Expr e);
/* Where e may have no derivative though it is defined: corners of abs, edges of a choice, ...; a
 * constant 0 where there is no such place. */
Expr kinks_of(Defs *d, Expr e);

#endif
