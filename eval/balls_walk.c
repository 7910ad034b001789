/* Running a BallCode over a kind of numbers; see balls.h.  A node's value stays valid until one of
 * the loop indices that it depends on is bound anew. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/balls_parts.h"
#include "parser/ast.h"

enum { DEEPEST = 200, PATH = 8, MOST_STEPS = 2000000, MOST_STEPS_IN_ALL = 40000000, SCRATCH = 4 };
enum { FUNCTION_COST = 50 }; /* of a function beside an addition: 8 for sin, 100 for gamma */

struct BallRun {
    const BallCode *c;
    const NumberKind *kind;
    void *numbers;
    uint32_t inputs;   /* slots of the inputs, after those of the nodes; then the scratch ones and */
    uint32_t registers; /* those for the caller's own arithmetic */
    uint64_t *stamp;   /* when the node was computed, 0: never */
    uint64_t now, bound_at[BALL_INDICES];
    long index[BALL_INDICES];
    mpq_t q;
    int depth;
    uint64_t steps, steps_in_all; /* at this point; at all points */
    uint64_t cost, limit;         /* at this point, in additions or so; and the most of it */
    bool failed; /* too deep, too long, interrupted */
    const volatile int *interrupt;
};

BallRun *ball_run_new(const BallCode *c, const NumberKind *kind, const volatile int *interrupt) {
    BallRun *r = mem_new(1, sizeof *r);
    r->c = c;
    r->kind = kind;
    r->interrupt = interrupt;
    r->inputs = (uint32_t)c->nodes;
    r->registers = (uint32_t)(c->nodes + c->inputs + c->globals + SCRATCH);
    r->limit = UINT64_MAX;
    r->numbers = kind->make(r->registers + BALL_REGISTERS);
    r->stamp = mem_new(c->nodes + 1, sizeof *r->stamp);
    mpq_init(r->q);
    for (size_t i = 0; i < c->globals; i++)
        kind->set_rational(r->numbers, (uint32_t)(r->inputs + c->inputs + i), c->global_value[i]);
    return r;
}

void ball_run_free(BallRun *r) {
    if (!r)
        return;
    r->kind->release(r->numbers);
    mpq_clear(r->q);
    free(r->stamp);
    free(r);
}

static void forget(BallRun *r) {
    memset(r->stamp, 0, r->c->nodes * sizeof *r->stamp);
    memset(r->bound_at, 0, sizeof r->bound_at);
    r->now = 1;
    r->steps = r->cost = 0;
    r->failed = false;
}

void ball_run_set(BallRun *r, const mpq_t *x) {
    forget(r);
    for (size_t i = 0; i < r->c->inputs; i++)
        r->kind->set_rational(r->numbers, (uint32_t)(r->inputs + i), x[i]);
}

void ball_run_set_box(BallRun *r, const mpq_t *lo, const mpq_t *hi) {
    forget(r);
    for (size_t i = 0; i < r->c->inputs; i++)
        r->kind->set_range(r->numbers, (uint32_t)(r->inputs + i), lo[i], hi[i]);
}

void ball_run_bits(BallRun *r, long bits) {
    forget(r);
    r->kind->set_bits(r->numbers, bits);
}

/* ---- small things ---- */

static void set_integer(BallRun *r, uint32_t to, long value) {
    mpq_set_si(r->q, value, 1);
    r->kind->set_rational(r->numbers, to, r->q);
}

static void set_undefined(BallRun *r, uint32_t to) {
    r->kind->apply(r->numbers, EXPR_NAN, 0, to, 0, NULL);
}

static bool is_valid(const BallRun *r, const BallNode *n, uint64_t stamp) {
    if (stamp == 0)
        return false;
    for (uint32_t m = n->mask; m; m &= m - 1)
        if (stamp < r->bound_at[__builtin_ctz(m)])
            return false;
    return true;
}

