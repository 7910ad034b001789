/* The lazy ring says what the ring under it says: random elements over generators with relations of
 * every kind, zero by construction or not, small enough to be multiplied out. */
#include <dlfcn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/module.h"
#include "base/random.h"
#include "eval/algebra_lazy.h"

enum { GENERATORS = 9, ROUNDS = 3000, POOL = 40 };

/* The same element in both rings. */
typedef struct Both {
    Ratio lazy, plain;
} Both;

typedef struct Two {
    RingOps lazy;
    const RingOps *plain;
    Ring *a, *b;
    Random random;
} Two;

static Both number(Two *t, long n, unsigned long d) {
    mpq_t q;
    mpq_init(q);
    mpq_set_si(q, n, d);
    mpq_canonicalize(q);
    Both res = {t->lazy.rational(t->a, q), t->plain->rational(t->b, q)};
    mpq_clear(q);
    return res;
}

static Both generator(Two *t, unsigned g) { return (Both){t->lazy.generator(t->a, g), t->plain->generator(t->b, g)}; }
static Both add(Two *t, Both x, Both y) { return (Both){t->lazy.add(t->a, x.lazy, y.lazy), t->plain->add(t->b, x.plain, y.plain)}; }
static Both sub(Two *t, Both x, Both y) { return (Both){t->lazy.sub(t->a, x.lazy, y.lazy), t->plain->sub(t->b, x.plain, y.plain)}; }
static Both mul(Two *t, Both x, Both y) { return (Both){t->lazy.mul(t->a, x.lazy, y.lazy), t->plain->mul(t->b, x.plain, y.plain)}; }
static Both divide(Two *t, Both x, Both y) { return (Both){t->lazy.div(t->a, x.lazy, y.lazy), t->plain->div(t->b, x.plain, y.plain)}; }
static Both power(Two *t, Both x, long n) { return (Both){t->lazy.power(t->a, x.lazy, n), t->plain->power(t->b, x.plain, n)}; }

static void relation(Two *t, unsigned g, unsigned degree, Both rhs) {
    t->lazy.relation(t->a, g, degree, rhs.lazy);
    t->plain->relation(t->b, g, degree, rhs.plain);
}

/* x, y, c; sin, root, abs, cbrt, a flag, a cosine's third. */
static void start(Two *t, Both *g, uint64_t seed) {
    t->a = t->lazy.create(&t->lazy, GENERATORS);
    t->b = t->plain->create(t->plain, GENERATORS);
    random_seed(&t->random, seed);
    for (unsigned i = 0; i < GENERATORS; i++) {
        g[i] = generator(t, i);
        Both one = number(t, 1, 1);
        switch (i) {
        case 3: relation(t, 3, 2, sub(t, one, mul(t, g[2], g[2]))); break;
        case 4: relation(t, 4, 2, add(t, mul(t, g[0], g[0]), g[1])); break;
        case 5: relation(t, 5, 2, mul(t, g[0], g[0])); break;
        case 6: relation(t, 6, 3, add(t, g[4], g[1])); break;
        case 7: relation(t, 7, 2, g[7]); break;
        case 8: /* 4c^3 = 3c + cos; on odd seeds, for it leaves no lane alive */
            if (seed % 2)
                relation(t, 8, 3, mul(t, number(t, 1, 4), add(t, mul(t, number(t, 3, 1), g[8]), g[2])));
            break;
        default: break;
        }
    }
}

static void end(Two *t) {
    t->lazy.destroy(t->a);
    t->plain->destroy(t->b);
}

static size_t pick(Two *t, size_t among) { return (size_t)(random_uniform(&t->random) * (double)among); }

/* The factors multiply back. */
static void factors_agree(Two *t, Both x) {
    RingFactor *list;
    size_t count;
    mpq_t c;
    mpq_init(c);
    if (t->lazy.factor(t->a, x.lazy, c, &list, &count)) {
        Ratio product = lazy_number(t->a, c);
        for (size_t i = 0; i < count; i++)
            product = lazy_mul(t->a, product, t->lazy.power(t->a, list[i].base, list[i].exponent));
        assert_true(t->lazy.is_zero(t->a, lazy_sub(t->a, product, x.lazy)));
    }
    free(list);
    mpq_clear(c);
}

