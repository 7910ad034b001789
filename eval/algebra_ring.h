/* Rational functions over Q in numbered generators, some of them bound by a relation g^d = R with R
 * in generators of smaller number.  The one interface between plumb and the library that computes
 * them, which lives in a module of its own (eval/modules/flint.c), loaded by the algebra worker.
 *
 * A Ratio is a handle of the ring, 0 for a value that does not exist (a division by zero); an
 * operation on 0 gives 0.  Handles live as long as the ring. */
#ifndef EVAL_ALGEBRA_RING_H
#define EVAL_ALGEBRA_RING_H

#include <gmp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint32_t Ratio;
typedef struct Ring Ring;

typedef struct RingFactor {
    Ratio base; /* irreducible polynomial, primitive, its first coefficient positive */
    long exponent; /* below 0: of the denominator */
} RingFactor;

/* Which polynomial of a Ratio. */
typedef enum RingPart { RING_NUMERATOR, RING_DENOMINATOR } RingPart;

typedef struct RingOps {
    const struct RingOps *inner; /* of a ring over another one, else NULL */
    Ring *(*create)(const struct RingOps *self, unsigned generators);
    void (*destroy)(Ring *r);
    Ratio (*rational)(Ring *r, mpq_srcptr q);
    Ratio (*generator)(Ring *r, unsigned g);
    /* From now on g^degree = rhs, in smaller generators and lower powers of g. */
    void (*relation)(Ring *r, unsigned g, unsigned degree, Ratio rhs);
    Ratio (*add)(Ring *r, Ratio a, Ratio b);
    Ratio (*sub)(Ring *r, Ratio a, Ratio b);
    Ratio (*mul)(Ring *r, Ratio a, Ratio b);
    Ratio (*div)(Ring *r, Ratio a, Ratio b);
    Ratio (*power)(Ring *r, Ratio a, long n);
    bool (*is_zero)(Ring *r, Ratio a);
    bool (*value)(Ring *r, Ratio a, mpq_ptr q); /* is it a number? */
    /* The polynomials term by term: number of terms; coefficient and exponents (one for each
     * generator) of term i. */
    size_t (*terms)(Ring *r, Ratio a, RingPart part);
    void (*term)(Ring *r, Ratio a, RingPart part, size_t i, mpz_ptr coefficient, unsigned long *exponent);
    /* a = sum of c[i]*t[i] over its terms, t[i] a monomial with coefficient 1 over the denominator
     * of a without its numerical factor. */
    Ratio (*piece)(Ring *r, Ratio a, size_t i, mpq_ptr c);
    /* a = constant * product of factors; the caller frees *factor.  False if it is too hard. */
    bool (*factor)(Ring *r, Ratio a, mpq_ptr constant, RingFactor **factor, size_t *count);
    /* The numerator as a polynomial in g: its coefficient at g^degree, over the denominator. */
    Ratio (*coefficient)(Ring *r, Ratio a, unsigned g, unsigned long degree);
    /* Does the numerator of d divide the numerator of a? */
    bool (*divides)(Ring *r, Ratio d, Ratio a);
    /* At most so many terms have numerator and denominator when multiplied out. */
    double (*size)(Ring *r, Ratio a);
} RingOps;

#define RING_SYMBOL "plumb_algebra_ring" /* the module's RingOps */

#endif
