/* What happened in a run, in words: one or two sentences, and what to try.  As data, for text and
 * JSON alike. */
#ifndef OPTIM_WORDS_H
#define OPTIM_WORDS_H

#include "base/buf.h"
#include "optim/classify.h"
#include "optim/run.h"

typedef enum WordsKind {
    WORDS_CONVERGED,
    WORDS_AT_START, /* the gradient is below tol at the start */
    WORDS_BLIND,    /* quotients that no longer see the slope */
    WORDS_DIVERGING,
    WORDS_UNBOUNDED,
    WORDS_BOUNCING, /* has been nearer, and does not come back */
    WORDS_SWINGING, /* from side to side, and still coming down */
    WORDS_CREEPING, /* hardly moves */
    WORDS_FALLING,  /* on its way, not there yet */
    WORDS_STANDING, /* x no longer changes */
    WORDS_NAN,
    WORDS_INFEASIBLE,
    WORDS_STOPPED /* nothing more to say than that it stopped */
} WordsKind;

/* Who ran. */
typedef struct WordsAbout {
    double lr;            /* at step 1; NaN if the method has no lr or the lr moves */
    bool plain;           /* gradient descent: the step is -lr*g */
    int digits;           /* of numbers, 6 when 0 */
    const Classified *at; /* the point x, or NULL; of the best point when x is worse */
} WordsAbout;

typedef struct Words {
    WordsKind kind;
    uint64_t step; /* the step it speaks of: since when it diverges, the best one */
    double try_lr; /* the lr it recommends; NaN: none */
    Buf said;      /* "not converging: best f = 5.1e-5 at step 202, then ..." */
    Buf advice;    /* "try lr=0.03", "" if none */
} Words;

/* "converged", "diverging", ...: for JSON; static. */
const char *words_name(WordsKind kind);
/* The caller releases it with words_done. */
void words_describe(Words *out, const RunResult *r, const WordsAbout *about);
void words_done(Words *w);
/* "a saddle, curvatures -27.75 and 27.75: downhill along (0.707107, -0.707107) and its opposite".
 * Nothing for an unknown class. */
void words_class(Buf *out, const Classified *c, size_t n, bool maximize, int digits);

#endif
