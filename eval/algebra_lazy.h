/* A ring over another ring (algebra_ring.h) that multiplies out only what it is asked about: sums and
 * products stay a graph.  Each node is also computed modulo two primes at random points that satisfy
 * the relations: a value that is not 0 there is not zero, which settles most questions; and each
 * knows how many terms it may have when multiplied out. */
#ifndef EVAL_ALGEBRA_LAZY_H
#define EVAL_ALGEBRA_LAZY_H

#include "eval/algebra_ring.h"

/* The operations; `inner` is the ring that does the work. */
RingOps lazy_ring(const RingOps *inner);

/* ---- what its files share ---- */

typedef enum LazyKind {
    LAZY_EXACT, /* only what the inner ring holds */
    LAZY_NUMBER,
    LAZY_GENERATOR, /* number n */
    LAZY_ADD,
    LAZY_SUB,
    LAZY_MUL,
    LAZY_DIV,
    LAZY_POWER /* a^n */
} LazyKind;

enum { LAZY_LANES = 4 }; /* two points for each of two primes */
#define LAZY_UNKNOWN UINT64_MAX /* value: this lane cannot tell */

typedef struct LazyNode {
    LazyKind kind;
    Ratio a, b; /* kids, made before it */
    long n;
    bool made;   /* `exact` is final; 0 then: there is no such value */
    Ratio exact; /* in the inner ring */
    int zero;    /* 1 yes, 0 no, -1 not asked yet */
    uint64_t value[LAZY_LANES];
    double above, below; /* log2 of at most how many terms numerator and denominator have */
    double degree;       /* at most, of both */
    double letters;      /* generators in it, at most */
} LazyNode;

typedef struct LazyRelation {
    unsigned degree; /* 0: none */
    Ratio rhs;
} LazyRelation;

struct Ring {
    const RingOps *op;
    Ring *inner;
    unsigned generators;
    LazyNode *node; /* by handle; 0 is not used */
    size_t count, cap;
    Ratio *table; /* nodes by their kids */
    size_t table_size;
    Ratio *generator;         /* node by generator, 0 not made */
    LazyRelation *relation;   /* by generator */
    uint64_t *letter;         /* value by lane and generator */
    bool dead[LAZY_LANES];    /* no point found that satisfies the relations */
    uint64_t random;
    int depth; /* of settling within settling */
    double large; /* log2: a node of more terms is looked at as sum and product before it is multiplied out */
};

Ratio lazy_add(Ring *r, Ratio a, Ratio b);
Ratio lazy_sub(Ring *r, Ratio a, Ratio b);
Ratio lazy_mul(Ring *r, Ratio a, Ratio b);
Ratio lazy_power(Ring *r, Ratio a, long n);
Ratio lazy_number(Ring *r, mpq_srcptr q);
bool lazy_is_zero(Ring *r, Ratio a);
/* Multiplied out, in the inner ring; 0: there is no such value. */
Ratio lazy_exact(Ring *r, Ratio a);

/* ---- lanes ---- */
uint64_t lanes_prime(int lane);
/* Computes the node's values from its kids'. */
void lanes_compute(Ring *r, LazyNode *x);
/* Draws a generator's values. */
void lanes_draw(Ring *r, unsigned g);
/* After a relation was entered for g: the values satisfy it, or the lane is dead. */
void lanes_bind(Ring *r, unsigned g);
/* a/b as a fraction of small numbers, the same in all lanes; false if it is none. */
bool lanes_quotient(const LazyNode *a, const LazyNode *b, mpq_ptr q);

/* ---- settle ---- */
/* Is it zero, seen without multiplying all out: like terms cancel, common factors are left aside.
 * False: not seen. */
bool lazy_settle(Ring *r, Ratio a);

/* The product as factors: the node is *c times bases (sums, generators, exact ones) to their powers.
 * *base and *exponent are the caller's to free.  False if there are too many. */
bool lazy_product(Ring *r, Ratio a, mpq_ptr c, Ratio **base, long **exponent, size_t *count);

#endif
