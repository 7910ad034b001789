/* The token filter: brackets, bars and braces. */
#include <string.h>

#include "lexer/filter.h"

enum { BRACKETS_MAX = 5000 };

static bool too_deep(Filter *f, const Token *t) {
    if (f->levels < BRACKETS_MAX)
        return false;
    fail(f, t->span, "name a part of it: t1 = ...", "nested too deeply");
    return true;
}

static void open_level(Filter *f, const Token *t, LevelKind kind, TokenKind as) {
    Operand before = f->last;
    bool after_grad = f->emitted == T_GRAD;
    Level *l = level_push(f, kind, t);
    l->before = before;
    l->after_grad = after_grad && kind == LEVEL_GROUP;
    emit_as(f, *t, as);
    f->last = (Operand){.kind = OP_NONE};
    f->tail = f->value_start = false;
}

static void open_call(Filter *f, const Token *t) {
    bool diff = f->emitted == T_DIFF, method = f->last.kind == OP_METHOD;
    bool builtin = f->last.kind == OP_FUNC && f->last.builtin;
    const char *name = names_text(f->names, f->last.name);
    bool reduction = builtin && list_has("sum prod vec min max argmax argmin", name, strlen(name));
    open_level(f, t, LEVEL_CALL, T_CALL);
    Level *l = level_top(f);
    l->diff = diff;
    l->method = method;
    l->reduction = reduction;
}

/* print(), quit(): empty brackets after a command's word say nothing. */
static bool skip_empty(Filter *f, const Token *t) {
    if (f->mode != MODE_COMMAND || !f->tail || peek_char(f, peek_blank(f, t->after)) != ')')
        return false;
    Token close = scan_read(&f->scan);
    f->end = close.span.end;
    operand(f, OP_WORD, &close, true);
    return true;
}

static void open_round(Filter *f, Token *t) {
    if (skip_empty(f, t))
        return;
    if (f->mode == MODE_RULE_HEAD && f->levels == 1) {
        open_level(f, t, LEVEL_GROUP, T_LPAREN);
        level_top(f)->where = level_top(f)->keep = true;
        return;
    }
    Operand before = f->last;
    bool name = before.kind == OP_NAME || before.kind == OP_ARRAY || before.kind == OP_FIELD;
    if (before.kind == OP_FUNC || before.kind == OP_FN ||
        (before.kind == OP_METHOD && f->mode == MODE_COMMAND)) {
        open_call(f, t);
        return;
    }
    if (!(name ? times_bracket(f, t) : product(f, t, "(...)")))
        return;
    open_level(f, t, LEVEL_GROUP, T_LPAREN);
    level_top(f)->before = before;
    level_top(f)->factor = before.kind == OP_NAME;
}

static void open_square(Filter *f, Token *t) {
    OperandKind before = f->last.kind;
    bool index = before != OP_NONE && before != OP_NUMBER && before != OP_WORD &&
                 before != OP_METHOD && before != OP_STRING;
    if (!index && !product(f, t, "[...]"))
        return;
    open_level(f, t, index ? LEVEL_INDEX : LEVEL_LIST, index ? T_INDEX : T_LBRACKET);
}

void read_open(Filter *f, Token *t) {
    if (too_deep(f, t))
        return;
    if (t->kind == T_LPAREN)
        open_round(f, t);
    else
        open_square(f, t);
}

void fail_open_bar(Filter *f, const Level *l) {
    const char *sign = l->kind == LEVEL_BAR ? "|" : "\xE2\x80\x96";
    fail(f, l->span, "|x| is the absolute value; for a choice of conditions write or",
         "this %s is not closed", sign);
}

