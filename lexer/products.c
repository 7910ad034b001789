/* The token filter: things side by side.  Between a complete operand and the start of another the
 * product is inserted, unless it can be read in two ways; see grammar.md section 5. */
#include <stdio.h>
#include <string.h>

#include "lexer/filter.h"

static bool in_command(const Filter *f) {
    return f->mode == MODE_COMMAND && f->levels == 1;
}

/* After a function's name, a word or a string nothing can be a factor. */
static bool refuse_left(Filter *f, const Token *t) {
    const char *name = names_text(f->names, f->last.name);
    switch (f->last.kind) {
    case OP_WORD:
    case OP_METHOD:
        if (f->mode != MODE_COMMAND) /* after the braces of a rule */
            fail(f, t->span, "start a new line", "unexpected '%.*s'",
                 (int)(t->len < 60 ? t->len : 60), t->text);
        else
            fail_word(f, t);
        return true;
    case OP_FUNC:
        if (in_command(f))
            fail_word(f, t);
        else
            fail(f, f->last.span, NULL, "%s needs brackets: %s(...)", name, name);
        return true;
    case OP_STRING:
        fail(f, t->span, "things are separated by commas", "unexpected '%.*s' after a string",
             (int)(t->len < 60 ? t->len : 60), t->text);
        return true;
    default: return false;
    }
}

static bool refuse_number(Filter *f, const Token *t) {
    if (t->kind != T_NUMBER)
        return false;
    if (in_command(f) && f->row->traits & COMMAND_SWEEP)
        fail_word(f, t);
    else
        fail(f, t->span, "for a product write *; x^2 is a power, v[2] an element",
             "a number cannot follow without an operator");
    return true;
}

static void text_of(const Filter *f, uint32_t from, uint32_t to, const char *shown, char *out,
                    size_t size) {
    int len = (int)(to - from < 40 ? to - from : 40);
    snprintf(out, size, "%.*s%s", len, f->fold.text + from, shown ? shown : "");
}

/* x^2y is x^2*y and said so; e^2x, 2^3x, sin^2 x are refused. */
static bool refuse_power(Filter *f, const Token *t, const char *shown) {
    Level *l = level_top(f);
    if (l->power != UNDER_PLAIN)
        return false;
    if (l->power_base.kind == OP_FUNC && !in_command(f)) {
        const char *name = names_text(f->names, l->power_base.name);
        fail(f, l->power_base.span, arena_printf(f->arena, "write %s(x)^2", name),
             "a power of %s needs the call first", name);
        return true;
    }
    if (t->space)
        return false;
    if (l->power_strict) {
        fail(f, t->span, "use brackets, a^(b c), or *, a^b*c",
             "after ^ a product without a sign can be read two ways");
        return true;
    }
    char typed[80], exponent[80];
    text_of(f, l->power_at, t->at, shown, typed, sizeof typed);
    text_of(f, l->power_at, t->at, NULL, exponent, sizeof exponent);
    echo(f, "%s as %s*%s", typed, exponent, shown);
    return false;
}

static bool refuse_root(Filter *f, const Token *t, const char *shown) {
    Level *l = level_top(f);
    if (l->root != UNDER_PLAIN || t->space)
        return false;
    char under[80];
    text_of(f, l->root_at + 1, t->at, NULL, under, sizeof under);
    echo(f, "\xE2\x88\x9A%s%s as \xE2\x88\x9A(%s)*%s", under, shown, under, shown);
    return false;
}

/* Inserts the product if an operand is complete.  `shown` is how an echo writes what starts. */
bool product(Filter *f, const Token *t, const char *shown) {
    Level *l = level_top(f);
    if (f->last.kind == OP_NONE)
        return true;
    if (refuse_left(f, t) || refuse_number(f, t))
        return false;
    if ((l->kind == LEVEL_LIST || l->kind == LEVEL_INDEX) && t->space) {
        fail(f, t->span, "write [x, y]; a product is [x*y]", "elements are separated by commas");
        return false;
    }
    if (l->slash) {
        fail(f, t->span, "use brackets: a/(b c) or (a/b) c",
             "a product after / can be read two ways");
        return false;
    }
    if (refuse_power(f, t, shown ? shown : "...") || refuse_root(f, t, shown ? shown : "..."))
        return false;
    l->power = l->root = UNDER_NONE;
    l->piece = PIECE_OTHER;
    Token times = *t;
    times.span = span_of(t->span.start, t->span.start);
    emit_as(f, times, T_TIMES);
    f->last = (Operand){.kind = OP_NONE};
    return true;
}

