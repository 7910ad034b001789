/* Values only: the macros of interp_body.h for the plain and the counting interpreter. */
#define SHADOWS 0
#define MODE REDUCE_PLAIN
/* acc: the number made last, for the instructions that take it from there. */
#define SET0(v) (acc = r[I->d] = (v))
#define SET1(v, bound) (acc = r[I->d] = (v))
#define SET2(v, bound) (acc = r[I->d] = (v))
#define SET3(v, bound) (acc = r[I->d] = (v))
#define SETF(v, n, x, y, z) (acc = r[I->d] = (v))
#define DOUBTFUL(c) ((void)0)
#define ADD_TERM(q) ((q)->lane[(q)->done & (q)->mask] += X)
#define MUL_TERM(q) ((q)->lane[(q)->done & (q)->mask] *= X)
#define BEST_TERM(q, better)      \
    do {                          \
        if (better) {             \
            (q)->lane[0] = X;     \
            (q)->at = r[I->d];    \
        }                         \
    } while (0)
#define END_TERMS(q, product) (r[I->d] = reduction_end(q, product, MODE, NULL))
#define END_BEST(q) (r[I->d] = (q)->lane[0])
#define END_AT(q) (r[I->d] = (q)->at)