static void bind(BallRun *r, uint32_t index, long value) {
    r->index[index] = value;
    r->bound_at[index] = ++r->now;
}

static uint32_t kid_of(const BallRun *r, const BallNode *n, size_t i) {
    return r->c->kid[n->first + i];
}

static void run_region(BallRun *r, uint32_t root);

/* 0 or 1 for what can be decided, both else. */
static void set_truth(BallRun *r, uint32_t to, int truth) {
    if (0 <= truth) {
        set_integer(r, to, truth);
        return;
    }
    uint32_t scratch = (uint32_t)(r->inputs + r->c->inputs + r->c->globals);
    set_integer(r, scratch, 0);
    set_integer(r, to, 1);
    r->kind->join(r->numbers, to, to, scratch);
}

/* ---- choices ---- */

static int truth_of(BallRun *r, uint32_t at) {
    return r->kind->finite(r->numbers, at) ? r->kind->truth(r->numbers, at) : -2;
}

static void run_choice(BallRun *r, uint32_t at, const BallNode *n) {
    int t = truth_of(r, kid_of(r, n, 0));
    uint32_t yes = kid_of(r, n, 1), no = kid_of(r, n, 2);
    if (t == -2) {
        set_undefined(r, at);
        return;
    }
    if (t != 0)
        run_region(r, yes);
    if (t != 1)
        run_region(r, no);
    if (t == -1)
        r->kind->join(r->numbers, at, yes, no);
    else
        r->kind->copy(r->numbers, at, t ? yes : no);
}

/* One operand that decides is enough, whether the other is defined or not. */
static void run_connective(BallRun *r, uint32_t at, const BallNode *n) {
    int decisive = n->op == EXPR_AND ? 0 : 1, a = truth_of(r, kid_of(r, n, 0)), b = decisive;
    if (a != decisive) {
        run_region(r, kid_of(r, n, 1));
        b = truth_of(r, kid_of(r, n, 1));
    }
    if (a == decisive || b == decisive)
        set_integer(r, at, decisive);
    else if (a == -2 || b == -2)
        set_undefined(r, at);
    else
        set_truth(r, at, a == -1 || b == -1 ? -1 : 1 - decisive);
}

/* ---- loops ---- */

/* Ends beyond 2^53 are none, as in doubles. */
static bool range_of(BallRun *r, const BallNode *n, long *lo, long *hi) {
    const long most = 1L << 53;
    return r->kind->integer(r->numbers, kid_of(r, n, 0), lo) && r->kind->integer(r->numbers, kid_of(r, n, 1), hi) &&
           -most <= *lo && *lo <= most && -most <= *hi && *hi <= most;
}

/* One node or one round of a loop more; fails the run when they are too many or it is interrupted. */
static void charge(BallRun *r, uint64_t cost) {
    r->steps_in_all++;
    r->cost += cost;
    if (MOST_STEPS < ++r->steps || MOST_STEPS_IN_ALL < r->steps_in_all || r->limit < r->cost ||
        (r->interrupt && *r->interrupt))
        r->failed = true;
}

static void run_extreme(BallRun *r, uint32_t at, const BallNode *n, long lo, long hi) {
    bool most = n->op == EXPR_MAX || n->op == EXPR_ARGMAX, place = n->op == EXPR_ARGMAX || n->op == EXPR_ARGMIN;
    uint32_t body = kid_of(r, n, 2), scratch = (uint32_t)(r->inputs + r->c->inputs + r->c->globals);
    uint32_t best = at, pair[2] = {body, at}, is_better = scratch + 1;
    long found = lo;
    (void)best;
    for (long i = lo; i <= hi && !r->failed; i++) {
        bind(r, n->payload, i);
        charge(r, 1);
        run_region(r, body);
        if (i == lo) {
            r->kind->copy(r->numbers, at, body);
            continue;
        }
        r->kind->apply(r->numbers, EXPR_REL, most ? REL_GT : REL_LT, is_better, 2, pair);
        int better = truth_of(r, is_better);
        if (better == 1) {
            r->kind->copy(r->numbers, at, body);
            found = i;
        } else if (better != 0) { /* not to be decided: both, but of a place nothing is known */
            if (place || better == -2) {
                set_undefined(r, at);
                return;
            }
            r->kind->join(r->numbers, at, at, body);
        }
    }
    if (place)
        set_integer(r, at, found);
}

