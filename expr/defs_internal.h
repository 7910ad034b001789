/* The insides of Defs, for defs.c and expand.c. */
#ifndef EXPR_DEFS_INTERNAL_H
#define EXPR_DEFS_INTERNAL_H

#include "expr/defs.h"

typedef struct FnRef {
    Name base;
    bool retired;  /* made for an earlier shape of the function: calls keep the rank they were made with */
    size_t order;
    uint32_t *by;
    Expr body;     /* of a derivative, once made */
    Expr expanded; /* with calls replaced, once made; for the last limit */
    size_t limit;
    FnId next;     /* of the same base, 0: none */
} FnRef;

struct Defs {
    Store *store;
    Def **function;
    size_t functions, function_cap;
    Var **variable;
    size_t variables, variable_cap;
    uint32_t *index; /* by Name */
    size_t index_cap;
    FnRef *fn;
    size_t fns, fn_cap;
    FnId *first_fn; /* by Name: its functions in fn[] */
    size_t first_fn_cap;
    uint32_t version;
    const Def *making; /* being lowered: it may call itself; its value is a number */
};

#endif
