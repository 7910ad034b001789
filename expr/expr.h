/* The one representation of mathematics: an append-only, hash-consed store of nodes.  An Expr is an
 * index; equal expressions are equal numbers; children have smaller numbers than parents, so a pass
 * is a loop over ascending numbers with an array of answers.  Index 0 is the error expression:
 * builders given 0 return 0.
 *
 * Arithmetic is on numbers only.  Element-by-element arithmetic of arrays is lowered to VEC nodes
 * when the text is read, so ADD, FN, IF, ... always have operands of rank 0; the nodes that can have
 * a rank above 0 are SYM, SLOT, VEC, LIST, ELEM, CALL, PREFIX and SUFFIX.
 *
 * Loop indices.  A loop (SUM .. VEC) owns its index: inside its body the index is the node
 * BOUND(h), h = 1 + the height of the loops inside the body, so that loops that differ only in the
 * index's name are one node.  To look inside, a pass opens the loop: expr_open replaces BOUND(h) by
 * FREE(k), k a number of the pass's own choice (its nesting depth is the natural one), and
 * expr_loop closes again.  A subexpression without the index is the same node inside and outside.
 */
#ifndef EXPR_EXPR_H
#define EXPR_EXPR_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/names.h"

typedef uint32_t Expr;
typedef struct Store Store;

typedef enum ExprOp {
    /*                 payload            kids */
    EXPR_ERROR,     /* -                  -                      */
    EXPR_CONST,     /* (see expr_rational) -                     an exact rational */
    EXPR_PI, EXPR_E, EXPR_INF, EXPR_NAN, EXPR_NEGZERO, /*         constants of their own */
    EXPR_SYM,       /* Name               dims (rank of them)    parameter of a function, or free name */
    EXPR_GLOBAL,    /* Name               dims                   variable of the session, by name */
    EXPR_SLOT,      /* slot number        dims                   array or number owned by a Plan */
    EXPR_BOUND,     /* height             -                      index of an enclosing loop, closed */
    EXPR_FREE,      /* number             -                      index of a loop that a pass has opened */
    EXPR_ADD, EXPR_SUB, EXPR_MUL, EXPR_DIV, EXPR_POW, /* a, b */
    EXPR_NEG,       /* -                  a                      */
    EXPR_FN,        /* function id        arguments              row of expr/functions.def */
    EXPR_REL,       /* AstRel             a, b                   1 if true, else 0 */
    EXPR_AND, EXPR_OR, /* -               a, b                   b is not evaluated if a decides */
    EXPR_NOT,       /* -                  a                      */
    EXPR_IF,        /* -                  condition, then, else  the branch not taken is not evaluated */
    EXPR_SUM, EXPR_PROD, EXPR_MAX, EXPR_MIN, EXPR_ARGMAX, EXPR_ARGMIN, /* loops: height; lo, hi, body */
    EXPR_VEC,       /* height             lo, hi, body           the array of the bodies, counted from 1 */
    EXPR_LIST,      /* -                  elements, n >= 1       an array written out; all of one rank */
    EXPR_ELEM,      /* -                  array, index           one level: W[i][j] is ELEM(ELEM(W,i),j) */
    EXPR_CALL,      /* FnId (defs.h)      arguments              user's function or a derivative of one */
    EXPR_PREFIX, EXPR_SUFFIX, /* -        array of rank 1        out[i] = product of the elements before
                                                                 (after) i; used to reverse PROD */
    EXPR_OPS
} ExprOp;

enum { EXPR_MOST_INDICES = 30 }; /* loops may nest this deep; FREE numbers lie in 0..29 */

typedef enum ExprFlags {
    EXPR_HAS_CALL = 1,   /* a CALL within */
    EXPR_HAS_GLOBAL = 2, /* a GLOBAL within */
    EXPR_HAS_ELEM = 4,   /* an ELEM within (whose index may turn out to be outside) */
    EXPR_HAS_IF = 8
} ExprFlags;

/* The store keeps `names` borrowed.  store_free releases every node. */
Store *store_new(Names *names);
void store_free(Store *s);
Names *store_names(const Store *s);
size_t store_count(const Store *s);
/* Nodes may be dropped in stack order: everything made since the mark. */
uint32_t store_mark(const Store *s);
void store_release(Store *s, uint32_t mark);
/* No node is made beyond this many (default 50 million); builders then return 0 and
 * store_is_full says so. */
void store_set_limit(Store *s, size_t nodes);
bool store_is_full(const Store *s);
/* What one evaluation of a program may use: bytes of arrays (default 1 GiB), and rounds of loops, a
 * call counting as 64 (default 1e10). */
typedef struct Budget {
    size_t memory;
    uint64_t rounds;
} Budget;
void store_set_budget(Store *s, Budget budget);
Budget store_budget(const Store *s);
/* Polled by long passes; when *flag becomes nonzero they return 0 soon.  May be NULL. */
void store_set_interrupt(Store *s, const volatile int *flag);
bool store_is_interrupted(const Store *s);