static void fail_close(Filter *f, const Token *t) {
    Level *l = level_top(f);
    if (l->kind == LEVEL_BAR || l->kind == LEVEL_NORM) {
        fail_open_bar(f, l);
        return;
    }
    Span open = {0, 0};
    const char *sign = filter_open_bracket(f, &open);
    if (*sign && l->kind != LEVEL_RULE)
        fail(f, t->span, NULL, "'%.*s' does not close the '%s'%s", (int)t->len, t->text, sign,
             filter_place_text(f, open.start));
    else
        fail(f, t->span, "no bracket is open here", "unexpected '%.*s'", (int)t->len, t->text);
}

static Level level_pop(Filter *f) {
    Level res = f->level[--f->levels];
    f->brackets -= res.kind == LEVEL_GROUP || res.kind == LEVEL_CALL || res.kind == LEVEL_LIST ||
                   res.kind == LEVEL_INDEX;
    if (!res.keep)
        unbind_indices(f, res.bound);
    return res;
}

/* What a closed level is to the one around it. */
static void closed(Filter *f, const Token *t, const Level *l, bool function) {
    OperandKind kind = OP_GROUP;
    if (l->kind == LEVEL_INDEX)
        kind = OP_INDEX;
    else if (function)
        kind = OP_FN;
    else if (l->kind == LEVEL_CALL)
        kind = l->method ? OP_WORD : OP_CALL;
    else if (l->kind == LEVEL_BAR || l->kind == LEVEL_NORM)
        kind = OP_BAR;
    if (function)
        piece(f, PIECE_FUNCTION);
    else
        level_top(f)->piece = PIECE_OTHER;
    operand(f, kind, t, false);
    f->last.span = span_join(l->span, t->span);
}

void read_close(Filter *f, Token *t) {
    Level *l = level_top(f);
    bool round = t->kind == T_RPAREN;
    bool fits = round ? l->kind == LEVEL_GROUP || l->kind == LEVEL_CALL
                      : l->kind == LEVEL_LIST || l->kind == LEVEL_INDEX;
    if (!fits) {
        fail_close(f, t);
        return;
    }
    bool bare = l->kind == LEVEL_GROUP && l->piece == PIECE_FUNCTION && f->last.kind != OP_NONE;
    emit_as(f, *t, bare ? T_FNCLOSE : t->kind);
    Level done = level_pop(f);
    closed(f, t, &done, bare || done.after_grad || done.diff);
}

void read_brace(Filter *f, Token *t) {
    if (t->kind == T_LBRACE) {
        if (f->mode != MODE_RULE_HEAD || f->levels != 1) {
            fail(f, t->span, "brackets are ( ) and [ ]; { } hold the lines of a rule",
                 "unexpected '{'");
            return;
        }
        open_level(f, t, LEVEL_RULE, T_LBRACE);
        f->mode = MODE_RULE;
        f->line_start = true;
        return;
    }
    if (level_top(f)->kind != LEVEL_RULE) {
        fail_close(f, t);
        return;
    }
    emit(f, *t);
    level_pop(f);
    f->mode = MODE_DONE;
    operand(f, OP_WORD, t, true);
}

void read_bar(Filter *f, Token *t) {
    LevelKind kind = t->kind == T_BAR ? LEVEL_BAR : LEVEL_NORM;
    bool bar = kind == LEVEL_BAR, complete = f->last.kind != OP_NONE;
    if (complete && level_top(f)->kind == kind) {
        emit_as(f, *t, bar ? T_BARCLOSE : T_NORMCLOSE);
        Level done = level_pop(f);
        closed(f, t, &done, false);
        return;
    }
    if (too_deep(f, t))
        return;
    char after = peek_char(f, t->after + 1);
    bool twice = bar && peek_char(f, t->after) == '|' && (after == ' ' || after == '\t');
    if (complete && twice) {
        fail(f, span_of(t->span.start, t->span.end + 1), "x > 0 or y > 0", "write or");
        return;
    }
    if (!product(f, t, "|...|"))
        return;
    open_level(f, t, kind, bar ? T_BAROPEN : T_NORMOPEN);
}
