/* The token filter: operators, commas, colons, equals signs, ends of lines. */
#include <string.h>

#include "lexer/filter.h"

static bool refuse_after_command(Filter *f, const Token *t) {
    if (!f->tail || f->mode != MODE_COMMAND)
        return false;
    bool sign = t->kind == T_PLUS || t->kind == T_MINUS;
    char next = peek_char(f, t->after);
    bool known =
        filter_kind(f, names_find(f->names, f->row->word, strlen(f->row->word))) != NAME_UNKNOWN;
    if (sign && !(known && t->space && (next == ' ' || next == '\t')))
        return false;
    const char *hint = arena_printf(f->arena, "for your own name write (%s)", f->row->word);
    fail(f, f->word_span, hint, "%s begins a command here", f->row->word);
    return true;
}

void read_sign(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (refuse_after_command(f, t))
        return;
    if (f->last.kind == OP_NONE) { /* a sign */
        if (l->power != UNDER_AWAITED)
            l->power = UNDER_NONE;
        l->piece = PIECE_OTHER;
        emit(f, *t);
        no_operand(f);
        return;
    }
    char next = peek_char(f, t->after);
    bool blank = next == ' ' || next == '\t';
    if ((l->kind == LEVEL_LIST || l->kind == LEVEL_INDEX) && t->space && !blank) {
        char sign = t->kind == T_PLUS ? '+' : '-';
        const char *hint =
            arena_printf(f->arena, "write [a, %cb] for two elements, [a %c b] for one", sign, sign);
        fail(f, t->span, hint, "[a %cb] can be read two ways", sign);
        return;
    }
    reset_product(f);
    emit(f, *t);
    no_operand(f);
}

void read_operator(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (refuse_after_command(f, t))
        return;
    if (t->kind == T_REL && t->aux == T_GT && f->mode == MODE_COMMAND && f->levels == 1 &&
        (f->row->traits & COMMAND_WRITES)) {
        emit_as(f, *t, T_WRITE);
        no_operand(f);
        scan_expect_file(&f->scan);
        f->expect_file = true;
        f->phase = PHASE_OPTION;
        return;
    }
    bool more = t->kind == T_REL && t->aux == T_GT && peek_char(f, t->after) == '>';
    if (more) {
        fail(f, t->span, NULL, "there is no sign '>>'");
        return;
    }
    reset_product(f);
    l->slash = t->kind == T_SLASH;
    emit(f, *t);
    no_operand(f);
}

void read_caret(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (refuse_after_command(f, t))
        return;
    if (l->root == UNDER_PLAIN || l->root == UNDER_CLOSED) {
        fail(f, t->span, "use brackets: \xE2\x88\x9A(x^2) or (\xE2\x88\x9Ax)^2",
             "a power after \xE2\x88\x9A can be read two ways");
        return;
    }
    if (f->last.kind == OP_FUNC && read_function_power(f, t))
        return;
    l->power = UNDER_AWAITED;
    l->power_at = t->at;
    l->power_base = f->last;
    l->power_strict = f->last.kind == OP_NUMBER || (f->last.kind == OP_NAME && f->last.constant);
    l->root = UNDER_NONE;
    l->piece = PIECE_OTHER;
    emit(f, *t);
    no_operand(f);
}

void read_comma(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (l->kind == LEVEL_GROUP && l->factor) {
        const char *name = names_text(f->names, l->before.name);
        const char *hint =
            arena_printf(f->arena, "an element is %s[...], a product %s*(...)", name, name);
        fail(f, l->before.span, hint, "%s is not a function", name);
        return;
    }
    reset_product(f);
    emit(f, *t);
    no_operand(f);
    l->item_start = true;
    if (f->levels == 1) {
        f->range_seen = false;
        f->expect_method = f->mode == MODE_COMMAND && f->phase == PHASE_METHODS;
    }
}

void read_question(Filter *f, Token *t) {
    level_top(f)->questions++;
    reset_product(f);
    emit(f, *t);
    no_operand(f);
}

void read_colon(Filter *f, Token *t) {
    Level *l = level_top(f);
    reset_product(f);
    emit(f, *t);
    if (l->questions) {
        l->questions--;
        no_operand(f);
        return;
    }
    no_operand(f);
    if (f->mode != MODE_COMMAND || f->levels != 1)
        return;
    l->where = false;
    if (f->row->traits & COMMAND_METHODS) {
        f->phase = PHASE_METHODS;
        f->expect_method = true;
    } else if (f->row->traits & COMMAND_NESTED) {
        f->mode = MODE_START;
        f->nested = true;
    }
}

void read_range(Filter *f, Token *t) {
    reset_product(f);
    f->range_seen = true;
    emit(f, *t);
    no_operand(f);
}

/* `NAME =` was told apart before; other equals signs are for the grammar to take or refuse. */
bool read_equals(Filter *f, const Token *t) {
    bool plain = t->aux == T_SET;
    if (f->want_equals) {
        f->want_equals = false;
        if (f->equals != T_BAD)
            emit_as(f, *t, f->equals);
        bool value = f->value_of != 0;
        no_operand(f);
        f->value_start = value;
        reset_product(f);
        level_top(f)->piece = PIECE_NOTHING;
        return true;
    }
    bool in_command = f->mode == MODE_COMMAND && f->levels == 1 && plain;
    if (in_command && f->last.kind == OP_METHOD) {
        fail(f, t->span, "options are separated by spaces, methods by commas", "unexpected '='");
        return false;
    }
    bool equation =
        f->phase == PHASE_ITEMS && (f->row && f->row->traits & (COMMAND_EQUATION | COMMAND_SWEEP));
    bool constraint = f->phase == PHASE_CLAUSE && f->clause == f->name_subject;
    reset_product(f);
    if (in_command && !equation && !constraint) {
        fail(f, t->span, "== compares; check A = B judges", "unexpected '='");
        return false;
    }
    emit_as(f, *t, plain ? T_EQ : T_ASSIGN);
    no_operand(f);
    return true;
}

/* Tokens after which no line can end, so that the parser need not be asked. */
static bool is_pending(TokenKind kind) {
    switch (kind) {
    case T_PLUS:
    case T_MINUS:
    case T_STAR:
    case T_SLASH:
    case T_CARET:
    case T_REL:
    case T_ASSIGN:
    case T_EQ:
    case T_COMMA:
    case T_COLON:
    case T_QUESTION:
    case T_RANGE:
    case T_AND:
    case T_OR:
    case T_NOT:
    case T_KEYWORD:
    case T_BY:
    case T_WHERE: return true;
    default: return false;
    }
}

void read_newline(Filter *f, Token *t) {
    Level *l = level_top(f);
    bool end = t->kind == T_END;
    if (f->mode == MODE_START && !f->nested) {
        if (end)
            emit(f, *t);
        return;
    }
    bool bar = l->kind == LEVEL_BAR || l->kind == LEVEL_NORM;
    bool write = f->emitted == T_WRITE, pending = is_pending(f->emitted);
    if (!end && (f->brackets || pending))
        return;
    if (bar && !pending) {
        fail_open_bar(f, l);
        return;
    }
    t->span = span_of(f->end, f->end);
    if (!end && write) {
        fail(f, t->span, "plot f > picture.svg", "a file name is missing after '>'");
        return;
    }
    emit(f, *t);
}

void read_semicolon(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (l->kind == LEVEL_BAR || l->kind == LEVEL_NORM) {
        fail_open_bar(f, l);
        return;
    }
    reset_product(f);
    emit_as(f, *t, l->kind == LEVEL_LIST ? T_ROW : T_SEMI);
    no_operand(f);
    l->item_start = true;
}
