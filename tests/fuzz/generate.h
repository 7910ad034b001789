/* Dice text for the fuzzer: statements that follow the grammar more or less, and mutations. */
#ifndef TESTS_FUZZ_GENERATE_H
#define TESTS_FUZZ_GENERATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

typedef struct Dice {
    uint64_t state;
} Dice;

uint64_t dice_next(Dice *r);
/* A number below `count`, which is at least 1. */
size_t dice_below(Dice *r, size_t count);

/* Appends a script of a few statements. */
void generate_script(Dice *r, Buf *out);
/* Appends `text` with a few random changes; pieces of `other` may be spliced in. */
void generate_mutation(Dice *r, Buf *out, const char *text, size_t len, const char *other,
                       size_t other_len);

#endif
