/* Decimals rounded by hand: the exact number behind one, a fraction or a known constant; one of them, or
 * several at once.  See slip.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "eval/slip_parts.h"

enum { CHOICES = 4, DECIMALS = 4, LARGEST = 12 /* of the fraction before a constant */ };

/* Constants that people write as decimals. */
static const char *const constants[] = {
    "pi",           "e",          "sqrt(2)",   "sqrt(3)",    "sqrt(5)",    "sqrt(6)",
    "sqrt(7)",      "sqrt(10)",   "sqrt(pi)",  "1/sqrt(pi)", "2/sqrt(pi)", "sqrt(2*pi)",
    "1/sqrt(2*pi)", "sqrt(2/pi)", "1/sqrt(2)", "1/sqrt(3)",  "1/pi",       "pi^2",
    "1/e",          "e^2",        "sqrt(e)",   "log(2)",     "log(3)",     "log(5)",
    "log(10)",      "1/log(2)",   "1/log(10)", "cbrt(2)",    "pi/180",     "180/pi",
};

/* What a decimal may stand for. */
typedef struct Decimal {
    Ast *at;
    const char *text[CHOICES];
    Ast *with[CHOICES];
    size_t count, digits;
} Decimal;

static void add_choice(SlipSearch *s, Decimal *d, const char *text) {
    Ast *with = d->count < CHOICES ? s->in->parse(s->in->context, text) : NULL;
    if (!with)
        return;
    d->text[d->count] = text;
    d->with[d->count++] = with;
}

static void add_constant(SlipSearch *s, Decimal *d, double v, double room, const char *constant) {
    Ast *tree = s->in->parse(s->in->context, constant);
    Expr e = tree ? s->in->lower(s->in->context, tree) : 0;
    double value[SLIP_POINTS];
    long p, q;
    if (!e || !slip_values(s, e, value) || !slip_fraction(v / value[0], room / value[0], &p, &q) ||
        p < 1 || LARGEST < p || LARGEST < q)
        return;
    bool fraction = constant[0] == '1' && constant[1] == '/';
    const char *text = p == 1     ? constant
                       : fraction ? arena_printf(s->in->arena, "%ld%s", p, constant + 1)
                                  : arena_printf(s->in->arena, "%ld*%s", p, constant);
    add_choice(s, d, q == 1 ? text : arena_printf(s->in->arena, "%s/%ld", text, q));
}

/* False for a number that is no decimal of at least two places. */
static bool read_decimal(SlipSearch *s, Ast *at, Decimal *d) {
    const char *dot = at->kind == AST_NUMBER ? strchr(at->text, '.') : NULL;
    size_t places = dot ? strspn(dot + 1, "0123456789") : 0;
    long p, q;
    *d = (Decimal){.at = at};
    if (places < 2 || dot[1 + places])
        return false;
    for (const char *c = at->text; *c; c++)
        d->digits += ('1' <= *c && *c <= '9') || (*c == '0' && d->digits > 0);
    double v = atof(at->text), room = pow(10, -(double)places);
    if (slip_fraction(v, room, &p, &q) && 1 < q)
        add_choice(s, d, arena_printf(s->in->arena, "%ld/%ld", p, q));
    for (size_t i = 0; i < sizeof constants / sizeof *constants && 2 < d->digits; i++)
        add_constant(s, d, v, room, constants[i]);
    return d->count > 0;
}

bool slip_try_decimal(SlipSearch *s, Ast *at) {
    Decimal d;
    if (!read_decimal(s, at, &d))
        return false;
    for (size_t i = 0; i < d.count; i++) {
        SlipEdit edit = {SLIP_ROUNDING, at->span, d.text[i],
                         arena_printf(s->in->arena, SLIP_ROUNDING_WORDS "%s", d.text[i])};
        if (slip_try_as(s, at, *d.with[i], &edit)) {
            s->out->digits = d.digits;
            return true;
        }
    }
    return false;
}

static int by_place(const void *a, const void *b) {
    const Decimal *x = a, *y = b;
    return (x->at->span.start > y->at->span.start) - (x->at->span.start < y->at->span.start);
}

/* Choice number k of a decimal, `count` of it: the decimal itself. */
static bool try_choice(SlipSearch *s, const Decimal *list, size_t count, const size_t *choice) {
    Buf text, words;
    Ast kept[DECIMALS];
    SlipEdit edit = {.kind = SLIP_ROUNDING};
    size_t used = 0, digits = SIZE_MAX, all = 0;
    buf_init(&text);
    buf_init(&words);
    for (size_t i = 0; i < count; i++)
        all += choice[i] < list[i].count;
    for (size_t i = 0; i < count; i++) {
        const Decimal *d = &list[i];
        kept[i] = *d->at;
        if (choice[i] == d->count)
            continue;
        const char *exact = d->text[choice[i]];
        if (used)
            buf_add(&text, s->in->source + edit.place.end, kept[i].span.start - edit.place.end);
        edit.place = span_of(used ? edit.place.start : kept[i].span.start, kept[i].span.end);
        buf_printf(&text, strchr(exact, '/') ? "(%s)" : "%s", exact);
        used++;
        buf_printf(&words, "%s%s", used == 1 ? "" : used == all ? " and " : ", ", exact);
        digits = d->digits < digits ? d->digits : digits;
        *d->at = *d->with[choice[i]];
    }
    Expr e = used > 1 ? s->in->lower(s->in->context, s->tree) : 0;
    for (size_t i = 0; i < count; i++)
        *list[i].at = kept[i];
    edit.text = arena_copy_text(s->in->arena, buf_str(&text), text.len);
    edit.words = arena_printf(s->in->arena, SLIP_ROUNDING_WORDS "%s", buf_str(&words));
    buf_done(&text);
    buf_done(&words);
    if (!slip_try(s, e, &edit))
        return false;
    s->out->digits = digits;
    return true;
}

bool slip_try_decimals(SlipSearch *s) {
    Decimal list[DECIMALS];
    size_t count = 0, choice[DECIMALS] = {0};
    for (size_t i = 0; i < s->places && count < DECIMALS; i++)
        count += read_decimal(s, s->place[i].at, &list[count]);
    if (count < 2)
        return false;
    qsort(list, count, sizeof *list, by_place);
    for (;;) { /* counts through all choices */
        size_t i = 0;
        if (try_choice(s, list, count, choice))
            return true;
        while (i < count && choice[i] == list[i].count)
            choice[i++] = 0;
        if (i == count)
            return false;
        choice[i]++;
    }
}
