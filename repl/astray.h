/* Where a refuted claim went astray: the session remembers the last one, and `explain` alone finds the
 * rule of the derivation that it got wrong. */
#ifndef REPL_ASTRAY_H
#define REPL_ASTRAY_H

#include "eval/check.h"
#include "expr/explain.h"
#include "repl/subject.h"

/* Remembers the statement as the last check: if it was refuted, with the slip of its first refuted
 * component; else there is none to go back to. */
void refuted_keep(Task *t, const CheckResult *r);
/* Frees what is remembered; NULL is let be. */
void refuted_free(struct Refuted *r);

/* The last refuted claim, read again in the statement's arena. */
typedef struct RefutedClaim {
    const Ast *left;           /* what is claimed about */
    const char *text;          /* the statement as it was typed; spans refer to it */
    const Ast *tree;           /* the wrong component, NULL where it is not written out */
    size_t component;
    const char *mended;        /* the statement with its repair, or NULL */
    const Ast *mended_tree;
    Span repair;               /* of the repair in `mended` */
    size_t removed;            /* so many characters of `text` stood there */
} RefutedClaim;

/* False after a diagnostic: there is none. */
bool refuted_read(Task *t, RefutedClaim *out);

/* The place in the derivation. */
typedef struct Astray {
    ExplainRule rule;
    Expr of;            /* what is differentiated there; 0: not found */
    const char *yours, *right; /* the user's text and the same mended (or the derivative); NULL: none.
                                  In the statement's arena. */
    const char *missing;       /* a whole term that yours lacks, or NULL */
    bool mended;               /* no difference shows any more: the function has changed since */
} Astray;

/* Finds it for the parameter number `by` of the subject. */
void astray_find(Task *t, const Subject *u, size_t by, Expr formula, const RefutedClaim *claim, Astray *out);

#endif
