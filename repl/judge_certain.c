/* Verdicts that are certain.  First a witness: short rational coordinates at which balls enclose the
 * gap away from 0.  Then the prover.  What neither settles keeps what doubles said, and the reason.
 * The proofs of a check share its time: each component gets an even part of what is left, and those
 * that ran out of theirs get what the others did not need. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "eval/balls_gap.h"
#include "eval/check_parts.h"
#include "eval/intervals.h"
#include "eval/points.h"
#include "expr/build.h"
#include "expr/domain.h"
#include "repl/judge.h"

enum { CERTAIN_POINTS = 40, CERTAIN_TRIES = 400, CERTAIN_COMPONENTS = 200, CERTAIN_SEED = 20 };

Expr certain_component(const CertainClaim *c, Expr e, size_t i) {
    Store *s = c->task->in->store;
    int rank = expr_rank(s, e);
    if (rank == 0) return e;
    if (rank == 1) return expr_fuse(s, e, expr_int(s, (long)i + 1));
    if (rank != 2 || c->columns == 0) return 0;
    Expr row = expr_fuse(s, e, expr_int(s, (long)(i / c->columns) + 1));
    return row ? expr_fuse(s, row, expr_int(s, (long)(i % c->columns) + 1)) : 0;
}

static void keep(const CertainClaim *c, CheckComponent *k, const double *x, GapPoint *p) {
    if (k->witness != x) {
        free(k->witness);
        k->witness = mem_new(c->n + 1, sizeof *k->witness);
        memcpy(k->witness, x, c->n * sizeof *x);
    }
    k->verdict = VERDICT_REFUTED;
    k->yours = p->yours;
    k->derivative = p->derivative;
    k->yours_exact = p->yours_exact;
    k->derivative_exact = p->derivative_exact;
    p->yours_exact = p->derivative_exact = NULL;
    if (!isnan(p->yours)) {
        free(k->reason);
        k->reason = NULL;
    }
}

/* Is the claim undefined around x, not at x alone? */
static bool lacks_around(const CertainClaim *c, Gap *g, const double *x) {
    double *near = mem_new(c->n + 1, sizeof *near);
    bool res = true;
    for (int side = 0; side < 2 && res; side++) {
        for (size_t i = 0; i < c->n; i++) near[i] = x[i] * (side ? 1.001 : 0.999);
        GapPoint p;
        GapAnswer a = gap_at(g, near, &p);
        res = a == GAP_LACKING;
        gap_point_done(&p);
    }
    free(near);
    return res;
}

/* True when x refutes. */
static bool try_point(const CertainClaim *c, Gap *g, CheckComponent *k, const double *x,
                      size_t *met, double *digits) {
    GapPoint p;
    GapAnswer a = gap_at(g, x, &p);
    bool res = a == GAP_CERTAIN || (a == GAP_LACKING && lacks_around(c, g, x));
    if (res) keep(c, k, x, &p);
    if (a == GAP_NONE) {
        *met += 1;
        *digits = fmin(*digits, p.digits);
    }
    gap_point_done(&p);
    return res;
}

static bool find_witness(const CertainClaim *c, Gap *g, CheckComponent *k, size_t *met,
                         double *digits) {
    if (k->witness && try_point(c, g, k, k->witness, met, digits)) return true;
    Random random;
    random_seed(&random, CERTAIN_SEED);
    double *x = mem_new(c->n + 1, sizeof *x);
    bool res = false;
    size_t most = c->n == 0 ? 1 : CERTAIN_TRIES;
    for (size_t i = 0; i < most && *met < CERTAIN_POINTS && !res && !interp_interrupted(c->task->in); i++) {
        points_draw(&random, c->n, x, 1, NULL, NULL);
        res = try_point(c, g, k, x, met, digits);
    }
    for (int i = 0; i < 80 && k->witness && *met < CERTAIN_POINTS && !res; i++) { /* around it */
        double scale = pow(10, -1 - i % 8);
        for (size_t j = 0; j < c->n; j++) {
            double at = k->witness[j] + scale * (2 * random_uniform(&random) - 1) * (1 + fabs(k->witness[j]));
            x[j] = round(at * 1e9) / 1e9;
        }
        res = try_point(c, g, k, x, met, digits);
    }
    free(x);
    return res;
}

/* e at the lengths of the claim. */
static Expr at_lengths(const CertainClaim *c, Expr e) {
    Store *s = c->task->in->store;
    return c->lengths ? expr_substitute(s, e, c->lengths, c->length, c->length_value) : e;
}

/* ---- proofs ---- */

