/* The graph of the lazy ring; see algebra_lazy.h.  Kids come before parents, equal nodes are made
 * once; what is multiplied out is kept. */
#include "eval/algebra_lazy.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static Ring *create(const RingOps *self, unsigned generators) {
    Ring *r = mem_new(1, sizeof *r);
    r->op = self->inner;
    r->inner = r->op->create(r->op, generators);
    r->generators = generators;
    r->cap = 256;
    r->node = mem_new(r->cap, sizeof *r->node);
    r->count = 1;
    r->table_size = 1024;
    r->table = mem_new(r->table_size, sizeof *r->table);
    r->generator = mem_new(generators + 1, sizeof *r->generator);
    r->relation = mem_new(generators + 1, sizeof *r->relation);
    r->letter = mem_new((size_t)generators * LAZY_LANES + 1, sizeof *r->letter);
    r->random = 731;
    r->large = 12;
    return r;
}

static void destroy(Ring *r) {
    r->op->destroy(r->inner);
    free(r->node);
    free(r->table);
    free(r->generator);
    free(r->relation);
    free(r->letter);
    free(r);
}

/* ---- how large it becomes ---- */

/* log2 of 2^a + 2^b. */
static double log_sum(double a, double b) {
    double more = fmax(a, b), less = fmin(a, b);
    return less == -INFINITY ? more : more + log2(1 + exp2(less - more));
}

/* log2 of the monomials in so many letters up to a degree. */
static double monomials(double letters, double degree) {
    double res = 0;
    if (64 < letters)
        return INFINITY;
    for (double i = 1; i <= letters; i++)
        res += log2((degree + i) / i);
    return res;
}

/* Of the m-th power of a sum of 2^t terms: m of them chosen with repetition. */
static double power_terms(double t, double m) {
    if (20 < t)
        return m * t;
    double few = fmin(m, exp2(t) - 1), many = fmax(m, exp2(t) - 1), res = 0;
    if (1000 < few)
        return m * t;
    for (double i = 1; i <= few; i++)
        res += log2((many + i) / i);
    return res;
}

static void size_of_exact(Ring *r, LazyNode *x) {
    double above = (double)r->op->terms(r->inner, x->exact, RING_NUMERATOR);
    double below = (double)r->op->terms(r->inner, x->exact, RING_DENOMINATOR);
    x->above = log2(fmax(above, 1));
    x->below = log2(fmax(below, 1));
    x->degree = x->kind == LAZY_NUMBER ? 0 : 64; /* not looked at: a guess, as this is advice only */
    x->letters = x->kind == LAZY_NUMBER ? 0 : r->generators;
}

static void measure(Ring *r, LazyNode *x) {
    const LazyNode *a = &r->node[x->a], *b = &r->node[x->b];
    double m = fabs((double)x->n);
    x->letters = fmin(a->letters + b->letters, r->generators);
    x->degree = a->degree + b->degree;
    switch (x->kind) {
    case LAZY_EXACT: case LAZY_NUMBER: size_of_exact(r, x); return;
    case LAZY_GENERATOR:
        x->letters = x->degree = 1;
        x->above = x->below = 0;
        return;
    case LAZY_ADD: case LAZY_SUB: {
        bool plain = a->below == 0 && b->below == 0;
        x->above = log_sum(a->above + b->below, b->above + a->below);
        x->below = a->below + b->below;
        if (plain)
            x->degree = fmax(a->degree, b->degree);
        break;
    }
    case LAZY_MUL:
        x->above = a->above + b->above;
        x->below = a->below + b->below;
        break;
    case LAZY_DIV:
        x->above = a->above + b->below;
        x->below = a->below + b->above;
        break;
    case LAZY_POWER:
        x->letters = a->letters;
        x->degree = a->degree * m;
        x->above = power_terms(x->n < 0 ? a->below : a->above, m);
        x->below = power_terms(x->n < 0 ? a->above : a->below, m);
        break;
    }
    double most = monomials(x->letters, x->degree);
    x->above = fmin(x->above, most);
    x->below = fmin(x->below, most);
}

/* ---- nodes ---- */

