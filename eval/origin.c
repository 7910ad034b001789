/* Where a NaN or an infinity comes from: a slow run in which the shadow of every value that is not
 * finite is the number of a note about the instruction that made it from finite operands. */
#include "eval/interp_shadow.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_text.h"
#include "expr/functions.h"

enum { MOST_NOTES = 65536 };

static double note_new(Workspace *w, const Frame *f, const Instr *at, double x, double y) {
    if (MOST_NOTES <= w->traces)
        return (double)(w->traces - 1);
    if (w->traces == 0)
        w->traces = 1;
    w->trace = mem_grow(w->trace, &w->trace_cap, w->traces + 1, sizeof *w->trace);
    Fault kept = w->fault;
    fault_set(w, f, at, 0, 0, 0);
    w->trace[w->traces] = w->fault;
    w->trace[w->traces].operand[0] = x;
    w->trace[w->traces].operand[1] = y;
    w->fault = kept;
    return (double)w->traces++;
}

/* The shadow of v made from operands: that of a NaN among them, else of an infinity, else new. */
static double origin_of(Workspace *w, const Frame *f, const Instr *at, double v, int count, const double *arg,
                        const double *shadow) {
    if (isfinite(v))
        return 0;
    for (int k = 0; k < count; k++)
        if (shadow[k] != 0 && isnan(arg[k]))
            return shadow[k];
    for (int k = 0; k < count; k++)
        if (shadow[k] != 0 && isinf(arg[k]))
            return shadow[k];
    return note_new(w, f, at, arg[0], 1 < count ? arg[1] : 0);
}

static void increase(Workspace *w, const Frame *f, const Instr *at, double *to, double *shadow, double v, double ev) {
    double old = *to;
    *to = old + v;
    if (shadow)
        *shadow = origin_of(w, f, at, *to, 2, (double[]){old, v}, (double[]){*shadow, ev});
}

static void add_term(Workspace *w, const Frame *f, const Instr *at, Reduction *q, double v, double ev, bool product) {
    uint64_t i = q->done & q->mask;
    double old = q->lane[i];
    q->lane[i] = product ? old * v : old + v;
    q->shadow_lane[i] = origin_of(w, f, at, q->lane[i], 2, (double[]){old, v}, (double[]){q->shadow_lane[i], ev});
}

#define SHADOWS 1
#define MODE REDUCE_ORIGIN
#define HOOK ((void)0)
#define COUNT_MORE(n) ((void)0)
#define KEEP(v, shadow)      \
    do {                     \
        double t_ = (v);     \
        double s_ = (shadow); \
        r[I->d] = t_;        \
        e[I->d] = s_;        \
    } while (0)
#define TRACE(v, n, x, y, z, ex, ey, ez)                                                            \
    do {                                                                                            \
        double v_ = (v);                                                                            \
        KEEP(v_, origin_of(w, &f, I, v_, n, (double[]){x, y, z}, (double[]){ex, ey, ez}));          \
    } while (0)
#define SET0(v) KEEP(v, 0)
#define SET1(v, bound) TRACE(v, 1, X, 0, 0, EX, 0, 0)
#define SET2(v, bound) TRACE(v, 2, X, Y, 0, EX, EY, 0)
#define SET3(v, bound) TRACE(v, 3, X, Y, r[I->c], EX, EY, e[I->c])
#define SETF(v, n, x, y, z) TRACE(v, n, x, y, z, EX, 1 < (n) ? EY : 0, 2 < (n) ? e[I[1].a] : 0)
#define COPY(v, shadow) KEEP(v, shadow)
#define DOUBTFUL(c) ((void)0)
#define INCREASE(at_, shadow_) increase(w, &f, I, at_, shadow_, r[I->d], e[I->d])
#define ADD_TERM(q) add_term(w, &f, I, q, X, EX, false)
#define MUL_TERM(q) add_term(w, &f, I, q, X, EX, true)
#define BEST_TERM(q, better)          \
    do {                              \
        if (better) {                 \
            (q)->lane[0] = X;         \
            (q)->shadow_lane[0] = EX; \
            (q)->at = r[I->d];        \
        }                             \
    } while (0)
#define END_TERMS(q, product)                                 \
    do {                                                      \
        double o_, u_ = reduction_end(q, product, MODE, &o_); \
        KEEP(u_, o_);                                         \
    } while (0)
#define END_BEST(q) KEEP((q)->lane[0], (q)->shadow_lane[0])
#define END_AT(q) KEEP((q)->at, 0)
#define INTERP_NAME interp_run_origin
#define START main
#include "eval/interp_body.h"

/* ---- the sentence ---- */
static void say_operands(Buf *out, const Fault *n, const char *one, const char *other) {
    buf_printf(out, " has %s ", one);
    buf_double(out, n->operand[0]);
    if (other) {
        buf_printf(out, strcmp(other, "and") == 0 ? " %s " : " and %s ", other);
        buf_double(out, n->operand[1]);
    }
}

static void say_note(const Workspace *w, const Fault *n, Buf *out) {
    Expr e = n->sub->origin[n->at - n->sub->code].e;
    if (e)
        text_at(w, n, e, out);
    else
        buf_text(out, "the result");
    switch ((OpCode)n->at->op) {
    case OP_FN1: case OP_SQRT: say_operands(out, n, "argument", NULL); break;
    case OP_FN2: case OP_FN3: say_operands(out, n, "arguments", "and"); break;
    case OP_POW:
        if (n->operand[0] != 0 && isinf(pow(n->operand[0], n->operand[1])))
            buf_text(out, " is too large for a double");
        else
            say_operands(out, n, "base", "exponent");
        break;
    case OP_DIV:
        buf_text(out, n->operand[1] == 0 ? " divides " : " is the quotient of ");
        buf_double(out, n->operand[0]);
        buf_text(out, n->operand[1] == 0 ? " by " : " and ");
        buf_double(out, n->operand[1]);
        break;
    default:
        buf_text(out, isfinite(n->operand[0]) && isfinite(n->operand[1]) ? " is too large for a double"
                                                                        : " is not finite");
        break;
    }
    text_values(w, n, e, " at ", out);
}

/* The first result that is NaN, else the first that is infinite. */
static bool find_result(const Workspace *w, double *const *slots, double *const *shadow, double *note) {
    const Sub *u = w->main.sub;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < u->slots; i++)
            for (size_t k = 0; u->slot[i].kind == SLOT_OUTPUT && k < w->slot_length[i]; k++)
                if (pass == 0 ? isnan(slots[i][k]) : isinf(slots[i][k])) {
                    *note = shadow[i][k];
                    return true;
                }
    return false;
}

bool program_find_origin(const Program *p, Workspace *w, const double *x, double *const *slots, Buf *out) {
    size_t count = w->main.sub->slots;
    double **shadow = mem_new(count + 1, sizeof *shadow), note = 0;
    for (size_t i = 0; i < count; i++)
        shadow[i] = mem_new(w->slot_length[i] + 1, sizeof(double));
    w->traces = 0;
    bool ok = shadow_attach(w, x, NULL, slots, shadow);
    ok = ok && interp_run_origin(p, w) == RUN_OK;
    shadow_detach(w);
    ok = ok && find_result(w, slots, shadow, &note);
    if (ok && 1 <= note && note < (double)w->traces)
        say_note(w, &w->trace[(size_t)note], out);
    else if (ok)
        buf_text(out, "an input or a constant is not finite");
    for (size_t i = 0; i < count; i++)
        free(shadow[i]);
    free(shadow);
    return ok;
}
