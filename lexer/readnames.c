/* The token filter: what a name is where it stands. */
#include <stdio.h>
#include <string.h>

#include "lexer/filter.h"

/* Splitting: xy is x*y when x and y are known and xy is not. */

static bool is_factor(const Filter *f, const char *text, size_t len) {
    Name name = names_find(f->names, text, len);
    if (name == 0)
        return false;
    NameKind kind = filter_kind(f, name);
    return kind == NAME_NUMBER || kind == NAME_ARRAY || name == f->name_pi;
}

static bool starts_name(unsigned char c) {
    return ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || 0xc0 <= c;
}

size_t split_name(const Filter *f, const char *text, size_t len, uint8_t cut[64]) {
    if (len < 2 || 64 <= len)
        return 0;
    uint8_t ways[65] = {0},
            next[65] = {0}; /* how the text from here on can be read: 0, 1, 2 = more */
    ways[len] = 1;
    for (size_t i = len; 0 < i--;) {
        if (!starts_name((unsigned char)text[i]))
            continue;
        for (size_t j = i + 1; j <= len; j++) {
            if (ways[j] == 0 || (i == 0 && j == len) || !is_factor(f, text + i, j - i))
                continue;
            ways[i] = (uint8_t)(ways[i] + ways[j] < 2 ? ways[i] + ways[j] : 2);
            next[i] = (uint8_t)j;
        }
    }
    if (ways[0] != 1)
        return ways[0] ? 1 : 0;
    size_t count = 0;
    for (size_t i = 0; i < len; i = next[i])
        cut[count++] = next[i];
    return count;
}

static bool refuse_split(Filter *f, const Token *t, size_t count) {
    Level *l = level_top(f);
    int len = (int)t->len;
    if (count == 1)
        fail(f, t->span, "put * between the names", "%.*s can be read two ways", len, t->text);
    else if (l->power == UNDER_AWAITED)
        fail(f, t->span, "use brackets, or put * between the names",
             "%.*s after ^ can be read two ways", len, t->text);
    else if (l->root == UNDER_AWAITED)
        fail(f, t->span, "use brackets, or put * between the names",
             "%.*s after \xE2\x88\x9A can be read two ways", len, t->text);
    else if (l->slash && f->last.kind == OP_NONE)
        fail(f, t->span, "use brackets, or put * between the names",
             "%.*s after / can be read two ways", len, t->text);
    else
        return false;
    return true;
}

static void operand_name(Filter *f, Token *t, NameKind kind) {
    OperandKind as = kind == NAME_UNKNOWN ? OP_UNKNOWN : kind == NAME_ARRAY ? OP_ARRAY : OP_NAME;
    level_top(f)->piece = PIECE_OTHER;
    emit(f, *t);
    operand(f, as, t, true);
    f->last.constant = kind == NAME_CONSTANT;
}

static void emit_split(Filter *f, const Token *t, const uint8_t *cut, size_t count) {
    char text[160];
    size_t used = 0;
    uint32_t from = 0;
    for (size_t i = 0; i < count; from = cut[i++]) {
        Token part = *t;
        part.at = t->at + from;
        part.after = t->at + cut[i];
        part.text = t->text + from;
        part.len = cut[i] - from;
        part.span = span_of(fold_typed(&f->fold, part.at), fold_typed(&f->fold, part.after));
        part.name = names_intern(f->names, part.text, part.len);
        if (i) {
            Token times = part;
            times.span.end = times.span.start;
            emit_as(f, times, T_TIMES);
        }
        operand_name(f, &part, filter_kind(f, part.name));
        used += (size_t)snprintf(text + used, sizeof text - used, "%s%.*s", i ? "*" : "",
                                 (int)part.len, part.text);
    }
    echo(f, "%.*s as %s", (int)t->len, t->text, text);
}

/* Names that name what follows: where, arguments, options of a method, state. */
static bool read_named(Filter *f, Token *t) {
    Level *l = level_top(f);
    bool here = l->where || l->kind == LEVEL_CALL;
    if (!here || !l->item_start || !peek_is_equals(f, t->after))
        return false;
    bool builtin =
        l->kind == LEVEL_CALL && l->before.builtin && !l->reduction && l->before.kind == OP_FUNC;
    if (builtin) {
        uint32_t at = fold_typed(&f->fold, peek_blank(f, t->after));
        fail(f, span_of(at, at + 1), "if(x == 3, 1, 2)", "== compares; = names an argument");
        return true;
    }
    emit_as(f, *t, T_NAMED);
    no_operand(f);
    if (l->where || l->reduction)
        bind(f, t->name, NAME_NUMBER, l->reduction || !l->keep);
    f->want_equals = true;
    f->equals = T_EQ;
    f->value_of = l->method ? t->name : 0;
    return true;
}

static bool read_where(Filter *f, Token *t) {
    Level *l = level_top(f);
    bool here = (l->kind == LEVEL_BASE && f->mode == MODE_BODY) || l->kind == LEVEL_GROUP;
    if (t->name != f->name_where || !here || f->last.kind == OP_NONE ||
        !peek_is_name_equals(f, t->after))
        return false;
    reset_product(f);
    emit_as(f, *t, T_WHERE);
    no_operand(f);
    l->where = l->item_start = true;
    return true;
}

