/* Expressions as rational functions of kernels: symbols, exp(t), sin(t), roots, powers, logarithms,
 * special functions, array elements, loops, each with the relations that bind it to earlier ones.
 * A difference is zero if its numerator is.  Everything here is sound wherever the expression is
 * defined and the facts hold; what is not recognised stays a kernel of its own. */
#ifndef EVAL_ALGEBRA_KERNELS_H
#define EVAL_ALGEBRA_KERNELS_H

#include "eval/algebra_ring.h"
#include "expr/defs.h"
#include "expr/functions.h"

typedef enum KernelKind {
    KERNEL_NODE,  /* a symbol, index, element, loop: by its node */
    KERNEL_EXP,   /* exp(arg/parts) */
    KERNEL_COS,   /* cos(arg/parts); `partner` is sin(arg/parts) */
    KERNEL_SIN,
    KERNEL_ROOT,  /* arg^(1/parts), arg not negative */
    KERNEL_POWER, /* arg^(arg2/parts) */
    KERNEL_LOG,   /* log(abs(arg)) */
    KERNEL_ABS,   /* abs(arg) */
    KERNEL_CBRT,  /* cbrt(arg) */
    KERNEL_FN,    /* function(arg), function(arg, arg2) */
    KERNEL_TRUTH, /* 1 if arg <= 0, else 0 */
    KERNEL_EQUAL  /* 1 if arg == 0, else 0 */
} KernelKind;

typedef struct Kernel {
    KernelKind kind;
    uint32_t function; /* KERNEL_FN */
    Ratio arg, arg2;
    long parts;
    Ratio value, partner;
    Expr node;      /* the same as an expression */
    uint32_t mask;  /* FREE indices in it */
    unsigned sign;  /* SignBits, known from what it is */
    bool whole;     /* a whole number */
    bool constant;  /* without any variable */
} Kernel;

/* What is possible for a sign. */
typedef enum SignBits { SIGN_NEG = 1, SIGN_ZERO = 2, SIGN_POS = 4, SIGN_ANY = 7 } SignBits;

typedef struct Fact {
    Ratio p; /* polynomial, primitive */
    unsigned sign;
} Fact;

/* The loops that are opened with an index: all have the same ends. */
typedef struct LoopRange {
    Expr lo, hi; /* 0: any */
} LoopRange;

typedef struct Kernels {
    Defs *defs;
    Store *store;
    const RingOps *op;
    Ring *ring;
    Kernel *kernel;
    unsigned count, cap; /* cap: generators of the ring */
    Ratio *memo;         /* by node; NOT_YET */
    size_t memo_count;
    Expr means[FUNCTION_COUNT];
    Fact *fact;
    size_t fact_count, fact_cap;
    bool split_angles;    /* sin(x + y) in sines of x and y, exp(x + y) as it is typed */
    bool overflow;        /* more kernels than generators: try again with more */
    bool doubtful;        /* a relation may have been missed */
    bool impossible;      /* the facts contradict each other */
    uint32_t given;       /* FREE indices of the question itself */
    LoopRange range[EXPR_MOST_INDICES]; /* by the index's number */
    Expr wanted;          /* a comparison whose truth would have helped; 0 */
    bool swapped;         /* two sums are being exchanged */
} Kernels;

void kernels_init(Kernels *k, Defs *d, const RingOps *op, unsigned generators);
void kernels_done(Kernels *k);

/* e as a ratio; 0 where that cannot be done. */
Ratio kernels_convert(Kernels *k, Expr e);
/* The ratio as an expression. */
Expr kernels_express(Kernels *k, Ratio a);
/* A new kernel of this kind, its generator entered; its number, -1 when there is no room. */
int kernel_add(Kernels *k, Kernel like);
/* The kernel with these arguments and most parts, -1. */
int kernel_find(Kernels *k, KernelKind kind, uint32_t function, Ratio arg, Ratio arg2);
/* If a is exactly one generator: its number, else -1. */
int kernel_of(Kernels *k, Ratio a);
Ratio kernel_for_node(Kernels *k, Expr node);
/* Are all kernels in it whole numbers, and all coefficients? */
bool kernels_whole(Kernels *k, Ratio a);
/* a = part[0] + part[1]: a polynomial and a proper fraction, whose first term the first one of the denominator
 * does not divide; so that pieces of equal sums are the same.  Parts that are 0 are left out; their number. */
size_t kernels_divide_out(Kernels *k, Ratio a, Ratio part[2]);
/* Is there no variable in it? */
bool kernels_constant(Kernels *k, Ratio a);
/* FREE indices in it. */
uint32_t kernels_mask(Kernels *k, Ratio a);

