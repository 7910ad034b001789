/* The exact judge behind Interp.prove; see prover.h. */
#include "repl/prover.h"

#include "base/clock.h"

/* For questions that nobody gave a limit. */
static const double prover_seconds = 5;
/* Nobody waits long for a remark. */
static const double factor_seconds = 0.5;

/* A worker that can answer.  The time of its start is not the question's, or a busy machine would
 * find no proof in a small share of a check's time. */
static void warm_up(Prover *p, Interp *in) {
    if (!p->algebra) p->algebra = algebra_new(NULL);
    if (algebra_worker_id(p->algebra) != 0) return;
    double start = clock_seconds();
    Expr zero = expr_int(in->store, 0), always = expr_int(in->store, 1);
    algebra_is_zero(p->algebra, in->defs, zero, always, prover_seconds, in->interrupt, NULL);
    if (in->proof.end != 0) in->proof.end += clock_seconds() - start;
}

static bool prove(void *context, Interp *in, Expr difference, Expr conditions) {
    Prover *p = context;
    ProofState *state = &in->proof;
    buf_clear(&state->why);
    state->answer = ALGEBRA_TIMEOUT;
    if (state->end != 0 && state->end <= clock_seconds()) return false;
    warm_up(p, in);
    double left = state->end == 0 ? prover_seconds : state->end - clock_seconds();
    if (conditions == 0) conditions = expr_int(in->store, 1);
    state->answer = algebra_is_zero(p->algebra, in->defs, difference, conditions, left,
                                    in->interrupt, &state->why);
    return state->answer == ALGEBRA_ZERO;
}

/* What is not zero comes back as a product. */
static bool factor(void *context, Interp *in, Expr difference, Expr conditions, Buf *text) {
    Prover *p = context;
    warm_up(p, in);
    if (conditions == 0) conditions = expr_int(in->store, 1);
    AlgebraAnswer a = algebra_is_zero(p->algebra, in->defs, difference, conditions, factor_seconds,
                                      in->interrupt, text);
    return (a == ALGEBRA_NOT_ZERO || a == ALGEBRA_UNKNOWN) && text->len > 0;
}

void prover_attach(Prover *p, Interp *in) {
    *p = (Prover){0};
    in->prove = prove;
    in->factor = factor;
    in->prove_context = p;
}

void prover_done(Prover *p) {
    if (p->algebra) algebra_free(p->algebra);
    *p = (Prover){0};
}
