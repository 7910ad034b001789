/* Where a slip does not show: lines on which the residual vanishes, read off its factors and confirmed
 * in balls at points of theirs, and a minimum of the function. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/points.h"
#include "eval/slip.h"
#include "expr/affine.h"
#include "expr/build.h"
#include "expr/derive.h"
#include "expr/functions.h"
#include "expr/print.h"
#include "repl/judge.h"

enum {
    MOST_LINES = 4,
    MOST_FACTORS = 12,
    MOST_VARIABLES = 8,
    LINE_TEXT = 24,
    LINE_TRIES = 24,
    LINE_POINTS = 3,
    LINE_SEED = 23
};

typedef struct Hidden {
    const CertainClaim *claim;
    Gap *gap;
    Buf text;
    size_t lines;
} Hidden;

static void say_line(Hidden *h, const char *text) {
    if (h->lines < MOST_LINES) buf_printf(&h->text, "%s%s", h->lines ? "; " : "", text);
    h->lines++;
}

static bool is_said(const Hidden *h, const char *text) {
    const char *all = buf_str(&h->text);
    size_t len = strlen(text);
    for (const char *at = all; (at = strstr(at, text)); at++)
        if ((at == all || at[-1] == ' ') && (at[len] == ';' || at[len] == '\0')) return true;
    return false;
}

/* Number k of the point as a variable; 0 beyond the last. */
static Expr variable_at(const CertainClaim *c, size_t k) {
    return slip_variable(c->task->in->store, c->param_count, c->param, c->dims, k);
}

static void put_name(Buf *out, const CertainClaim *c, size_t k) {
    expr_print(out, c->task->in->defs, variable_at(c, k), NULL);
    buf_text(out, " = ");
}

/* ---- lines: one variable is an expression in the others ---- */

/* x[k] = the rational value of root 0 at x, where that is a short decimal. */
static bool set_exactly(const CertainClaim *c, BallRun *r, double *x, size_t k) {
    Store *s = c->task->in->store;
    mpq_t *q = mem_new(c->n + 1, sizeof *q), value, back;
    for (size_t i = 0; i < c->n; i++) {
        mpq_init(q[i]);
        ball_rational_of(s, x[i], q[i]);
    }
    mpq_init(value);
    mpq_init(back);
    ball_run_set(r, (const mpq_t *)q);
    bool res = ball_run_root(r, 0) && ball_run_rational(r, 0, value);
    if (res) {
        x[k] = mpq_get_d(value);
        ball_rational_of(s, x[k], back);
        res = mpq_equal(value, back);
    }
    for (size_t i = 0; i < c->n; i++) mpq_clear(q[i]);
    mpq_clear(value);
    mpq_clear(back);
    free(q);
    return res;
}

/* Does the gap vanish wherever number k of the point is `rhs`? */
static bool hides_on(Hidden *h, size_t k, Expr rhs) {
    const CertainClaim *c = h->claim;
    BallCode *code =
        ball_code_new(c->task->in->defs, c->param_count, c->param, c->dims, 1, &rhs, NULL);
    if (!code) return false;
    BallRun *r = ball_run_new(code, &number_exact, c->task->in->interrupt);
    Random random;
    random_seed(&random, LINE_SEED);
    double *x = mem_new(c->n + 1, sizeof *x);
    size_t met = 0;
    bool shows = false;
    for (int i = 0;
         i < LINE_TRIES && met < LINE_POINTS && !shows && !interp_interrupted(c->task->in); i++) {
        points_draw(&random, c->n, x, 1, NULL, NULL);
        if (!set_exactly(c, r, x, k)) continue;
        GapPoint p;
        GapAnswer a = gap_at(h->gap, x, &p);
        shows = a == GAP_CERTAIN || a == GAP_LACKING;
        met += a == GAP_NONE;
        gap_point_done(&p);
    }
    free(x);
    ball_run_free(r);
    ball_code_free(code);
    return met > 0 && !shows;
}

static void try_line(Hidden *h, size_t k, Expr rhs) {
    Buf b;
    buf_init(&b);
    put_name(&b, h->claim, k);
    expr_print(&b, h->claim->task->in->defs, rhs, NULL);
    if (b.len <= LINE_TEXT && !is_said(h, buf_str(&b)) && hides_on(h, k, rhs))
        say_line(h, buf_str(&b));
    buf_done(&b);
}