/* ---- powers.c: powers, roots, logarithms, sizes ---- */
Ratio kernels_power(Kernels *k, Ratio u, Ratio a);
Ratio kernels_root(Kernels *k, Ratio u, long num, long den); /* abs(u)^(num/den) where u >= 0 */
Ratio kernels_cbrt(Kernels *k, Ratio u);
Ratio kernels_log(Kernels *k, Ratio u);
Ratio kernels_abs(Kernels *k, Ratio u);
/* p = a + second, second the one term of p in the root that is kernel g? */
bool kernels_linear(Kernels *k, Ratio p, unsigned g, Ratio *a, Ratio *second);
/* Roots within roots: base^(num/den) in plainer ones, 0 if there are none. */
Ratio kernels_denest(Kernels *k, Ratio base, long num, long den);
/* p = c * arg^(n/m) of a kernel of this kind, c a number, where p holds roots: the kernel, -1. */
int kernels_power_of(Kernels *k, KernelKind kind, Ratio p, mpq_ptr c, long *n, long *m);
/* base^(q*t), base an irreducible polynomial or an earlier kernel */
Ratio kernels_base_power(Kernels *k, Ratio base, Ratio t, mpq_srcptr q);
/* ---- exponentials and angles ---- */
Ratio kernels_exp(Kernels *k, Ratio u);
/* The first logarithm that is a factor of t: its kernel's number, -1. */
int kernels_log_within(Kernels *k, Ratio t);
/* exp(u), and cosine and sine of u: of the summands of e, which is u or 0, when angles are split */
Ratio kernels_exp_of(Kernels *k, Expr e, Ratio u);
bool kernels_cis_of(Kernels *k, Expr e, Ratio u, Ratio *c, Ratio *s);
/* ---- special functions ---- */
Ratio kernels_function(Kernels *k, Expr e, uint32_t function, size_t count, const Ratio *arg);
/* function(a) of an odd function, by the sign of the first term of a */
Ratio kernels_odd(Kernels *k, uint32_t function, Ratio a);
/* ---- arcs ---- */
Ratio kernels_arctan(Kernels *k, Ratio u);
Ratio kernels_arcsin(Kernels *k, Ratio u);
Ratio kernels_arctan2(Kernels *k, Ratio y, Ratio x);
/* ---- choices ---- */
Ratio kernels_relation(Kernels *k, int rel, Ratio a, Ratio b);
/* ---- loops and arrays ---- */
size_t kernels_loop_needs(Kernels *k, Expr e, Expr *need);
Ratio kernels_loop(Kernels *k, Expr e);
Ratio kernels_element(Kernels *k, Expr e);
/* A number for the index of a loop with these ends, not in `mask` (of the loop): loops that share one
 * share their ends. */
unsigned kernels_loop_number(Kernels *k, uint64_t mask, Expr lo, Expr hi);
/* The sum of body over FREE(number) = lo..hi. */
Ratio kernels_sum(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body);
/* The product. */
Ratio kernels_product(Kernels *k, unsigned number, Ratio lo, Ratio hi, Ratio body);

/* ---- signs ---- */
unsigned kernels_sign(Kernels *k, Ratio a);
/* Of a polynomial, by the signs of its terms alone. */
unsigned kernels_sign_by_terms(Kernels *k, Ratio a);
/* Has the expression no variable?  Then its sign, by balls. */
bool kernels_is_constant(const Store *s, Expr e);
unsigned kernels_constant_sign(Kernels *k, Expr e);
/* Of a polynomial in one kernel. */
unsigned kernels_polya_sign(Kernels *k, Ratio p);
/* p = c[0] + c[1]*g + c[2]*g^2: the kernel g, -1 if it is not of that kind. */
int kernels_quadratic(Kernels *k, Ratio p, long c[3]);
/* Of a where p has the sign. */
unsigned kernels_sign_given(Kernels *k, Ratio a, Ratio p, unsigned sign);
/* Of a linear form in whole kernels: what follows from the facts and from the ranges of its loop
 * indices. */
unsigned kernels_whole_sign(Kernels *k, Ratio a);
/* Enters what follows from a condition that holds. */
void kernels_assume(Kernels *k, Expr condition);

/* ---- short names of ring operations ---- */
static inline Ratio ratio_add(Kernels *k, Ratio a, Ratio b) { return k->op->add(k->ring, a, b); }
static inline Ratio ratio_sub(Kernels *k, Ratio a, Ratio b) { return k->op->sub(k->ring, a, b); }
static inline Ratio ratio_mul(Kernels *k, Ratio a, Ratio b) { return k->op->mul(k->ring, a, b); }
static inline Ratio ratio_div(Kernels *k, Ratio a, Ratio b) { return k->op->div(k->ring, a, b); }
static inline Ratio ratio_pow(Kernels *k, Ratio a, long n) { return k->op->power(k->ring, a, n); }
static inline bool ratio_is_zero(Kernels *k, Ratio a) { return k->op->is_zero(k->ring, a); }
Ratio ratio_int(Kernels *k, long n);
Ratio ratio_fraction(Kernels *k, long num, long den);
Ratio ratio_scale(Kernels *k, Ratio a, mpq_srcptr q);
static inline Ratio ratio_neg(Kernels *k, Ratio a) { return ratio_sub(k, ratio_int(k, 0), a); }
bool ratio_equal(Kernels *k, Ratio a, Ratio b);
/* Is it an integer that fits? */
bool ratio_integer(Kernels *k, Ratio a, long *n);

#endif
