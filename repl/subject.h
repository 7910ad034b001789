/* What explain derives: df/dx, f', grad f, diff(E, x) as a body and the parameters by which. */
#ifndef REPL_SUBJECT_H
#define REPL_SUBJECT_H

#include "repl/interp.h"

/* What is derived: `body` by one parameter, or by each. */
typedef struct Subject {
    Callee callee;
    Expr body;
    size_t param_count;
    const Param *param;
    size_t first, count; /* the parameters by which */
} Subject;

/* The subject, and its derivative as the name alone prints it; both live in the statement's arena and
 * the store.  False after a diagnostic. */
bool subject_read(Task *t, const Ast *item, Subject *u, Expr *formula);
/* Says what explain takes, at the item or (NULL) the statement; false. */
bool subject_refuse(Task *t, const Ast *item);

#endif
