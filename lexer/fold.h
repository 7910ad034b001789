/* Folding of typed characters: full-width forms, mathematical signs and look-alikes become the
 * ASCII that the scanner reads; each place of the folded text knows where it came from. */
#ifndef LEXER_FOLD_H
#define LEXER_FOLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One-byte stand-ins in folded text; as typed characters these bytes are refused. */
enum {
    FOLD_BAD = 0x01, /* a character that is refused; what it was is told by the typed text */
    FOLD_PI = 0x02,
    FOLD_INF = 0x03,
    FOLD_SUM = 0x04,
    FOLD_PROD = 0x05,
    FOLD_ROOT = 0x06,
    FOLD_NABLA = 0x07,
    FOLD_NORM = 0x08,
    FOLD_PARTIAL = 0x0e,
    FOLD_SUP = 0x10, /* + digit: a superscript digit */
    FOLD_SUP_PLUS = 0x1a,
    FOLD_SUP_MINUS = 0x1b
};

typedef struct FoldStep {
    uint32_t folded, typed; /* from this place of the folded text on */
} FoldStep;

typedef struct Fold {
    const char *text; /* folded; the typed text itself where nothing had to change */
    uint32_t len;
    char *own; /* the buffer behind text, or NULL */
    FoldStep *step;
    size_t steps, cap;
} Fold;

/* Folds `len` bytes (at most UINT32_MAX - 16), which stay borrowed. */
void fold_init(Fold *f, const char *typed, size_t len);
void fold_done(Fold *f);
/* The place in the typed text of a place in the folded one. */
uint32_t fold_typed(const Fold *f, uint32_t folded);

/* Letters of any script, and the marks that may follow them. */
bool letter_is(uint32_t code);
bool letter_is_mark(uint32_t code);
bool letter_is_kana(uint32_t code);
/* Raised and lowered letters, which are refused. */
bool letter_is_raised(uint32_t code);
bool letter_is_lowered(uint32_t code);

#endif
