/* Decimals rounded by hand: the exact number behind one, a fraction or a known constant.  See slip.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "eval/slip_parts.h"

/* Constants that people write as decimals. */
static const char *const constants[] = {
    "pi", "e", "sqrt(2)", "sqrt(3)", "sqrt(5)", "sqrt(6)", "sqrt(7)", "sqrt(10)", "sqrt(pi)", "1/sqrt(pi)", "2/sqrt(pi)",
    "sqrt(2*pi)", "1/sqrt(2*pi)", "sqrt(2/pi)", "1/sqrt(2)", "1/sqrt(3)", "1/pi", "pi^2", "1/e", "e^2", "sqrt(e)", "log(2)", "log(3)",
    "log(5)", "log(10)", "1/log(2)", "1/log(10)", "cbrt(2)", "pi/180", "180/pi",
};

static bool try_text(SlipSearch *s, Ast *at, const char *text) {
    Ast *with = s->in->parse(s->in->context, text);
    SlipEdit edit = {SLIP_ROUNDING, at->span, text, arena_printf(s->in->arena, "only the rounding of %s", text)};
    return with && slip_try_as(s, at, *with, &edit);
}

static bool try_constant(SlipSearch *s, Ast *at, double v, double room, const char *constant) {
    Ast *tree = s->in->parse(s->in->context, constant);
    Expr e = tree ? s->in->lower(s->in->context, tree) : 0;
    double value[SLIP_POINTS];
    long p, q;
    enum { LARGEST = 12 }; /* of the fraction before it */
    if (!e || !slip_values(s, e, value) || !slip_fraction(v / value[0], room / value[0], &p, &q) || p < 1 ||
        LARGEST < p || LARGEST < q)
        return false;
    bool fraction = constant[0] == '1' && constant[1] == '/';
    const char *text = p == 1 ? constant
                       : fraction ? arena_printf(s->in->arena, "%ld%s", p, constant + 1)
                                  : arena_printf(s->in->arena, "%ld*%s", p, constant);
    return try_text(s, at, q == 1 ? text : arena_printf(s->in->arena, "%s/%ld", text, q));
}

bool slip_try_decimal(SlipSearch *s, Ast *at) {
    const char *dot = strchr(at->text, '.');
    size_t places = dot ? strspn(dot + 1, "0123456789") : 0, most = strlen(at->text);
    long p, q;
    if (places < 2 || (dot && dot[1 + places]))
        return false;
    double v = atof(at->text), room = pow(10, -(double)places);
    if (slip_fraction(v, room, &p, &q) && 1 < q &&
        try_text(s, at, arena_printf(s->in->arena, "%ld/%ld", p, q)))
        return true;
    for (size_t i = 0; i < sizeof constants / sizeof *constants && 3 < most; i++)
        if (try_constant(s, at, v, room, constants[i]))
            return true;
    return false;
}