/* Does a bracket hold nothing, or just a number? */
static bool looks_like_argument(const Filter *f, uint32_t at) {
    at = peek_blank(f, at);
    if (peek_char(f, at) == '-' || peek_char(f, at) == '+')
        at = peek_blank(f, at + 1);
    while (at < f->fold.len && strchr("0123456789.", f->fold.text[at]) && f->fold.text[at])
        at++;
    return peek_char(f, peek_blank(f, at)) == ')';
}

/* '(' after a name, or a field, that is no function. */
bool times_bracket(Filter *f, const Token *t) {
    Operand x = f->last;
    const char *name = names_text(f->names, x.name);
    if (x.kind == OP_FIELD) {
        fail(f, t->span, "an element is .NAME[...], a product *(...)", "a field is not a function");
        return false;
    }
    if (x.kind == OP_ARRAY || looks_like_argument(f, t->after)) {
        const char *hint =
            arena_printf(f->arena, "an element is %s[...], a product %s*(...)", name, name);
        fail(f, x.span, hint, x.kind == OP_ARRAY ? "%s is a vector" : "%s is not a function", name);
        return false;
    }
    if (!product(f, t, "(...)"))
        return false;
    echo(f, "%s(...) as %s*(...)", name, name);
    return true;
}

/* Powers of functions */

static uint32_t peek_power(const Filter *f, const Token *t, bool *minus) {
    uint32_t at = t->after;
    if (t->kind == T_SUP) {
        *minus = t->text[0] == FOLD_SUP_MINUS;
        return peek_blank(f, at);
    }
    at = peek_blank(f, at);
    *minus = peek_char(f, at) == '-';
    if (*minus)
        at++;
    uint32_t digits = at;
    while ('0' <= peek_char(f, at) && peek_char(f, at) <= '9')
        at++;
    return digits == at ? UINT32_MAX : peek_blank(f, at);
}

/* tan^(-1)(x): does a bracket after the ^ close just before another one? */
static bool is_bracketed_power(const Filter *f, const Token *t) {
    uint32_t at = peek_blank(f, t->after);
    if (t->kind != T_CARET || peek_char(f, at) != '(')
        return false;
    for (int depth = 0, c; (c = peek_char(f, at)) != '\0' && c != '\n'; at++) {
        depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        if (depth == 0)
            return peek_char(f, peek_blank(f, at + 1)) == '(';
    }
    return false;
}

/* sin^2(x), sin²(x): the power is read together with its function; other powers of a function
 * that is then called are refused. */
bool read_function_power(Filter *f, Token *t) {
    bool minus = false;
    uint32_t at = peek_power(f, t, &minus);
    Operand fn = f->last;
    const char *name = names_text(f->names, fn.name);
    if (is_bracketed_power(f, t)) {
        fail(f, fn.span, arena_printf(f->arena, "write %s(x)^(...)", name),
             "a power of %s needs the call first", name);
        return true;
    }
    if (at == UINT32_MAX || peek_char(f, at) != '(')
        return false;
    if (minus) {
        const char *hint = arena_printf(
            f->arena, "write a%s(x) for the inverse, 1/%s(x) for the quotient", name, name);
        fail(f, fn.span, hint, "%s to the power -1 can be read two ways", name);
        return true;
    }
    if (!fn.builtin) {
        fail(f, fn.span, arena_printf(f->arena, "write %s(x)^2", name),
             "a power of %s needs the call first", name);
        return true;
    }
    if (t->kind == T_CARET) {
        Token number = scan_read(&f->scan);
        t->span = span_join(t->span, number.span);
        t->text = number.text;
        t->len = number.len;
        t->after = number.after;
    }
    emit_as(f, *t, T_FNPOW);
    f->last.span.end = t->span.end;
    return true;
}
