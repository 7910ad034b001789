/* The token filter's loop: takes one scanner token, hands on one or more; see tokens.h. */
#include "lexer/tokens.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lexer/filter.h"

Filter *filter_new(Names *names, const Scope *scope, const Source *source) {
    Filter *f = mem_new(1, sizeof *f);
    f->names = names;
    f->scope = scope;
    f->source = source;
    f->line = source->first_line ? source->first_line : 1;
    fold_init(&f->fold, source->text, source->len);
    scan_open(&f->scan, &f->fold, source);
    f->scan.derivative = derivative_asked;
    f->scan.context = f;
    struct {
        Name *name;
        const char *text;
    } words[] = {
        {&f->name_where, "where"}, {&f->name_x, "x"},       {&f->name_pi, "pi"},
        {&f->name_sum, "sum"},     {&f->name_prod, "prod"}, {&f->name_sqrt, "sqrt"},
        {&f->name_inf, "inf"},     {&f->name_grad, "grad"}, {&f->name_hess, "hess"},
        {&f->name_jac, "jac"},     {&f->name_diff, "diff"}, {&f->name_and, "and"},
        {&f->name_or, "or"},       {&f->name_not, "not"},   {&f->name_subject, "subject"},
        {&f->name_by, "by"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        *words[i].name = names_intern_str(names, words[i].text);
    return f;
}

void filter_free(Filter *f) {
    if (!f)
        return;
    scan_close(&f->scan);
    fold_done(&f->fold);
    for (size_t i = 0; i < f->definitions; i++)
        free(f->defined[i].params);
    free(f->defined);
    free(f->defined_slot);
    free(f->bound);
    free(f->bound_slot);
    free(f->params);
    free(f->level);
    free(f->out);
    free(f);
}

void filter_begin(Filter *f, Arena *arena, Diags *diags, bool expression) {
    unbind_all(f);
    f->arena = arena;
    f->diags = f->scan.diags = diags;
    f->mode = MODE_START;
    f->expression = expression;
    f->started = f->failed = f->nested = false;
    f->last = (Operand){.kind = OP_NONE};
    f->emitted = T_NEWLINE;
    f->space = f->line_start = f->want_equals = f->value_start = f->expect_method = false;
    f->value_of = f->method = 0;
    f->row = NULL;
    f->phase = PHASE_ITEMS;
    f->clause = 0;
    f->tail = f->range_seen = f->expect_file = f->expect_text = false;
    f->levels = f->brackets = 0;
    f->head = f->tail_out = 0;
    f->function = 0;
    f->param_count = 0;
    f->echo = NULL;
    f->echoes = f->echo_cap = 0;
    Token none = {.kind = T_END};
    level_push(f, LEVEL_BASE, &none);
}

/* Handing on */

void emit(Filter *f, Token t) {
    f->out = mem_grow(f->out, &f->out_cap, f->tail_out + 1, sizeof *f->out);
    f->out[f->tail_out++] = t;
    f->emitted = t.kind;
}

void emit_as(Filter *f, Token t, TokenKind kind) {
    t.kind = kind;
    emit(f, t);
}

void fail(Filter *f, Span span, const char *hint, const char *format, ...) {
    if (!f->failed) {
        va_list args;
        va_start(args, format);
        char text[512];
        vsnprintf(text, sizeof text, format, args);
        va_end(args);
        diag_error(f->diags, span, hint, "%s", text);
    }
    f->failed = true;
    Token bad = {.kind = T_BAD, .span = span};
    emit(f, bad);
}

void echo(Filter *f, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char text[512];
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (f->echoes == f->echo_cap) {
        size_t cap = f->echo_cap ? 2 * f->echo_cap : 8;
        const char **more = arena_array(f->arena, cap, sizeof *more);
        if (f->echoes)
            memcpy(more, f->echo, f->echoes * sizeof *more);
        f->echo = more;
        f->echo_cap = cap;
    }
    f->echo[f->echoes++] = arena_copy_text(f->arena, text, strlen(text));
}

const char *const *filter_echoes(const Filter *f, size_t *count) {
    *count = f->echoes;
    return f->echo;
}

/* Levels and operands */

Level *level_top(const Filter *f) {
    return &f->level[f->levels - 1];
}

Level *level_push(Filter *f, LevelKind kind, const Token *t) {
    f->level = mem_grow(f->level, &f->level_cap, f->levels + 1, sizeof *f->level);
    Level *l = &f->level[f->levels++];
    *l = (Level){.kind = kind, .span = t->span, .item_start = true, .bound = f->bounds};
    f->brackets +=
        kind == LEVEL_GROUP || kind == LEVEL_CALL || kind == LEVEL_LIST || kind == LEVEL_INDEX;
    return l;
}

void piece(Filter *f, PieceKind kind) {
    Level *l = level_top(f);
    bool fresh = l->piece == PIECE_NOTHING || l->piece == PIECE_GRAD;
    l->piece = fresh ? kind : PIECE_OTHER;
}

/* An operand ends with this token; plain: not with a closing bracket. */
void operand(Filter *f, OperandKind kind, const Token *t, bool plain) {
    Level *l = level_top(f);
    f->last =
        (Operand){.kind = kind, .span = t->span, .at = t->at, .after = t->after, .name = t->name};
    if (l->power == UNDER_AWAITED || l->power == UNDER_PLAIN)
        l->power = plain ? UNDER_PLAIN : UNDER_CLOSED;
    if (l->root == UNDER_AWAITED || l->root == UNDER_PLAIN)
        l->root = plain ? UNDER_PLAIN : UNDER_CLOSED;
    l->item_start = f->value_start = f->tail = false;
}

void no_operand(Filter *f) {
    f->last = (Operand){.kind = OP_NONE};
    f->tail = f->value_start = false;
    level_top(f)->item_start = false;
}

void reset_product(Filter *f) {
    Level *l = level_top(f);
    l->slash = false;
    l->power = l->root = UNDER_NONE;
    l->piece = PIECE_OTHER;
}

/* Looking ahead */

char peek_char(const Filter *f, uint32_t at) {
    return at < f->fold.len ? f->fold.text[at] : '\0';
}

uint32_t peek_blank(const Filter *f, uint32_t at) {
    while (at < f->fold.len && strchr(" \t\r\f\v", f->fold.text[at]) && f->fold.text[at])
        at++;
    return at;
}

bool peek_is_equals(const Filter *f, uint32_t at) {
    at = peek_blank(f, at);
    return peek_char(f, at) == '=' && peek_char(f, at + 1) != '=';
}

static bool is_letter(char c) {
    return ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || (unsigned char)c >= 0x80;
}

uint32_t peek_word(const Filter *f, uint32_t at) {
    if (!is_letter(peek_char(f, at)))
        return at;
    while (at < f->fold.len) {
        char c = f->fold.text[at];
        if (!is_letter(c) && c != '_' && !('0' <= c && c <= '9'))
            break;
        at++;
    }
    return at;
}

bool peek_is_name_equals(const Filter *f, uint32_t at) {
    at = peek_blank(f, at);
    uint32_t end = peek_word(f, at);
    return at < end && peek_is_equals(f, end);
}

/* Ends of statements */

void filter_next_line(Filter *f) {
    f->line_start = true;
    f->last = (Operand){.kind = OP_NONE};
    Level *l = level_top(f);
    *l = (Level){.kind = l->kind, .span = l->span, .item_start = true, .bound = l->bound};
}

/* Does the rest of the line open a rule's braces? */
static bool brace_follows(const Filter *f) {
    uint32_t at = f->scan.after;
    while (at < f->fold.len && f->fold.text[at] != '\n' && f->fold.text[at] != '{')
        at++;
    return peek_char(f, at) == '{';
}

void filter_recover(Filter *f) {
    bool rule = filter_in_rule(f) && f->scanned != T_RBRACE;
    if (f->scanned == T_END || (!rule && f->scanned == T_NEWLINE))
        return;
    if (rule)
        scan_skip_braces(&f->scan, 1);
    else if (f->mode == MODE_RULE_HEAD && brace_follows(f))
        scan_skip_braces(&f->scan, 0);
    else
        scan_skip_line(&f->scan);
    scan_read(&f->scan);
}

bool filter_at_start(const Filter *f) {
    return f->mode == MODE_START && !f->nested;
}

bool filter_in_rule(const Filter *f) {
    return 1 < f->levels && f->level[1].kind == LEVEL_RULE; /* no other place for a '{' */
}

bool filter_is_done(const Filter *f) {
    return f->fold.len <= f->scan.after;
}

bool filter_continued(const Filter *f) {
    return f->scan.continued && f->scan.continued == f->fold.len;
}

uint32_t filter_end(const Filter *f) {
    return f->end;
}

uint32_t filter_begin_place(const Filter *f) {
    return f->first;
}

const char *filter_open_bracket(const Filter *f, Span *span) {
    static const char *const sign[] = {"", "(", "(", "[", "[", "", "", "{"};
    for (size_t i = f->levels; 0 < i; i--)
        if (*sign[f->level[i - 1].kind]) {
            *span = f->level[i - 1].span;
            return sign[f->level[i - 1].kind];
        }
    return "";
}

/* Lines are counted on from the last statement asked about, so a long text is counted once. */
const char *filter_place_text(Filter *f, uint32_t typed) {
    const char *text = f->source->text;
    if (f->counted <= f->first)
        for (; f->counted < f->first; f->counted++)
            f->line += text[f->counted] == '\n';
    size_t line = f->line;
    uint32_t start = typed;
    for (uint32_t i = f->counted; i < typed; i++)
        line += text[i] == '\n';
    while (0 < start && text[start - 1] != '\n')
        start--;
    Source rest = {.text = text + start, .len = f->source->len - start, .first_line = 1};
    size_t ignored, column;
    source_place(&rest, typed - start, &ignored, &column);
    return arena_printf(f->arena, " of line %zu column %zu", line, column);
}

void filter_bound_names(const Filter *f, void (*each)(void *to, const char *name, NameKind kind),
                        void *to) {
    for (size_t i = 0; i < f->bounds; i++)
        if (!f->bound[i].dead)
            each(to, names_text(f->names, f->bound[i].name), f->bound[i].kind);
}

FilterPlace filter_place(const Filter *f) {
    FilterPlace res = {.row = f->mode == MODE_COMMAND || f->nested ? f->row : NULL};
    res.start = f->mode == MODE_START;
    res.file = f->expect_file;
    res.text = f->expect_text;
    res.operand = f->last.kind != OP_NONE;
    res.method = f->expect_method;
    bool outside = f->mode == MODE_COMMAND && f->levels == 1 && !res.file && !res.text;
    res.words = outside && !res.method && (res.operand || f->tail);
    res.method_options = f->levels && level_top(f)->method && level_top(f)->item_start
                             ? level_top(f)->before.name
                         : res.words ? f->method
                                     : 0;
    res.value_of = f->value_start ? f->value_of : 0;
    res.setting =
        outside && f->row->traits & COMMAND_SETTING && level_top(f)->item_start && !f->value_start;
    return res;
}

/* The loop */

static void read_plain_name(Filter *f, Token t, const char *text) {
    t.kind = T_NAME;
    t.name = names_intern_str(f->names, text);
    read_name(f, &t);
}

static void read_sup(Filter *f, Token *t) {
    Level *l = level_top(f);
    if (l->root == UNDER_PLAIN || l->root == UNDER_CLOSED) {
        fail(f, t->span, "use brackets: \xE2\x88\x9A(x^2) or (\xE2\x88\x9Ax)^2",
             "a power after \xE2\x88\x9A can be read two ways");
        return;
    }
    if (f->last.kind == OP_FUNC && read_function_power(f, t))
        return;
    l->piece = PIECE_OTHER;
    emit(f, *t);
    operand(f, OP_SUP, t, true);
}

static void read_prime(Filter *f, Token *t) {
    const char *what = "' is the derivative of a function of one variable";
    if (f->last.kind == OP_NONE || f->last.kind == OP_WORD || f->last.kind == OP_METHOD)
        fail(f, t->span, NULL, "a string is written \"...\"");
    else if (f->last.kind != OP_FUNC && f->last.kind != OP_FN)
        fail(f, t->span, "for a transposed matrix write transpose(A)", "%s", what);
    else {
        emit(f, *t);
        operand(f, OP_FN, t, true);
    }
}

static void read_string(Filter *f, Token *t) {
    if (f->last.kind != OP_NONE) {
        fail(f, t->span, "things are separated by commas", "unexpected string");
        return;
    }
    level_top(f)->piece = PIECE_OTHER;
    emit(f, *t);
    operand(f, OP_STRING, t, true);
}

static void read_field(Filter *f, Token *t) {
    bool after = f->last.kind != OP_NONE && f->last.kind != OP_WORD && f->last.kind != OP_METHOD;
    if (!after || f->space) {
        fail(f, span_of(t->span.start, t->span.start + 1), "a field is written ans.x, a number 0.5",
             "unexpected '.'");
        return;
    }
    t->name = names_intern(f->names, t->text + 1, t->len - 1);
    level_top(f)->piece = PIECE_OTHER;
    emit(f, *t);
    operand(f, OP_FIELD, t, true);
}

static void read_root(Filter *f, Token *t) {
    if (!product(f, t, "\xE2\x88\x9A..."))
        return;
    Level *l = level_top(f);
    l->piece = PIECE_OTHER;
    l->root = UNDER_AWAITED;
    l->root_at = t->at;
    emit(f, *t);
    no_operand(f);
}

static void read_number(Filter *f, Token *t) {
    if (!product(f, t, NULL))
        return;
    level_top(f)->piece = PIECE_OTHER;
    emit(f, *t);
    operand(f, OP_NUMBER, t, true);
}

static void read_file(Filter *f, Token *t) {
    f->expect_file = f->expect_text = false;
    if (t->kind == T_FILE) { /* the name as typed, without its quotes */
        uint32_t quote = t->aux;
        t->text = f->source->text + t->span.start + quote;
        t->len = t->span.end - t->span.start - 2 * quote;
    } else {
        t->text = f->source->text + t->span.start;
        t->len = t->span.end - t->span.start;
    }
    t->aux = f->emitted == T_WRITE;
    emit(f, *t);
    operand(f, OP_WORD, t, true);
    f->phase = PHASE_OPTION;
}

static void read_token(Filter *f, Token *t) {
    switch (t->kind) {
    case T_NUMBER: read_number(f, t); break;
    case T_NAME:
        t->name = names_intern(f->names, t->text, t->len);
        read_name(f, t);
        break;
    case T_STRING: read_string(f, t); break;
    case T_FIELD: read_field(f, t); break;
    case T_SUP: read_sup(f, t); break;
    case T_DERIV: read_derivative(f, t); break;
    case T_PRIME: read_prime(f, t); break;
    case T_PLUS:
    case T_MINUS: read_sign(f, t); break;
    case T_STAR:
    case T_SLASH:
    case T_REL: read_operator(f, t); break;
    case T_CARET: read_caret(f, t); break;
    case T_ASSIGN: read_equals(f, t); break;
    case T_COMMA: read_comma(f, t); break;
    case T_SEMI: read_semicolon(f, t); break;
    case T_END:
    case T_NEWLINE: read_newline(f, t); break;
    case T_COLON: read_colon(f, t); break;
    case T_QUESTION: read_question(f, t); break;
    case T_RANGE: read_range(f, t); break;
    case T_LPAREN:
    case T_LBRACKET: read_open(f, t); break;
    case T_RPAREN:
    case T_RBRACKET: read_close(f, t); break;
    case T_LBRACE:
    case T_RBRACE: read_brace(f, t); break;
    case T_FILE:
    case T_TEXT: read_file(f, t); break;
    case T_BAR:
    case T_NORM: read_bar(f, t); break;
    case T_ROOT: read_root(f, t); break;
    case T_NABLA: read_plain_name(f, *t, "grad"); break;
    case T_SUM: read_plain_name(f, *t, "sum"); break;
    case T_PROD: read_plain_name(f, *t, "prod"); break;
    case T_PI: read_plain_name(f, *t, "pi"); break;
    case T_INF: read_plain_name(f, *t, "inf"); break;
    case T_SUBJECT: read_subject(f, t); break;
    default: /* T_BAD: the scanner told what is wrong */ f->failed = true; emit(f, *t);
    }
}

static void read_next(Filter *f) {
    Token t = scan_read(&f->scan);
    f->scanned = t.kind;
    if (t.kind == T_NEWLINE && f->mode != MODE_START)
        f->space = true;
    if (t.space)
        f->space = true;
    t.space = f->space;
    bool end = t.kind == T_NEWLINE || t.kind == T_END;
    if (!end && !f->started) {
        f->started = true;
        f->first = t.span.start;
    }
    if (t.kind == T_NEWLINE || t.kind == T_FILE || t.kind == T_TEXT)
        f->expect_file = f->expect_text = false;
    bool used = !end && f->mode == MODE_START && t.kind != T_BAD && start_statement(f, &t);
    if (!used && !end && f->mode == MODE_RULE && f->line_start && t.kind != T_BAD &&
        level_top(f)->kind == LEVEL_RULE)
        start_rule_line(f, &t);
    else if (!used)
        read_token(f, &t);
    if (!end) {
        f->end = t.span.end;
        f->space = false;
    }
}

Token filter_next(Filter *f) {
    f->head = f->head < f->tail_out ? f->head : (f->tail_out = 0);
    while (f->head == f->tail_out)
        read_next(f);
    return f->out[f->head++];
}
