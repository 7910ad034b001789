/* Random numbers; see random.h. */
#include "base/random.h"

#include <math.h>

/* splitmix64 (Steele, Lea & Flood 2014): spreads a seed over the state. */
static uint64_t split(uint64_t *at) {
    uint64_t z = (*at += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

void random_seed(Random *r, uint64_t seed) {
    for (int i = 0; i < 4; i++)
        r->state[i] = split(&seed);
}

static uint64_t rotated(uint64_t x, int by) {
    return (x << by) | (x >> (64 - by));
}

uint64_t random_bits(Random *r) {
    uint64_t *s = r->state, res = rotated(s[0] + s[3], 23) + s[0], t = s[1] << 17;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotated(s[3], 45);
    return res;
}

double random_uniform(Random *r) {
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

/* Marsaglia's polar method; the second number of a pair is not kept, so that the state says all. */
double random_normal(Random *r) {
    for (;;) {
        double u = 2 * random_uniform(r) - 1, v = 2 * random_uniform(r) - 1, q = u * u + v * v;
        if (0 < q && q < 1)
            return u * sqrt(-2 * log(q) / q);
    }
}

size_t random_below(Random *r, size_t count) {
    uint64_t most = UINT64_MAX - UINT64_MAX % count, bits;
    do
        bits = random_bits(r);
    while (most <= bits);
    return (size_t)(bits % count);
}