static void run_loop(BallRun *r, uint32_t at, const BallNode *n) {
    long lo, hi;
    if (!range_of(r, n, &lo, &hi)) {
        set_undefined(r, at);
        return;
    }
    bool sum = n->op == EXPR_SUM, extreme = !sum && n->op != EXPR_PROD;
    if (extreme && hi < lo) {
        set_undefined(r, at);
    } else if (extreme) {
        run_extreme(r, at, n, lo, hi);
    } else {
        uint32_t body = kid_of(r, n, 2), pair[2] = {at, body};
        set_integer(r, at, sum ? 0 : 1);
        for (long i = lo; i <= hi && !r->failed; i++) {
            bind(r, n->payload, i);
            charge(r, 1);
            run_region(r, body);
            r->kind->apply(r->numbers, sum ? EXPR_ADD : EXPR_MUL, 0, at, 2, pair);
        }
    }
}

/* ---- elements of arrays ---- */

/* Indices still to be applied, the next one last. */
typedef struct Path {
    long index[PATH];
    int count;
} Path;

/* Takes the indices of a chain of ELEM nodes; the array below is left in *base. */
static bool gather(BallRun *r, Path *p, uint32_t *base) {
    while (r->c->node[*base].op == EXPR_ELEM) {
        const BallNode *n = &r->c->node[*base];
        if (p->count == PATH || !r->kind->integer(r->numbers, kid_of(r, n, 1), &p->index[p->count]))
            return false;
        p->count++;
        *base = kid_of(r, n, 0);
    }
    return true;
}

/* The place of an element among the inputs; false outside. */
static bool input_of(const BallNode *n, const Path *p, size_t *at) {
    *at = n->input;
    if (p->count != n->rank)
        return false;
    size_t offset = 0;
    for (int k = 0; k < n->rank; k++) {
        long i = p->index[p->count - 1 - k];
        if (i < 1 || (long)n->dim[k] < i)
            return false;
        offset = offset * n->dim[k] + (size_t)(i - 1);
    }
    *at += offset;
    return true;
}

typedef struct Rebound {
    uint32_t index;
    long value;
} Rebound;

/* One step into a list or a formula; false outside of it. */
static bool step_into(BallRun *r, Path *p, uint32_t *base, Rebound *kept, int *kept_count) {
    const BallNode *n = &r->c->node[*base];
    long i = p->index[--p->count], lo, hi;
    if (n->op == EXPR_LIST) {
        if (i < 1 || (long)n->count < i)
            return false;
        *base = kid_of(r, n, (size_t)i - 1);
    } else {
        if (n->op != EXPR_VEC || !range_of(r, n, &lo, &hi) || i < 1 || hi - lo + 1 < i || *kept_count == PATH)
            return false;
        kept[(*kept_count)++] = (Rebound){n->payload, r->index[n->payload]};
        bind(r, n->payload, lo + i - 1);
        *base = kid_of(r, n, 2);
    }
    run_region(r, *base);
    return !r->failed;
}

static void run_element(BallRun *r, uint32_t at) {
    Path p = {.count = 0};
    Rebound kept[PATH];
    int kept_count = 0;
    uint32_t base = at;
    bool found = gather(r, &p, &base);
    while (found) {
        const BallNode *n = &r->c->node[base];
        size_t input;
        if (n->op == EXPR_SYM || n->op == EXPR_GLOBAL) {
            found = input_of(n, &p, &input);
            if (found)
                r->kind->copy(r->numbers, at, (uint32_t)(r->inputs + input));
            break;
        }
        if (p.count == 0) {
            r->kind->copy(r->numbers, at, base);
            break;
        }
        found = step_into(r, &p, &base, kept, &kept_count) &&
                (p.count == 0 || r->c->node[base].op != EXPR_ELEM || gather(r, &p, &base));
    }
    while (kept_count) {
        kept_count--;
        bind(r, kept[kept_count].index, kept[kept_count].value);
    }
    if (!found)
        set_undefined(r, at);
}