/* ---- reading nodes ---- */
ExprOp expr_op(const Store *s, Expr e);
uint32_t expr_payload(const Store *s, Expr e);
size_t expr_count(const Store *s, Expr e);      /* number of kids */
Expr expr_kid(const Store *s, Expr e, size_t i);
const Expr *expr_kids(const Store *s, Expr e);  /* borrowed until the next node is made */
int expr_rank(const Store *s, Expr e);          /* 0 number, 1 vector, 2 matrix, ... */
unsigned expr_flags(const Store *s, Expr e);    /* ExprFlags */
/* Indices that stand unbound in e: bit h for BOUND(h), bit 32+k for FREE(k). */
uint64_t expr_mask(const Store *s, Expr e);
bool expr_is_loop(const Store *s, Expr e);      /* SUM .. VEC */
/* Value of a CONST; NULL for any other node.  Borrowed, for as long as the node is there. */
mpq_srcptr expr_rational(const Store *s, Expr e);
/* Is e an integer constant that fits?  Sets *value. */
bool expr_is_integer(const Store *s, Expr e, long *value);
/* The double that a constant node stands for (nearest); NaN for a node that is none. */
double expr_double_of(const Store *s, Expr e);
bool expr_is_constant(const Store *s, Expr e); /* CONST, PI, E, INF, NAN, NEGZERO */

/* ---- making nodes, exactly as asked (nothing is simplified) ---- */
Expr expr_make(Store *s, ExprOp op, uint32_t payload, size_t count, const Expr *kids);
Expr expr_int(Store *s, long value);
Expr expr_const(Store *s, mpq_srcptr value);
/* A decimal text "2.5e-3" as an exact rational.  Returns 0 when it needs more than 65,536 bits; the
 * caller has checked its double. */
Expr expr_decimal(Store *s, const char *text, size_t len);
/* A computed double: the shortest decimal that reads back; -0, inf and nan become their nodes. */
Expr expr_from_double(Store *s, double value);
Expr expr_symbol(Store *s, ExprOp op /* SYM, GLOBAL, SLOT */, uint32_t payload, int rank, const Expr *dims);
static inline Expr expr_unary(Store *s, ExprOp op, Expr a) { return expr_make(s, op, 0, 1, &a); }
Expr expr_binary(Store *s, ExprOp op, Expr a, Expr b);
Expr expr_if(Store *s, Expr condition, Expr a, Expr b);
Expr expr_rel(Store *s, int rel, Expr a, Expr b);
Expr expr_fn(Store *s, uint32_t function, size_t count, const Expr *args);
Expr expr_free(Store *s, unsigned number);
/* ELEM, except that an element of a LIST at a constant index is that element. */
Expr expr_elem(Store *s, Expr array, Expr index);

/* ---- loops ---- */
/* The body of a loop with its index as FREE(number); FREE(number) must not occur in it. */
Expr expr_open(Store *s, Expr loop, unsigned number);
/* Closes: the loop whose body is `body` with FREE(number) as its index. */
Expr expr_loop(Store *s, ExprOp op, unsigned number, Expr lo, Expr hi, Expr body);
/* A FREE number that does not occur in e (smallest). */
unsigned expr_unused_free(const Store *s, uint64_t mask);
/* Replaces from[i] (any nodes: symbols, FREE indices, ...) by to[i] at once, through loops, without
 * capture; the result is rebuilt with expr_make (and expr_elem).  Returns 0 if interrupted. */
Expr expr_substitute(Store *s, Expr e, size_t count, const Expr *from, const Expr *to);
/* Element i of an array that is used element by element: opens VEC (its index becomes i), takes
 * LIST[i] at constant i, moves into IF-free arrays; else ELEM. */
Expr expr_fuse(Store *s, Expr array, Expr index);
/* Length of an array along its first axis / axis `axis`, an expression in parameters' dims.
 * Needs the definitions only for CALL nodes of rank > 0, for which `expr_set_call_dim` asks. */
Expr expr_dim(Store *s, Expr array, int axis);
typedef Expr (*ExprCallDim)(void *context, Expr call, int axis);
void store_set_call_dim(Store *s, ExprCallDim ask, void *context);
typedef int (*ExprCallRank)(void *context, uint32_t function);
void store_set_call_rank(Store *s, ExprCallRank ask, void *context);

/* Every node reachable from the roots, ascending (children first), kids of loops included (their
 * bodies closed).  The caller frees the result.  *count is set. */
Expr *expr_reachable(const Store *s, size_t roots, const Expr *root, size_t *count);
/* A total order by structure, never by index: <0, 0, >0. */
int expr_compare(const Store *s, Expr a, Expr b);

#endif