static size_t hash(const LazyNode *x) {
    uint64_t h = (uint64_t)x->kind * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ x->a) * UINT64_C(0xBF58476D1CE4E5B9);
    h = (h ^ x->b) * UINT64_C(0x94D049BB133111EB);
    h = (h ^ (uint64_t)x->n) * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(h ^ (h >> 29));
}

static bool same(const LazyNode *x, const LazyNode *y) {
    return x->kind == y->kind && x->a == y->a && x->b == y->b && x->n == y->n;
}

static void enter(Ring *r, Ratio at) {
    size_t mask = r->table_size - 1, i = hash(&r->node[at]) & mask;
    while (r->table[i])
        i = (i + 1) & mask;
    r->table[i] = at;
}

static void grow_table(Ring *r) {
    free(r->table);
    r->table_size *= 4;
    r->table = mem_new(r->table_size, sizeof *r->table);
    for (size_t i = 1; i < r->count; i++)
        if (r->node[i].kind != LAZY_EXACT && r->node[i].kind != LAZY_NUMBER)
            enter(r, (Ratio)i);
}

static Ratio append(Ring *r, LazyNode x) {
    x.zero = -1;
    measure(r, &x);
    lanes_compute(r, &x);
    r->node = mem_grow(r->node, &r->cap, r->count + 1, sizeof *r->node);
    r->node[r->count] = x;
    return (Ratio)r->count++;
}

/* The node with these kids. */
static Ratio make(Ring *r, LazyKind kind, Ratio a, Ratio b, long n) {
    LazyNode x = {.kind = kind, .a = a, .b = b, .n = n};
    size_t mask = r->table_size - 1;
    for (size_t i = hash(&x) & mask; r->table[i]; i = (i + 1) & mask)
        if (same(&r->node[r->table[i]], &x))
            return r->table[i];
    if (r->table_size < 2 * r->count)
        grow_table(r);
    Ratio res = append(r, x);
    enter(r, res);
    return res;
}

/* What the inner ring made; 0 stays 0. */
static Ratio wrap(Ring *r, Ratio exact) {
    mpq_t q;
    if (!exact)
        return 0;
    mpq_init(q);
    bool number = r->op->value(r->inner, exact, q);
    mpq_clear(q);
    return append(r, (LazyNode){.kind = number ? LAZY_NUMBER : LAZY_EXACT, .exact = exact, .made = true});
}

Ratio lazy_number(Ring *r, mpq_srcptr q) {
    return wrap(r, r->op->rational(r->inner, q));
}

static Ratio generator(Ring *r, unsigned g) {
    if (!r->generator[g]) {
        lanes_draw(r, g);
        Ratio made = make(r, LAZY_GENERATOR, 0, 0, (long)g);
        r->generator[g] = made;
    }
    return r->generator[g];
}

static void relation(Ring *r, unsigned g, unsigned degree, Ratio rhs) {
    if (!rhs)
        return;
    generator(r, g);
    r->op->relation(r->inner, g, degree, lazy_exact(r, rhs));
    r->relation[g] = (LazyRelation){degree, rhs};
    lanes_bind(r, g);
}

/* ---- arithmetic ---- */

static bool is_number(const Ring *r, Ratio a, long n) {
    mpq_t q;
    if (r->node[a].kind != LAZY_NUMBER)
        return false;
    mpq_init(q);
    bool res = r->op->value(r->inner, r->node[a].exact, q) && mpq_cmp_si(q, n, 1) == 0;
    mpq_clear(q);
    return res;
}

static Ratio combine(Ring *r, LazyKind kind, Ratio a, Ratio b) {
    Ratio (*const direct[])(Ring *, Ratio, Ratio) = {[LAZY_ADD] = r->op->add, [LAZY_SUB] = r->op->sub,
                                                     [LAZY_MUL] = r->op->mul, [LAZY_DIV] = r->op->div};
    if (r->node[a].kind == LAZY_NUMBER && r->node[b].kind == LAZY_NUMBER)
        return wrap(r, direct[kind](r->inner, r->node[a].exact, r->node[b].exact));
    return make(r, kind, a, b, 0);
}

Ratio lazy_add(Ring *r, Ratio a, Ratio b) {
    if (!a || !b)
        return 0;
    return is_number(r, a, 0) ? b : is_number(r, b, 0) ? a : combine(r, LAZY_ADD, a < b ? a : b, a < b ? b : a);
}