static void agree(Two *t, Both x) {
    bool exists = t->plain->terms(t->b, x.plain, RING_DENOMINATOR) > 0;
    bool zero = t->plain->is_zero(t->b, x.plain);
    if (exists)
        assert_int_equal(t->lazy.is_zero(t->a, x.lazy), zero);
    else
        assert_false(zero);
}

static void same_answers(void **state) {
    (void)state;
    void *module = module_open("flint");
    Two t;
    size_t zeros = 0;
    t.plain = module ? dlsym(module, RING_SYMBOL) : NULL;
    if (!t.plain)
        skip();
    t.lazy = lazy_ring(t.plain);
    for (uint64_t seed = 1; seed <= 40; seed++) {
        Both pool[POOL], g[GENERATORS];
        start(&t, g, seed);
        if (seed % 4 < 2) /* all is large */
            t.a->large = -1;
        for (size_t i = 0; i < POOL; i++)
            pool[i] = i < GENERATORS ? g[i] : number(&t, (long)pick(&t, 19) - 9, 1 + pick(&t, 6));
        for (int i = 0; i < ROUNDS / 40; i++) {
            Both x = pool[pick(&t, POOL)], y = pool[pick(&t, POOL)], z = pool[pick(&t, POOL)], made = x;
            switch (pick(&t, 8)) {
            case 0: case 1: made = add(&t, x, y); break;
            case 2: made = sub(&t, x, y); break;
            case 3: case 4: made = mul(&t, x, y); break;
            case 5: made = divide(&t, x, y); break;
            case 6: made = power(&t, x, (long)pick(&t, 5) - 1); break;
            default: /* zero by construction: (x+y)*z - x*z - y*z */
                made = sub(&t, sub(&t, mul(&t, add(&t, x, y), z), mul(&t, x, z)), mul(&t, y, z));
            }
            agree(&t, made);
            agree(&t, sub(&t, made, z));
            if (i % 4 == 0)
                factors_agree(&t, made);
            zeros += t.plain->is_zero(t.b, made.plain);
            if (made.plain && t.plain->terms(t.b, made.plain, RING_NUMERATOR) < 60 &&
                t.plain->terms(t.b, made.plain, RING_DENOMINATOR) < 20)
                pool[GENERATORS + pick(&t, POOL - GENERATORS)] = made;
        }
        end(&t);
    }
    print_message("%zu of %d zero\n", zeros, ROUNDS);
    assert_true(ROUNDS / 20 < zeros && zeros < ROUNDS / 2);
}

/* The values satisfy the relations, and tell numbers from others. */
static void lanes_are_points(void **state) {
    (void)state;
    void *module = module_open("flint");
    Two t;
    Both g[GENERATORS];
    mpq_t q;
    t.plain = module ? dlsym(module, RING_SYMBOL) : NULL;
    if (!t.plain)
        skip();
    t.lazy = lazy_ring(t.plain);
    mpq_init(q);
    start(&t, g, 2);
    for (int lane = 0; lane < LAZY_LANES; lane++)
        assert_false(t.a->dead[lane]);
    Ratio square = lazy_sub(t.a, lazy_power(t.a, g[4].lazy, 2), lazy_add(t.a, lazy_power(t.a, g[0].lazy, 2), g[1].lazy));
    Ratio cube = lazy_sub(t.a, lazy_power(t.a, g[6].lazy, 3), lazy_add(t.a, g[4].lazy, g[1].lazy));
    for (int lane = 0; lane < LAZY_LANES; lane++) {
        assert_true(t.a->node[square].value[lane] == 0);
        assert_true(t.a->node[cube].value[lane] == 0);
    }
    mpq_set_si(q, -22, 7);
    Ratio part = lazy_mul(t.a, lazy_number(t.a, q), g[3].lazy);
    mpq_set_ui(q, 0, 1);
    assert_true(lanes_quotient(&t.a->node[part], &t.a->node[g[3].lazy], q));
    assert_int_equal(mpq_cmp_si(q, -22, 7), 0);
    assert_false(lanes_quotient(&t.a->node[part], &t.a->node[g[4].lazy], q));
    assert_false(t.lazy.value(t.a, part, q));
    mpq_clear(q);
    end(&t);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(same_answers), cmocka_unit_test(lanes_are_points)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
