/* Definitions of a session: functions and variables by name.  Owned by the interpreter.  Definitions
 * refer to each other by name, so redefining one changes all that use it. */
#ifndef EXPR_DEFS_H
#define EXPR_DEFS_H

#include "base/diag.h"
#include "expr/expr.h"

typedef uint32_t FnId; /* a user's function, or a derivative of one: (name, parameters in order) */

typedef struct Param {
    Name name;
    int rank;         /* 0 a number */
    Expr dim[2];      /* rank of them: a constant or a SYM of rank 0 (the n of x[n]) */
    Expr symbol;      /* the SYM node that stands for it in the body */
} Param;

typedef struct Def {
    Name name;
    size_t param_count;
    Param *param;     /* owned */
    Expr body;        /* 0 when stale or in error */
    char *text;       /* as typed, owned: show f gives it back */
    Name lost;        /* a function it called that is a variable now, or the reverse; 0 */
    bool lost_function;
    bool recursive;   /* calls itself, directly or by others */
    uint32_t version; /* changes with each redefinition of it or of what it uses */
    unsigned plain;   /* for repl/describe.c: its kind if it is smooth everywhere, 0: not known */
} Def;

/* A value: a number, or an array of rank 1 or 2, rows first. */
typedef struct Value {
    int rank;
    size_t dim[2];
    size_t count;  /* product of the dims, 1 for a number */
    double *data;  /* owned, `count` numbers also when the rank is 0 */
} Value;

void value_init_number(Value *v, double number);
void value_init_array(Value *v, int rank, const size_t *dim); /* zeroed */
void value_own_array(Value *v, int rank, const size_t *dim, double *data); /* takes the data over */
void value_copy(Value *to, const Value *from);
void value_done(Value *v);

typedef struct Var {
    Name name;
    Value value;
    Expr exact; /* the exact expression it was given, if that is a rational constant, else 0 */
} Var;

typedef struct Defs Defs;

Defs *defs_new(Store *s);
void defs_free(Defs *d);
Store *defs_store(const Defs *d);
/* NULL if there is none of that name. */
Def *defs_function(const Defs *d, Name name);
Var *defs_variable(const Defs *d, Name name);
/* Enter or replace; takes what the struct owns.  A name is a function or a variable, not both. */
Def *defs_set_function(Defs *d, const Def *def);
Var *defs_set_variable(Defs *d, Name name, Value value, Expr exact);
void defs_remove(Defs *d, Name name);
/* The function being lowered, which may call itself as one whose value is a number; NULL: none. */
void defs_set_making(Defs *d, const Def *def);
/* Does the expression call the function, or a derivative of it, itself? */
bool defs_calls(const Defs *d, Expr e, Name function);
size_t defs_function_count(const Defs *d); /* in order of first definition */
Def *defs_function_at(const Defs *d, size_t i);
size_t defs_variable_count(const Defs *d);
Var *defs_variable_at(const Defs *d, size_t i);
/* Calls `each` for every function whose body uses `name`, directly or through others. */
void defs_users(const Defs *d, Name name, void (*each)(void *to, Def *user), void *to);
/* Calls `each` for every name that the body of f uses itself, some more than once. */
void defs_uses(const Defs *d, const Def *f, void (*each)(void *to, Name used), void *to);

/* ---- functions and their derivatives as callees ---- */
/* f differentiated by its parameters number by[0], by[1], ... in that order (count may be 0).  By an
 * array parameter the result gains that parameter's axes: rank = sum of the ranks. */
FnId defs_fn(Defs *d, Name function, size_t count, const uint32_t *by);
Name defs_fn_base(const Defs *d, FnId f);
size_t defs_fn_order(const Defs *d, FnId f);
uint32_t defs_fn_by(const Defs *d, FnId f, size_t i);
int defs_fn_rank(const Defs *d, FnId f);
/* The body, an expression in the base function's parameter symbols; for derivatives the reading
 * form, made once on first use (expr/derive.h).  0 with a diagnostic at `span` when a part has no
 * derivative (diags may be NULL). */
Expr defs_fn_body(Defs *d, FnId f, Diags *diags, Span span);

/* Drops what was made in the store since the mark, and the derivatives kept from it. */
void defs_release(Defs *d, uint32_t mark);

/* e with calls replaced by bodies: every call that is not recursive, while the result stays below
 * `limit` nodes; other calls stay CALL nodes.  Inlining is by substitution, so shared calls stay
 * shared.  Exact: the operations are those of the bodies as typed. */
Expr defs_expand(Defs *d, Expr e, size_t limit);
/* The body of f with its calls expanded likewise; kept until a definition changes. */
Expr defs_fn_expanded(Defs *d, FnId f, size_t limit, Diags *diags, Span span);
/* The body with arguments in the place of the parameters, dimension names included. */
Expr defs_apply(Defs *d, const Def *def, Expr body, const Expr *args);
/* Does f call itself, directly or through others? */
bool defs_fn_is_recursive(const Defs *d, FnId f);

#endif
