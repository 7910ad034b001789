/* Syntax errors in plain words: what stands there, what could, and what people mean by it. */
#include <string.h>

#include "parser/grammar.h"

static const char *const shown[T_KINDS] = {
#define X(name, text) [T_##name] = text,
    TOKENS(X)
#undef X
};

/* "; expected a value, ')' or ..." from the tokens that could stand here. */
static const char *expected_text(Parse *p, const bool *expected) {
    const char *item[6];
    size_t count = 0;
    bool value = expected[T_NUMBER] && expected[T_LPAREN], operators = expected[T_STAR];
    if (value)
        item[count++] = "a value";
    if (operators)
        item[count++] = "an operator";
    static const TokenKind single[] = {T_RPAREN,    T_RBRACKET, T_BARCLOSE,
                                       T_NORMCLOSE, T_RBRACE,   T_COLON};
    for (size_t i = 0; i < sizeof single / sizeof *single; i++)
        if (expected[single[i]] && count < 5)
            item[count++] = arena_printf(p->arena, "'%s'", shown[single[i]]);
    static const TokenKind alone[] = {T_FUNC,  T_FILE,   T_METHOD, T_STRING, T_COMMAND,
                                      T_NAMED, T_LBRACE, T_CALL,   T_NUMBER};
    for (size_t i = 0; i < sizeof alone / sizeof *alone && count == 0; i++)
        if (expected[alone[i]])
            item[count++] = shown[alone[i]];
    if (count == 0)
        return "";
    const char *res = arena_printf(p->arena, "; expected %s", item[0]);
    for (size_t i = 1; i < count; i++)
        res = arena_printf(p->arena, "%s%s%s", res, i + 1 < count ? ", " : " or ", item[i]);
    return res;
}

static const char *hint_for(const Parse *p, const bool *expected) {
    FilterPlace place = filter_place(p->filter);
    switch (p->token.kind) {
    case T_EQ:
    case T_ASSIGN: return "== compares; check A = B judges";
    case T_COMMA:
        return place.row && expected[T_OPTION] ? "options are separated by spaces"
                                               : "a vector is written (1, 2) or [1, 2]";
    case T_RANGE: return "a range stands after in, over, sweep and in sum";
    case T_COLON: return "a range is written a..b, a choice c ? a : b";
    case T_STRING: return "text stands in print and as an option's value";
    case T_SEMI: return "a ';' ends a statement, and in [ ] a row";
    default: return NULL;
    }
}

static bool is_word(const Token *t) {
    return t->kind == T_NAME || t->kind == T_FUNC;
}

void report_unexpected(Parse *p, const bool *expected) {
    const Token *t = &p->token;
    Span open = {0, 0};
    const char *bracket = filter_open_bracket(p->filter, &open);
    const char *still = "";
    bool end = t->kind == T_NEWLINE || t->kind == T_END;
    bool closes =
        t->kind == T_RPAREN || t->kind == T_RBRACKET || t->kind == T_FNCLOSE || t->kind == T_RBRACE;
    if (*bracket && *bracket != '{' && !closes && (end || p->token.kind == T_EQ))
        still = arena_printf(p->arena, "; the '%s'%s is still open", bracket,
                             filter_place_text(p->filter, open.start));
    if (t->kind == T_STRING) {
        diag_error(p->diags, t->span, hint_for(p, expected), "unexpected string");
        return;
    }
    const char *text = end ? "end of line" : shown[t->kind];
    if (!end && t->text && t->span.start < t->span.end &&
        (is_word(t) || t->kind == T_NUMBER || t->kind == T_REL))
        text = arena_copy_text(p->arena, t->text, t->len < 60 ? t->len : 60);
    const char *quote = end ? "" : "'";
    const char *hint = hint_for(p, expected);
    bool say = !*still && !(hint && expected[T_STAR]); /* a hint says more than "an operator" */
    diag_error(p->diags, t->span, hint, "unexpected %s%s%s%s%s", quote, text, quote,
               say ? expected_text(p, expected) : "", still);
}
