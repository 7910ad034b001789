/* Syntax trees to expressions: names are resolved, shapes checked, array arithmetic written as VEC
 * nodes.  The as-typed graph: nothing is reordered or simplified. */
#ifndef EXPR_LOWER_H
#define EXPR_LOWER_H

#include "base/diag.h"
#include "expr/defs.h"
#include "parser/ast.h"

typedef struct Lower {
    Defs *defs;
    size_t param_count;
    const Param *param;     /* names that win over all others */
    bool free_letters;      /* a single letter with optional digits may be a free SYM (check, explain) */
    bool as_point;          /* named things x=1, y=2 are accepted as the coordinates of a point */
    Diags *diags;
    Name defining;          /* the function being defined may call itself (param, param_count are its
                               parameters); 0 */
    int defining_rank;      /* rank of its value, as far as known: 0 */
    /* random(n) asks for a vector of n numbers; NULL where it may not stand */
    Expr (*random)(void *context, size_t n);
    void *random_context;
    /* private to lowering */
    struct LowerScope *scope;
    unsigned open_loops, nesting;
    /* free SYMs met, in order of first use; owned by the caller, who frees free_name */
    Name *free_name;
    size_t free_count, free_cap;
} Lower;

/* 0 after a diagnostic. */
Expr lower_expression(Lower *l, const Ast *tree);
/* A definition (AST_DEF): parameters and body.  Fills *out (owned parts go to defs_set_function);
 * false after a diagnostic.  `text` is the statement as typed. */
bool lower_definition(Defs *d, const Ast *def, const char *text, size_t len, Diags *diags, Def *out);

/* A tree that names a function without calling it: f, sin, f', df/dx, grad f, hess(f), diff(f, x),
 * df/dx[k] is none. */
typedef enum CalleeKind { CALLEE_FN, CALLEE_BUILTIN, CALLEE_GRAD, CALLEE_HESS, CALLEE_JAC } CalleeKind;
typedef struct Callee {
    CalleeKind kind;
    FnId fn;               /* FN; for GRAD, HESS, JAC the function it is taken of */
    uint32_t builtin;      /* BUILTIN: function id */
    unsigned primes;       /* BUILTIN: how often differentiated */
    Expr formula;          /* diff(E, x): the derivative, else 0 */
    Param own[3];          /* parameters of a BUILTIN or of diff(E, ...) */
    size_t param_count;
    const Param *param;    /* of the base function, borrowed from its Def; made for a built-in */
} Callee;
/* Is the tree such a name?  No diagnostics. */
bool lower_is_callee(Lower *l, const Ast *tree);
/* Resolves it; false after a diagnostic. */
bool lower_callee(Lower *l, const Ast *tree, Callee *out);
/* The value of the callee as an expression in its parameters' symbols: CALL nodes of its FnIds,
 * grad as a vector of them (of one array parameter: that parameter's shape), hess as a matrix. */
Expr lower_callee_body(Lower *l, const Callee *c, Span span);
/* The reading form of the same: what typing the bare name prints. */
Expr lower_callee_formula(Lower *l, const Callee *c, Span span);
/* The reading form of an element of a callee, df/dx[2] or df/dx[k]: the tree is an AST_INDEX of a
 * callee; its indices may use free letters.  0 after a diagnostic. */
Expr lower_element_formula(Lower *l, const Ast *tree);
/* Is the tree such an element?  No diagnostics. */
bool lower_is_element(Lower *l, const Ast *tree);
/* Is it an element at indices that are free letters, all different: df/dx[k]?  No diagnostics. */
bool lower_is_open_element(Lower *l, const Ast *tree);
/* For such an element of `array` an expression in its indices, put together for all of them:
 * vec(k=1..n, body).  0 after a diagnostic. */
Expr lower_for_all(Lower *l, const Ast *element, Expr array, const Ast *body);
void lower_callee_name(Buf *out, Defs *d, const Callee *c);

#endif
