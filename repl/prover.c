/* The exact judge behind Interp.prove; see prover.h. */
#include "repl/prover.h"

/* Long enough for what people write; a claim that explodes when expanded stays undecided. */
static const double prover_seconds = 5;
/* Nobody waits long for a remark. */
static const double factor_seconds = 0.5;

static bool prove(void *context, Interp *in, Expr difference, Expr conditions) {
    Prover *p = context;
    if (!p->algebra) p->algebra = algebra_new(NULL);
    if (conditions == 0) conditions = expr_int(in->store, 1);
    return algebra_is_zero(p->algebra, in->defs, difference, conditions, prover_seconds,
                           in->interrupt, NULL) == ALGEBRA_ZERO;
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