/* factor = 0 solved for a variable in which it is linear with a constant coefficient. */
static bool solve(Hidden *h, Expr factor, bool constant) {
    const CertainClaim *c = h->claim;
    Interp *in = c->task->in;
    Store *s = in->store;
    for (size_t i = c->n < MOST_VARIABLES ? c->n : MOST_VARIABLES; 0 < i--;) {
        Expr v = variable_at(c, i), zero = expr_int(s, 0);
        Expr slope = slip_derivative(in->defs, factor, v);
        if (!slope || !expr_rational(s, slope) || slope == zero) continue;
        Expr rest = expr_substitute(s, factor, 1, &v, &zero),
             scale = build_neg(s, build_div(s, expr_int(s, 1), slope));
        Expr rhs = simplify(in->defs, affine_normal(s, build_mul(s, scale, rest)));
        if (!rhs || (expr_rational(s, rhs) != NULL) != constant) continue;
        size_t before = h->lines;
        try_line(h, i, rhs);
        if (before < h->lines) return true;
    }
    return false;
}

/* The factors of the numerator at the top of e. */
static size_t factors_of(const Store *s, Expr e, Expr *out) {
    Expr stack[2 * MOST_FACTORS];
    size_t depth = 0, count = 0;
    stack[depth++] = e;
    while (depth && count < MOST_FACTORS) {
        Expr at = stack[--depth];
        ExprOp op = expr_op(s, at);
        if (op == EXPR_NEG || op == EXPR_DIV || op == EXPR_POW)
            stack[depth++] = expr_kid(s, at, 0);
        else if (op == EXPR_MUL && depth + 2 < 2 * MOST_FACTORS)
            for (size_t k = 0; k < 2; k++) stack[depth++] = expr_kid(s, at, 1 - k);
        else
            out[count++] = at;
    }
    return count;
}

static void find_lines(Hidden *h, Expr residual) {
    static const long values[] = {0, 1, -1};
    const CertainClaim *c = h->claim;
    Store *s = c->task->in->store;
    Expr factor[MOST_FACTORS];
    size_t count = residual ? factors_of(s, residual, factor) : 0;
    for (size_t i = 0; i < c->n && i < MOST_VARIABLES; i++)
        for (int v = 0; v < 3; v++) try_line(h, i, expr_int(s, values[v]));
    for (int constant = 1; 0 <= constant; constant--)
        for (size_t i = 0; i < count; i++) solve(h, factor[i], constant);
}

/* ---- a minimum ---- */

enum { DESCENT_VARIABLES = 4, DESCENT_STARTS = 8, DESCENT_STEPS = 60, DESCENT_OPERATIONS = 5000 };

/* (h + shift)*step = -g by elimination; false where that is not positive definite. */
static bool newton_step(size_t n, const double *h, double shift, const double *g, double *step) {
    double a[DESCENT_VARIABLES][DESCENT_VARIABLES + 1];
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < n; j++)
            a[i][j] = 0.5 * (h[i * n + j] + h[j * n + i]) + (i == j ? shift : 0);
        a[i][n] = -g[i];
    }
    for (size_t i = 0; i < n; i++) {
        if (!(1e-12 < a[i][i])) return false;
        for (size_t j = i + 1; j < n; j++) {
            double m = a[j][i] / a[i][i];
            for (size_t k = i; k <= n; k++) a[j][k] -= m * a[i][k];
        }
    }
    for (size_t i = n; 0 < i--;) {
        step[i] = a[i][n];
        for (size_t k = i + 1; k < n; k++) step[i] -= a[i][k] * step[k];
        step[i] /= a[i][i];
    }
    return true;
}

static double largest(size_t n, const double *g) {
    double res = 0;
    for (size_t i = 0; i < n; i++) res = fmax(res, fabs(g[i]));
    return res;
}