/* Did the algebra end before it had an answer? */
static bool is_cut(AlgebraAnswer a) { return a == ALGEBRA_TIMEOUT || a == ALGEBRA_MEMORY || a == ALGEBRA_DIED; }

/* Why there is no proof, and what to try. */
static void say_unproved(const CertainClaim *c, CheckComponent *k) {
    AlgebraAnswer answer = c->task->in->proof.answer;
    switch (answer) {
    case ALGEBRA_TIMEOUT:
        check_say(&k->reason, "no proof within %g s; try timeout=%g", c->timeout,
                  fmax(60, 10 * c->timeout));
        break;
    case ALGEBRA_MEMORY: check_say(&k->reason, "the algebra ran out of memory"); break;
    case ALGEBRA_DIED:
        check_say(&k->reason, "the worker of the algebra died; the next check starts a new one");
        break;
    case ALGEBRA_MISSING: case ALGEBRA_INTERRUPT: case ALGEBRA_ZERO: break;
    case ALGEBRA_EXCEPT:
        check_say(&k->reason, "proved except where %s", buf_str(&c->task->in->proof.why));
        break;
    case ALGEBRA_NOT_ZERO: case ALGEBRA_UNKNOWN: check_say(&k->reason, "no proof found"); break;
    }
    if (is_cut(answer) && k->verdict == VERDICT_AGREES) k->verdict = VERDICT_UNDECIDED; /* the question stays open */
}

/* A proof holds where both sides are defined: is that all of the set? */
static void ask_where(const CertainClaim *c, CheckComponent *k, Expr set, Expr yours) {
    Interp *in = c->task->in;
    Expr own = domain_of(in->defs, yours), open = own ? where_open(c, set, own) : 0;
    k->proved_where = open ? where_text(in, open) : NULL;
    if (k->proved_where && !c->equation) k->verdict = VERDICT_UNDECIDED;
}

/* A verdict, or the reason why there is none where no other is known. */
static void prove_component(const CertainClaim *c, CheckComponent *k, size_t i) {
    Interp *in = c->task->in;
    Expr yours = certain_component(c, c->yours, i), ours = certain_component(c, c->derivative, i);
    if (!in->prove || (c->unproved && *c->unproved)) return;
    Expr defined = domain_of(in->defs, ours), set = c->domain;
    if (defined) set = build_and(in->store, set, defined);
    yours = at_lengths(c, yours);
    set = where_elements(c, at_lengths(c, set), yours);
    Expr gap = expr_binary(in->store, EXPR_SUB, yours, at_lengths(c, ours));
    if (in->prove(in->prove_context, in, gap, set)) {
        k->verdict = VERDICT_PROVED;
        free(k->reason);
        k->reason = NULL;
        ask_where(c, k, set, yours);
        return;
    }
    if (c->unproved) *c->unproved = true;
    if (!k->reason) say_unproved(c, k);
}

/* What `count` points in balls say where there is no proof. */
static void weigh_points(CheckComponent *k, size_t count, double digits) {
    k->digits = digits;
    if (count < CERTAIN_POINTS / 2) return;
    if (k->verdict == VERDICT_DIFFERS) {
        k->verdict = VERDICT_UNDECIDED; /* an overflow, for example */
        check_say(&k->reason, "doubles differ, balls do not");
        free(k->witness);
        k->witness = NULL;
    } else if (k->verdict == VERDICT_UNDECIDED) {
        k->verdict = VERDICT_AGREES; /* where doubles ran out, balls did not */
        k->points = count;
        free(k->reason);
        k->reason = NULL;
    }
}

/* True when it ran out of time. */
static bool judge_component(const CertainClaim *c, CheckComponent *k, size_t i,
                            const NumberKind *balls) {
    Interp *in = c->task->in;
    Expr yours = certain_component(c, c->yours, i), ours = certain_component(c, c->derivative, i);
    if (!yours || !ours) return false;
    const char *why = NULL;
    Gap *g = gap_new(in->defs, c->param_count, c->param, c->dims, yours, ours, c->domain, balls,
                     in->interrupt, &why);
    if (!g) return false;
    size_t met = 0;
    double digits = 300;
    bool refuted = find_witness(c, g, k, &met, &digits);
    gap_free(g);
    if (refuted) {
        judge_name_slip(c, balls, yours, ours, i, k);
        return false;
    }
    bool compared = balls ? met > 0 : k->verdict == VERDICT_AGREES;
    if (!compared) return false; /* where nothing is, nothing is proved */
    weigh_points(k, met, digits);
    if (k->verdict == VERDICT_DIFFERS) return false; /* too few points for balls to overrule doubles */
    bool agreed = k->verdict == VERDICT_AGREES;
    prove_component(c, k, i);
    return agreed && k->verdict != VERDICT_PROVED && in->proof.answer == ALGEBRA_TIMEOUT;
}

