/* Random numbers: xoshiro256++ (Blackman & Vigna 2021), seeded by splitmix64.  The same seed gives
 * the same numbers on every machine. */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

typedef struct Random {
    uint64_t state[4];
} Random;

void random_seed(Random *r, uint64_t seed);
uint64_t random_bits(Random *r);
/* In [0, 1), a multiple of 2^-53. */
double random_uniform(Random *r);
/* Mean 0, variance 1. */
double random_normal(Random *r);
/* One of 0 .. count-1, all alike; count is at least 1. */
size_t random_below(Random *r, size_t count);

#endif