/* Newton steps, shifted until they go down; true where they end at a strict minimum. */
static bool descend(Evaluator *e, size_t n, double *x) {
    double f, next, g[DESCENT_VARIABLES], h[DESCENT_VARIABLES * DESCENT_VARIABLES],
        step[DESCENT_VARIABLES], to[DESCENT_VARIABLES], shift = 0;
    for (int i = 0; i < DESCENT_STEPS; i++) {
        if (evaluator_gradient(e, x, &f, g) != RUN_OK || evaluator_hessian(e, x, h) != RUN_OK ||
            !isfinite(f) || !isfinite(largest(n, g)) || 1e6 < largest(n, x))
            return false;
        if (largest(n, g) < 1e-11) return newton_step(n, h, -1e-6, g, step);
        bool down = false;
        for (int k = 0; k < 20 && !down; k++) {
            if (newton_step(n, h, shift, g, step)) {
                for (size_t j = 0; j < n; j++) to[j] = x[j] + step[j];
                down = evaluator_value(e, to, &next) == RUN_OK && next <= f;
            }
            if (!down) shift = fmax(1e-3, 4 * shift);
        }
        if (!down) return false;
        memcpy(x, to, n * sizeof *x);
        shift = shift < 1e-3 ? 0 : shift / 10;
    }
    return false;
}

/* Where the digits end: 3, 0.5. */
static bool make_short(Evaluator *e, size_t n, double *x) {
    double f, g[DESCENT_VARIABLES];
    for (size_t i = 0; i < n; i++) x[i] = round(x[i] * 1e4) / 1e4 + 0.0;
    return evaluator_gradient(e, x, &f, g) == RUN_OK && largest(n, g) < 1e-13;
}

static bool hides_there(Hidden *h, const double *x) {
    GapPoint p;
    bool res = gap_at(h->gap, x, &p) == GAP_NONE && p.derivative == 0 && p.yours == 0;
    gap_point_done(&p);
    return res;
}

/* A minimum with short coordinates, off the lines, at which the slip does not show. */
static void find_minimum(Hidden *h) {
    const CertainClaim *c = h->claim;
    Interp *in = c->task->in;
    Diags quiet;
    diags_init(&quiet, c->task->arena);
    bool fits = c->function && expr_rank(in->store, c->function) == 0 && 0 < c->n &&
                c->n <= DESCENT_VARIABLES;
    Evaluator *e = fits ? evaluator_new(in->defs, c->param_count, c->param, c->function, c->dims,
                                        in->interrupt, &quiet, c->task->span)
                        : NULL;
    if (!e) return;
    Random random;
    random_seed(&random, LINE_SEED);
    double x[DESCENT_VARIABLES] = {1, 1, 1, 1};
    bool found = false;
    if (DESCENT_OPERATIONS < evaluator_operations(e, x, true)) { /* not for a remark */
        evaluator_free(e);
        return;
    }
    for (int i = 0; i < DESCENT_STARTS && !found && !interp_interrupted(in); i++) {
        if (i == 0)
            for (size_t k = 0; k < c->n; k++) x[k] = 1;
        else
            points_draw(&random, c->n, x, 1, NULL, NULL);
        found = largest(c->n, x) < 100 && descend(e, c->n, x) && make_short(e, c->n, x) &&
                hides_there(h, x);
    }
    evaluator_free(e);
    bool on_line = false;
    Buf b;
    buf_init(&b);
    for (size_t k = 0; k < c->n && found; k++) {
        Buf line;
        buf_init(&line);
        buf_text(&b, k ? ", " : c->n > 1 ? "(" : "");
        buf_double(&b, x[k]);
        put_name(&line, c, k);
        buf_double(&line, x[k]);
        on_line = on_line || is_said(h, buf_str(&line));
        buf_done(&line);
    }
    if (found && !on_line)
        buf_printf(&h->text, "%s the minimum %s%s", h->lines ? ", nor at" : "at", buf_str(&b),
                   c->n > 1 ? ")" : "");
    buf_done(&b);
}

void judge_find_hidden(const CertainClaim *c, Gap *g, Expr residual, CheckComponent *k) {
    Hidden h = {.claim = c, .gap = g};
    buf_init(&h.text);
    find_lines(&h, residual);
    Buf all; /* "where x = 0, y = 1 or x = y" */
    buf_init(&all);
    size_t met = 0, most = h.lines < MOST_LINES ? h.lines : MOST_LINES;
    buf_text(&all, most ? "where " : "");
    for (const char *at = buf_str(&h.text); *at; at++) {
        if (*at != ';') {
            buf_char(&all, *at);
            continue;
        }
        met++;
        buf_text(&all, met + 1 == most ? " or" : ",");
    }
    size_t said = h.text.len;
    find_minimum(&h);
    buf_text(&all, buf_str(&h.text) + said);
    if (all.len > 0) k->hidden = mem_copy_text(buf_str(&all), all.len);
    buf_done(&all);
    buf_done(&h.text);
}