static bool read_logic(Filter *f, Token *t) {
    bool not = t->name == f->name_not;
    if (!not &&t->name != f->name_and && t->name != f->name_or)
        return false;
    reset_product(f);
    emit_as(f, *t, not ? T_NOT : t->name == f->name_and ? T_AND : T_OR);
    no_operand(f);
    return true;
}

static bool read_grad(Filter *f, Token *t) {
    if (t->name != f->name_grad && t->name != f->name_hess && t->name != f->name_jac)
        return false;
    if (f->mode == MODE_RULE) { /* the gradient at a point, a function like others */
        read_function(f, t, t->name);
        return true;
    }
    if (!product(f, t, "grad..."))
        return true;
    t->aux = t->name == f->name_grad ? 0 : t->name == f->name_hess ? 1 : 2;
    emit_as(f, *t, T_GRAD);
    no_operand(f);
    piece(f, PIECE_GRAD);
    return true;
}

/* The parameters of a function that a command names are known in it. */
void bind_params(Filter *f, Name function) {
    Name param[32];
    size_t count = filter_params(f, function, param, 32);
    for (size_t i = 0; i < count && i < 32; i++) {
        NameKind kind = filter_kind(f, param[i]);
        if (!is_bound(f, param[i]))
            bind(f, param[i], kind == NAME_ARRAY ? NAME_ARRAY : NAME_NUMBER, false);
    }
}

void read_function(Filter *f, Token *t, Name name) {
    NameKind kind = filter_kind(f, name);
    char shown[80];
    snprintf(shown, sizeof shown, "%.*s(...)", (int)(t->len < 40 ? t->len : 40), t->text);
    if (!product(f, t, shown))
        return;
    bool diff = name == f->name_diff;
    emit_as(f, *t, diff ? T_DIFF : T_FUNC);
    if (!diff)
        piece(f, PIECE_FUNCTION);
    operand(f, OP_FUNC, t, true);
    f->last.name = name;
    f->last.builtin = kind == NAME_BUILTIN;
    if (f->mode == MODE_COMMAND && kind == NAME_FUNCTION)
        bind_params(f, name);
}

/* A word that continues a command, where there is none. */
static bool refuse_clause(Filter *f, const Token *t, NameKind kind) {
    if (kind != NAME_UNKNOWN || f->mode != MODE_BODY || f->levels != 1 || f->last.kind == OP_NONE ||
        !is_clause_word(f, t->text, t->len))
        return false;
    fail(f, t->span, "a command takes a function: f(x) = ..., then min f from ...",
         "%.*s is not a known name", (int)t->len, t->text);
    return true;
}

/* Option values, formats and methods may be bare words. */
static bool is_bare_word(const Filter *f, const Token *t) {
    Level *l = level_top(f);
    if (f->value_start)
        return true;
    if (f->mode != MODE_COMMAND || f->levels != 1 || !l->item_start)
        return false;
    const char *clause = names_text(f->names, f->clause);
    bool as = f->phase == PHASE_CLAUSE && list_has("as", clause, strlen(clause));
    return as || (f->phase == PHASE_ITEMS && name_is_method(f, t));
}

void read_name(Filter *f, Token *t) {
    if (command_item_start(f, t) || (in_command_words(f) && command_word(f, t)))
        return;
    if (read_named(f, t) || read_logic(f, t) || read_where(f, t) || read_grad(f, t))
        return;
    NameKind kind = filter_kind(f, t->name);
    bool call = peek_char(f, peek_blank(f, t->after)) == '(';
    if (refuse_clause(f, t, kind))
        return;
    if (f->emitted == T_GRAD || kind == NAME_FUNCTION || kind == NAME_BUILTIN ||
        (kind == NAME_UNKNOWN && call)) {
        read_function(f, t, t->name);
        return;
    }
    uint8_t cut[64];
    size_t count = kind == NAME_UNKNOWN ? split_name(f, t->text, t->len, cut) : 0;
    if (count && is_bare_word(f, t))
        count = 0;
    if (count && refuse_split(f, t, count))
        return;
    char shown[80];
    snprintf(shown, sizeof shown, "%.*s", (int)(t->len < 60 ? t->len : 60), t->text);
    if (!product(f, t, shown))
        return;
    if (count)
        emit_split(f, t, cut, count);
    else
        operand_name(f, t, kind);
}

typedef struct Sought {
    const Token *token;
    bool found;
} Sought;

static void seek(void *to, const char *name) {
    Sought *s = to;
    s->found |= strlen(name) == s->token->len && memcmp(name, s->token->text, s->token->len) == 0;
}

bool name_is_method(const Filter *f, const Token *t) {
    Sought s = {.token = t};
    if (f->scope->methods)
        f->scope->methods(f->scope->context, seek, &s);
    return s.found;
}
