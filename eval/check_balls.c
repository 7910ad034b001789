/* Components of check f in ball arithmetic, both sides, where doubles run out; see check_parts.h. */
#include <math.h>
#include <stdlib.h>

#include "eval/balls_slope.h"
#include "eval/check_parts.h"
#include "expr/derive.h"

static const double LOOSE = 1e-10; /* a bound so large beside the value is worth balls */
static const char too_long[] = "beyond doubles it takes balls, and here they would take too long";

typedef struct BallCheck {
    const CheckInput *in;
    const CheckExact *exact;
    const NumberKind *balls; /* loaded when first needed; why is then the sentence if they are not there */
    const char *why;
    const Derivative *sweep;
    double largest;
    uint64_t *budget;
    CheckResult *out;
    Arena arena;
    Diags quiet;
} BallCheck;

/* ---- expressions ---- */

/* Element k, rows first, of a parameter or array of this shape. */
static void indices_of(Store *s, int rank, const size_t *dim, size_t k, Expr *index) {
    size_t columns = rank == 2 ? dim[1] : 1;
    index[0] = expr_int(s, (long)(k / columns) + 1);
    index[1] = expr_int(s, (long)(k % columns) + 1);
}

/* The derivative of a number by coordinate `column`; 0 where there is none. */
static Expr derivative_by_column(BallCheck *b, Expr e, size_t column) {
    const CheckExact *x = b->exact;
    Span nowhere = span_of(0, 0);
    for (size_t p = 0; p < x->params && e; p++) {
        const Param *q = &x->param[p];
        size_t count = 1;
        for (int k = 0; k < q->rank; k++)
            count *= x->dims[p][k];
        if (count <= column) {
            column -= count;
            continue;
        }
        Expr index[2];
        indices_of(defs_store(x->defs), q->rank, x->dims[p], column, index);
        return q->rank == 0 ? derive_by(x->defs, e, q->symbol, &b->quiet, nowhere)
                            : derive_by_element(x->defs, e, q->symbol, index, &b->quiet, nowhere);
    }
    return 0;
}

/* What is differenced: a value of f, or an entry of its gradient. */
static Expr value_of_row(BallCheck *b, size_t row) {
    Store *s = defs_store(b->exact->defs);
    Expr body = b->exact->body, index[2];
    int rank = expr_rank(s, body);
    long columns = 1;
    if (b->in->of == CHECK_HESSIAN)
        return derivative_by_column(b, body, row);
    if (rank == 0)
        return body;
    if (rank == 2 && !expr_is_integer(s, expr_dim(s, body, 1), &columns))
        return 0;
    indices_of(s, rank, (const size_t[]){0, (size_t)columns}, row, index);
    body = expr_fuse(s, body, index[0]);
    return rank == 1 || body == 0 ? body : expr_fuse(s, body, index[1]);
}

/* ---- one component ---- */

/* What a bound is small or large beside. */
static double size_of(const BallCheck *b, const CheckComponent *k) {
    return k->symbolic == 0 ? fmax(b->largest, k->usual) : fabs(k->symbolic);
}

static bool is_wanted(const BallCheck *b, const CheckComponent *k, bool loose) {
    if (k->direction || (k->kink && !b->exact->smooth) || !isfinite(k->symbolic) ||
        (k->verdict == VERDICT_DIFFERS && k->reason))
        return false; /* a reason to differ: the two forms of the derivative do */
    if (!loose)
        return k->verdict != VERDICT_AGREES;
    return k->verdict == VERDICT_AGREES && k->bits == 0 && LOOSE * size_of(b, k) < k->bound;
}

/* Doubles take a variable of the session as it is, balls as its shortest decimal. */
static bool has_variables(const BallCheck *b) {
    enum { EXPAND_LIMIT = 4096 };
    Expr body = defs_expand(b->exact->defs, b->exact->body, EXPAND_LIMIT);
    return body == 0 || expr_flags(defs_store(b->exact->defs), body) & (EXPR_HAS_GLOBAL | EXPR_HAS_CALL);
}