Ratio lazy_sub(Ring *r, Ratio a, Ratio b) {
    mpq_t zero;
    if (!a || !b || is_number(r, b, 0))
        return b ? a : 0;
    if (a != b)
        return combine(r, LAZY_SUB, a, b);
    mpq_init(zero);
    Ratio res = lazy_number(r, zero);
    mpq_clear(zero);
    return res;
}

Ratio lazy_mul(Ring *r, Ratio a, Ratio b) {
    if (!a || !b)
        return 0;
    if (is_number(r, a, 1) || is_number(r, b, 0))
        return b;
    if (is_number(r, b, 1) || is_number(r, a, 0))
        return a;
    return combine(r, LAZY_MUL, a < b ? a : b, a < b ? b : a);
}

static Ratio divide(Ring *r, Ratio a, Ratio b) {
    if (!a || !b || lazy_is_zero(r, b))
        return 0;
    return is_number(r, b, 1) ? a : combine(r, LAZY_DIV, a, b);
}

static Ratio one(Ring *r) {
    mpq_t q;
    mpq_init(q);
    mpq_set_ui(q, 1, 1);
    Ratio res = lazy_number(r, q);
    mpq_clear(q);
    return res;
}

Ratio lazy_power(Ring *r, Ratio a, long n) {
    if (!a || (n < 0 && lazy_is_zero(r, a)))
        return 0;
    if (n == 0)
        return one(r);
    if (r->node[a].kind == LAZY_NUMBER)
        return wrap(r, r->op->power(r->inner, r->node[a].exact, n));
    return n == 1 ? a : make(r, LAZY_POWER, a, 0, n);
}

/* ---- multiplied out ---- */

static Ratio exact_of(Ring *r, const LazyNode *x) {
    Ratio a = r->node[x->a].exact, b = r->node[x->b].exact;
    switch (x->kind) {
    case LAZY_GENERATOR: return r->op->generator(r->inner, (unsigned)x->n);
    case LAZY_ADD: return r->op->add(r->inner, a, b);
    case LAZY_SUB: return r->op->sub(r->inner, a, b);
    case LAZY_MUL: return r->op->mul(r->inner, a, b);
    case LAZY_DIV: return r->op->div(r->inner, a, b);
    case LAZY_POWER: return r->op->power(r->inner, a, x->n);
    case LAZY_EXACT: case LAZY_NUMBER: break;
    }
    return x->exact;
}

Ratio lazy_exact(Ring *r, Ratio a) {
    size_t count = 0, cap = 0;
    Ratio *stack = mem_grow(NULL, &cap, 1, sizeof *stack);
    if (a)
        stack[count++] = a;
    while (count) {
        LazyNode *x = &r->node[stack[count - 1]];
        size_t before = count;
        stack = mem_grow(stack, &cap, count + 2, sizeof *stack);
        if (!x->made && x->a && !r->node[x->a].made)
            stack[count++] = x->a;
        if (!x->made && x->b && !r->node[x->b].made)
            stack[count++] = x->b;
        if (count > before)
            continue;
        if (!x->made)
            x->exact = exact_of(r, x);
        x->made = true;
        count--;
    }
    free(stack);
    return a ? r->node[a].exact : 0;
}

bool lazy_is_zero(Ring *r, Ratio a) {
    LazyNode *x = &r->node[a];
    if (!a)
        return false;
    for (int lane = 0; lane < LAZY_LANES && x->zero < 0; lane++)
        if (x->value[lane] != LAZY_UNKNOWN && x->value[lane])
            x->zero = 0;
    if (x->zero < 0) {
        bool settled = !x->made && r->large < x->above && lazy_settle(r, a);
        bool zero = settled || r->op->is_zero(r->inner, lazy_exact(r, a));
        r->node[a].zero = zero;
    }
    return r->node[a].zero == 1;
}

/* ---- what needs all terms ---- */

static bool value(Ring *r, Ratio a, mpq_ptr q) {
    const LazyNode *x = &r->node[a];
    if (!a)
        return false;
    for (int lane = 0; lane < LAZY_LANES; lane += 2) /* two points, one prime */
        if (x->value[lane] != LAZY_UNKNOWN && x->value[lane + 1] != LAZY_UNKNOWN && x->value[lane] != x->value[lane + 1])
            return false;
    return r->op->value(r->inner, lazy_exact(r, a), q);
}