/* ---- nodes ---- */

static void run_node(BallRun *r, uint32_t at) {
    const BallNode *n = &r->c->node[at];
    switch (n->op) {
    case EXPR_CONST:
        r->kind->set_rational(r->numbers, at, r->c->constant[n->value]);
        break;
    case EXPR_SYM: case EXPR_GLOBAL:
        r->kind->copy(r->numbers, at, (uint32_t)(r->inputs + n->input));
        break;
    case EXPR_FREE:
        set_integer(r, at, r->index[n->payload]);
        break;
    case EXPR_IF: run_choice(r, at, n); break;
    case EXPR_AND: case EXPR_OR: run_connective(r, at, n); break;
    case EXPR_SUM: case EXPR_PROD: case EXPR_MAX: case EXPR_MIN: case EXPR_ARGMAX: case EXPR_ARGMIN:
        run_loop(r, at, n);
        break;
    case EXPR_ELEM: run_element(r, at); break;
    default:
        r->kind->apply(r->numbers, n->op, n->payload, at, n->count, r->c->kid + n->first);
        break;
    }
}

static void run_region(BallRun *r, uint32_t root) {
    if (DEEPEST < r->depth || r->c->node[root].region == 0)
        r->failed = true;
    if (r->failed)
        return;
    r->depth++;
    BallRegion g = r->c->region[r->c->node[root].region - 1];
    for (uint32_t i = 0; i < g.count && !r->failed; i++) {
        uint32_t at = r->c->order[g.first + i];
        const BallNode *n = &r->c->node[at];
        if (0 < n->rank || is_valid(r, n, r->stamp[at]))
            continue;
        charge(r, n->op == EXPR_FN ? FUNCTION_COST : 1);
        run_node(r, at);
        r->stamp[at] = ++r->now;
    }
    r->depth--;
}

bool ball_run_root(BallRun *r, size_t root) {
    uint32_t at = r->c->root[root];
    run_region(r, at);
    return !r->failed && r->kind->finite(r->numbers, at);
}

void ball_run_get(BallRun *r, size_t root, double *middle, double *radius) {
    r->kind->get(r->numbers, r->c->root[root], middle, radius);
}

int ball_run_truth(BallRun *r, size_t root) {
    return r->kind->truth(r->numbers, r->c->root[root]);
}

bool ball_run_rational(BallRun *r, size_t root, mpq_ptr out) {
    return r->kind->rational && r->kind->rational(r->numbers, r->c->root[root], out);
}

/* ---- arithmetic with results ---- */

void ball_run_keep(BallRun *r, uint32_t to, size_t root) {
    r->kind->copy(r->numbers, r->registers + to, r->c->root[root]);
}

void ball_run_load(BallRun *r, uint32_t to, mpq_srcptr value) {
    r->kind->set_rational(r->numbers, r->registers + to, value);
}

void ball_run_combine(BallRun *r, uint32_t op, uint32_t to, uint32_t a, uint32_t b) {
    const uint32_t pair[2] = {r->registers + a, r->registers + b};
    r->kind->apply(r->numbers, op, 0, r->registers + to, 2, pair);
}

void ball_run_read(BallRun *r, uint32_t at, double *middle, double *radius) {
    r->kind->get(r->numbers, r->registers + at, middle, radius);
}

uint64_t ball_run_cost(const BallRun *r) {
    return r->cost;
}

void ball_run_limit(BallRun *r, uint64_t cost) {
    r->limit = cost;
}