/* The gradient that runs and optimizers see is not the one in balls where it is rounded away. */
static void compare_sweep(BallCheck *b, BallSlope *s, CheckComponent *k) {
    size_t at = k->row * b->out->n + k->column;
    double middle, radius, sweep = b->sweep->value[at], bound = b->sweep->bound[at];
    double size = fmax(fabs(k->symbolic), 1e-6 * b->largest);
    if (!has_variables(b) && ball_slope_derivative(s, b->out->x, &middle, &radius) && isfinite(radius) &&
        4 * bound + radius + 1e-9 * size < fabs(middle - sweep)) {
        k->verdict = VERDICT_UNDECIDED;
        check_say(&k->reason, "the derivative is %.10g in balls, yet %.10g as computed in doubles", middle, sweep);
    } else if (1e-6 * size < fabs(k->symbolic - sweep)) {
        check_say(&k->reason, "in doubles the derivative itself comes to %.10g", sweep);
    }
}

static void accept(BallCheck *b, BallSlope *s, CheckComponent *k, SlopeAnswer answer, const SlopePoint *p) {
    k->symbolic = p->derivative;
    k->numeric = p->quotient;
    k->difference = p->difference;
    k->bound = p->bound;
    k->bits = p->bits;
    k->left = p->left;
    k->right = p->right;
    k->kink = false;
    k->verdict = answer == SLOPE_AGREES ? VERDICT_AGREES : VERDICT_DIFFERS;
    free(k->reason);
    k->reason = NULL;
    if (answer == SLOPE_KINK)
        check_say_kink(k);
    else if (answer == SLOPE_AGREES)
        compare_sweep(b, s, k);
}

static void judge_component(BallCheck *b, CheckComponent *k) {
    const CheckExact *x = b->exact;
    Expr value = value_of_row(b, k->row), derivative = derivative_by_column(b, value, k->column);
    SlopePoint p = {.bits = 0};
    if (k->verdict == VERDICT_AGREES && derivative == expr_int(defs_store(x->defs), 0))
        return; /* rounding of values does not put that in doubt */
    BallSlope *s = value && derivative ? ball_slope_new(x->defs, x->params, x->param, x->dims, value, derivative,
                                                        b->balls, x->interrupt, NULL)
                                       : NULL;
    if (!s)
        return;
    SlopeAnswer answer = ball_slope_at(s, b->out->x, k->column, 1e-6 * b->largest, b->budget, &p);
    if (answer != SLOPE_OPEN) {
        accept(b, s, k, answer, &p);
    } else if (k->verdict == VERDICT_AGREES && p.bits && 0 < *b->budget && k->symbolic == 0 &&
               1e-3 * size_of(b, k) < k->bound) { /* it does not change in doubles, but balls saw it change */
        k->verdict = VERDICT_UNDECIDED;
        check_say(&k->reason, "the bound on the error is too large beside the value");
    }
    ball_slope_free(s);
}

/* ---- all ---- */

static RunStatus judge_all(BallCheck *b, bool loose) {
    for (size_t i = 0; i < b->out->count; i++) {
        CheckComponent *k = &b->out->component[i];
        if (!is_wanted(b, k, loose))
            continue;
        if (!b->balls && !b->why)
            b->balls = balls_load(&b->why);
        if (b->balls && 0 < *b->budget)
            judge_component(b, k);
        bool open = k->verdict == VERDICT_UNDECIDED && k->bits == 0;
        if (open && (!b->balls || *b->budget == 0))
            b->out->lacking = b->balls ? too_long : b->why;
        if (b->exact->interrupt && *b->exact->interrupt)
            return RUN_INTERRUPT;
    }
    return RUN_OK;
}

/* What doubles left open goes first; then what they left loose, with what is left of the budget, and
 * without a word where balls are not to be had. */
RunStatus check_in_balls(const CheckInput *in, const Derivative *sweep, double largest, uint64_t *budget,
                         CheckResult *out) {
    enum { MOST_VARIABLES = 10 * 1000 };
    BallCheck b = {.in = in, .exact = in->exact, .sweep = sweep, .largest = largest, .budget = budget, .out = out};
    if (!in->exact || in->h != 0 || MOST_VARIABLES < out->n)
        return RUN_OK;
    arena_init(&b.arena);
    diags_init(&b.quiet, &b.arena);
    RunStatus res = judge_all(&b, false);
    if (res == RUN_OK && !b.why)
        res = judge_all(&b, true);
    arena_done(&b.arena);
    return res;
}
