/* The exact judge behind Interp.prove; see prover.h. */
#include "repl/prover.h"

#include "base/clock.h"

/* For questions that nobody gave a limit. */
static const double prover_seconds = 5;
/* Nobody waits long for a remark. */
static const double factor_seconds = 0.5;

static bool prove(void *context, Interp *in, Expr difference, Expr conditions) {
    Prover *p = context;
    ProofState *state = &in->proof;
    double left = state->end == 0 ? prover_seconds : state->end - clock_seconds();
    buf_clear(&state->why);
    if (left <= 0) {
        state->answer = ALGEBRA_TIMEOUT;
        return false;
    }
    if (!p->algebra) p->algebra = algebra_new(NULL);
    if (conditions == 0) conditions = expr_int(in->store, 1);
    state->answer = algebra_is_zero(p->algebra, in->defs, difference, conditions, left,
                                    in->interrupt, &state->why);
    return state->answer == ALGEBRA_ZERO;
}

/* What is not zero comes back as a product. */
static bool factor(void *context, Interp *in, Expr difference, Expr conditions, Buf *text) {
    Prover *p = context;
    if (!p->algebra) p->algebra = algebra_new(NULL);
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