static size_t terms(Ring *r, Ratio a, RingPart part) {
    return r->op->terms(r->inner, lazy_exact(r, a), part);
}

static void term(Ring *r, Ratio a, RingPart part, size_t i, mpz_ptr coefficient, unsigned long *exponent) {
    r->op->term(r->inner, lazy_exact(r, a), part, i, coefficient, exponent);
}

static Ratio piece(Ring *r, Ratio a, size_t i, mpq_ptr c) {
    return wrap(r, r->op->piece(r->inner, lazy_exact(r, a), i, c));
}

static Ratio coefficient(Ring *r, Ratio a, unsigned g, unsigned long degree) {
    return wrap(r, r->op->coefficient(r->inner, lazy_exact(r, a), g, degree));
}

static bool divides(Ring *r, Ratio d, Ratio a) {
    return r->op->divides(r->inner, lazy_exact(r, d), lazy_exact(r, a));
}

static double size(Ring *r, Ratio a) {
    return a ? exp2(fmax(r->node[a].above, r->node[a].below)) : 0;
}

/* Adds factors, those that are there already to their exponents. */
static bool add_factors(Ring *r, Ratio a, long times, mpq_ptr constant, RingFactor **list, size_t *count) {
    RingFactor *own;
    size_t found;
    mpq_t c, up;
    mpq_init(c);
    mpq_init(up);
    bool res = r->op->factor(r->inner, lazy_exact(r, a), c, &own, &found);
    for (size_t i = 0; i < found && res; i++) {
        size_t k = 0;
        Ratio base = wrap(r, own[i].base);
        while (k < *count && !lazy_is_zero(r, lazy_sub(r, (*list)[k].base, base)))
            k++;
        if (k == *count) {
            RingFactor *more = realloc(*list, (*count + 1) * sizeof *more);
            if (!more)
                abort();
            *list = more;
            more[(*count)++] = (RingFactor){base, 0};
        }
        (*list)[k].exponent += own[i].exponent * times;
    }
    if (res && mpq_sgn(c) == 0)
        res = false;
    if (res && times < 0)
        mpq_inv(c, c);
    if (res) {
        unsigned long m = (unsigned long)labs(times);
        mpz_pow_ui(mpq_numref(up), mpq_numref(c), m);
        mpz_pow_ui(mpq_denref(up), mpq_denref(c), m);
        mpq_mul(constant, constant, up);
    }
    free(own);
    mpq_clear(c);
    mpq_clear(up);
    return res;
}

/* A large product is factored part by part. */
static bool factor(Ring *r, Ratio a, mpq_ptr constant, RingFactor **list, size_t *count) {
    Ratio *base = NULL;
    long *exponent = NULL;
    size_t parts = 0;
    *list = NULL;
    *count = 0;
    if (!a || lazy_is_zero(r, a))
        return false;
    mpq_set_ui(constant, 1, 1);
    bool whole = r->node[a].made || fmax(r->node[a].above, r->node[a].below) <= r->large ||
                 !lazy_product(r, a, constant, &base, &exponent, &parts);
    bool res = true;
    if (whole) {
        mpq_set_ui(constant, 1, 1);
        res = add_factors(r, a, 1, constant, list, count);
    }
    for (size_t i = 0; i < parts && !whole && res; i++)
        res = add_factors(r, base[i], exponent[i], constant, list, count);
    size_t kept = 0;
    for (size_t i = 0; i < *count; i++)
        if ((*list)[i].exponent)
            (*list)[kept++] = (*list)[i];
    *count = kept;
    free(base);
    free(exponent);
    return res;
}

RingOps lazy_ring(const RingOps *inner) {
    return (RingOps){.inner = inner, .create = create, .destroy = destroy, .rational = lazy_number,
                     .generator = generator, .relation = relation, .add = lazy_add, .sub = lazy_sub, .mul = lazy_mul,
                     .div = divide, .power = lazy_power, .is_zero = lazy_is_zero, .value = value, .terms = terms,
                     .term = term, .piece = piece, .factor = factor, .coefficient = coefficient, .divides = divides,
                     .size = size};
}