/* An even share of the time until `end` for one of so many components. */
static void share_time(Interp *in, double end, size_t among) {
    double now = clock_seconds();
    in->proof.end = now + fmax(0, end - now) / (double)(among ? among : 1);
}

static void judge_components(const CertainClaim *c, CheckResult *r, const NumberKind *balls,
                             double end) {
    Interp *in = c->task->in;
    size_t count = r->count < CERTAIN_COMPONENTS ? r->count : CERTAIN_COMPONENTS, late = 0;
    bool *is_late = mem_new(count + 1, sizeof *is_late);
    for (size_t i = 0; i < count && !interp_interrupted(in); i++) {
        share_time(in, end, count - i);
        is_late[i] = judge_component(c, &r->component[i], i, balls);
        late += is_late[i];
    }
    for (size_t i = 0; i < count && clock_seconds() < end && !interp_interrupted(in); i++) {
        if (!is_late[i]) continue;
        share_time(in, end, late--);
        free(r->component[i].reason);
        r->component[i].reason = NULL;
        r->component[i].verdict = VERDICT_AGREES; /* as it was */
        prove_component(c, &r->component[i], i);
    }
    free(is_late);
    for (size_t i = 0; i < r->count; i++) r->component[i].conditions = where_text(in, c->domain);
}

/* No generic point was in the domain: boxes tell whether there is one at all. */
static void look_further(const CertainClaim *c, CheckResult *r, const NumberKind *balls) {
    Interp *in = c->task->in;
    double x[INTERVAL_VARIABLES];
    Expr whole = c->domain, own = domain_of(in->defs, c->derivative);
    if (own && expr_rank(in->store, own) == 0) whole = expr_binary(in->store, EXPR_AND, whole, own);
    IntervalAnswer a = interval_find(in->defs, c->param_count, c->param, c->dims, whole, balls,
                                     in->interrupt, x);
    if (a == INTERVAL_NOWHERE)
        check_say(&r->reason, "defined nowhere, as far as values up to a million go");
    for (size_t i = 0; i < r->count && a == INTERVAL_FOUND; i++) {
        CheckComponent *k = &r->component[i];
        if (k->verdict == VERDICT_REFUTED || k->verdict == VERDICT_PROVED) continue;
        free(k->witness);
        k->witness = mem_new(c->n + 1, sizeof *k->witness);
        memcpy(k->witness, x, c->n * sizeof *x);
        judge_component(c, k, i, balls);
        if (k->verdict != VERDICT_REFUTED) {
            free(k->witness);
            k->witness = NULL;
            bool open = k->verdict == VERDICT_UNDECIDED && !is_cut(in->proof.answer);
            if (open && k->points >= CERTAIN_POINTS / 2) k->verdict = VERDICT_AGREES;
        }
    }
}

void certain_lacks(Buf *out) {
    const char *balls = NULL, *algebra = algebra_missing();
    if (algebra) buf_printf(out, "%s\n", algebra);
    if (!balls_load(&balls)) buf_printf(out, "%s\n", balls);
}

/* Once a session. */
static void say_missing(Task *t, const char *what) {
    if (what && !interp_said(t->in, names_intern_str(t->in->names, what)))
        report_note(t->report, "%s", what);
}

void certain_judge(const CertainClaim *c, CheckResult *r) {
    const char *no_balls = NULL;
    const NumberKind *balls = balls_load(&no_balls);
    say_missing(c->task, no_balls);
    bool none_found = r->reason != NULL;
    double end = c->task->in->proof.end; /* of the whole check */
    judge_components(c, r, balls, end);
    c->task->in->proof.end = end;
    if (none_found && balls && c->n <= INTERVAL_VARIABLES) look_further(c, r, balls);
    const ProofState *proof = &c->task->in->proof;
    if (proof->answer == ALGEBRA_MISSING) say_missing(c->task, buf_str(&proof->why));
    Verdict worst = VERDICT_PROVED;
    for (size_t i = 0; i < r->count; i++)
        if (worst < r->component[i].verdict) worst = r->component[i].verdict;
    if (none_found && worst == VERDICT_UNDECIDED) return;
    if (none_found) {
        free(r->reason);
        r->reason = NULL;
    }
    r->verdict = worst;
}
