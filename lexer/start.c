/* The token filter: what begins a statement (assignment, definition, rule, command or a bare
 * expression), and what begins a line of a rule. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lexer/filter.h"

static bool text_is(const Token *t, const char *word) {
    return strlen(word) == t->len && memcmp(t->text, word, t->len) == 0;
}

bool name_is_fixed(const Filter *f, Name name) {
    return list_has("and or not grad hess jac diff sum prod vec pi inf nan ans",
                    names_text(f->names, name), names_length(f->names, name));
}

static bool refuse_fixed(Filter *f, const Token *t) {
    if (!name_is_fixed(f, t->name))
        return false;
    fail(f, t->span, "choose another name", "%.*s is a fixed name",
         (int)(t->len < 60 ? t->len : 60), t->text);
    return true;
}

/* NAME op= : the place after the operator, 0 if there is none. */
static uint32_t peek_assign(const Filter *f, uint32_t at) {
    at = peek_blank(f, at);
    char c = peek_char(f, at);
    if (c == '=')
        return peek_char(f, at + 1) != '=' && peek_char(f, at + 1) != '<' &&
                       peek_char(f, at + 1) != '>'
                   ? at + 1
                   : 0;
    bool op = c == ':' || c == '+' || c == '-' || c == '*' || c == '/';
    return op && peek_char(f, at + 1) == '=' && peek_char(f, at + 2) != '=' ? at + 2 : 0;
}

static void target(Filter *f, Token *t) {
    if (refuse_fixed(f, t))
        return;
    level_top(f)->piece = PIECE_OTHER;
    emit_as(f, *t, T_TARGET);
    no_operand(f);
    f->want_equals = true;
    f->equals = T_ASSIGN;
    f->value_of = 0;
}

/* Definitions */

/* Does a bracket that starts here end before = or := ?  One that cannot be a list of parameters is
 * followed to the end of its line only, so that a long text is not searched again and again. */
static bool head_ahead(const Filter *f, uint32_t at, bool *is_plain) {
    size_t depth = 0;
    bool plain = true;
    for (;; at++) {
        char c = peek_char(f, at);
        if (at >= f->fold.len || (c == '\n' && !plain))
            return false;
        if (c == '#') {
            while (at + 1 < f->fold.len && peek_char(f, at + 1) != '\n')
                at++;
        } else if (c == '(' || c == '[') {
            plain = plain && depth == (c == '[');
            depth++;
        } else if (c == ')' || c == ']') {
            if (--depth == 0)
                break;
        } else if (peek_word(f, at) != at) {
            at = peek_word(f, at) - 1;
        } else if (!strchr(" \t\r\n,0123456789", c)) {
            plain = false;
            if (c == ';' || c == '"' || c == '{' || c == '}')
                return false;
        }
    }
    at = peek_blank(f, at + 1);
    *is_plain = plain;
    return peek_is_equals(f, at) || (peek_char(f, at) == ':' && peek_char(f, at + 1) == '=');
}

static Token head_token(Filter *f) {
    Token t;
    do
        t = scan_read(&f->scan);
    while (t.kind == T_NEWLINE);
    f->scanned = t.kind;
    if (t.kind == T_NAME)
        t.name = names_intern(f->names, t.text, t.len);
    if (t.kind != T_END)
        f->end = t.span.end;
    return t;
}

static void refuse_param(Filter *f, const Token *t) {
    if (t->kind == T_BAD || (t->kind == T_NAME && refuse_fixed(f, t)))
        emit_as(f, *t, T_BAD);
    else
        fail(f, t->span, "f(x, y) = ..., or f(x[n]) = ... for a vector",
             "a parameter is a name that has not been used before it");
}

/* [n] or [2,3] after a parameter; takes everything through the ']'. */
static bool read_dims(Filter *f, Token t) {
    emit_as(f, t, T_INDEX);
    for (;;) {
        t = head_token(f);
        if (t.kind != T_NAME && t.kind != T_NUMBER) {
            refuse_param(f, &t);
            return false;
        }
        if (t.kind == T_NAME)
            bind(f, t.name, NAME_NUMBER, false);
        emit(f, t);
        t = head_token(f);
        if (t.kind != T_COMMA && t.kind != T_RBRACKET) {
            refuse_param(f, &t);
            return false;
        }
        emit(f, t);
        if (t.kind == T_RBRACKET)
            return true;
    }
}

static bool read_param(Filter *f, const Token *t, Token *after) {
    if (t->kind != T_NAME || (t->name != f->function && is_bound(f, t->name)) ||
        name_is_fixed(f, t->name)) {
        refuse_param(f, t);
        return false;
    }
    emit(f, *t);
    *after = head_token(f);
    bool array = after->kind == T_LBRACKET;
    if (array) {
        if (!read_dims(f, *after))
            return false;
        *after = head_token(f);
    }
    bind(f, t->name, array ? NAME_ARRAY : NAME_NUMBER, false);
    f->params = mem_grow(f->params, &f->param_cap, f->param_count + 1, sizeof *f->params);
    f->params[f->param_count++] = t->name;
    return true;
}

/* NAME ( parameters ), up to the equals sign. */
static void read_head(Filter *f, Token *name) {
    bool builtin = filter_kind(f, name->name) == NAME_BUILTIN;
    if (refuse_fixed(f, name))
        return;
    if (builtin) {
        const char *text = names_text(f->names, name->name);
        const char *hint =
            arena_printf(f->arena, "to judge an equation: check %s(...) = ...", text);
        fail(f, name->span, hint, "%s is built in", text);
        return;
    }
    f->function = name->name;
    emit_as(f, *name, T_DEFINE);
    bind(f, name->name, NAME_FUNCTION, false);
    Token t = head_token(f);
    emit_as(f, t, T_CALL);
    do {
        Token after = {.kind = T_END};
        t = head_token(f);
        if (!read_param(f, &t, &after))
            return;
        t = after;
        if (t.kind != T_COMMA && t.kind != T_RPAREN) {
            refuse_param(f, &t);
            return;
        }
        emit(f, t);
    } while (t.kind == T_COMMA);
    f->want_equals = true;
    f->equals = T_ASSIGN;
    f->value_of = 0;
    f->last = (Operand){.kind = OP_NONE};
}

/* Commands */

const CommandSyntax *filter_command(const Filter *f, const char *text, size_t len) {
    for (size_t i = 0; i < f->scope->command_count; i++) {
        const CommandSyntax *c = &f->scope->commands[i];
        if (strlen(c->word) == len && memcmp(c->word, text, len) == 0)
            return c;
    }
    return NULL;
}

/* The only command that begins with this text. */
static const CommandSyntax *command_begins(const Filter *f, const char *text, size_t len) {
    const CommandSyntax *res = NULL;
    for (size_t i = 0; i < f->scope->command_count; i++) {
        const CommandSyntax *c = &f->scope->commands[i];
        if (len < strlen(c->word) && memcmp(c->word, text, len) == 0) {
            if (res)
                return NULL;
            res = c;
        }
    }
    return res;
}

static void start_command(Filter *f, Token *t, const CommandSyntax *row) {
    t->name = names_intern_str(f->names, row->word);
    f->mode = MODE_COMMAND;
    f->nested = false;
    f->row = row;
    f->word_span = t->span;
    f->phase = PHASE_ITEMS;
    f->clause = 0;
    f->range_seen = false;
    emit_as(f, *t, T_COMMAND);
    no_operand(f);
    f->tail = true;
    level_top(f)->item_start = true;
    level_top(f)->piece = PIECE_NOTHING;
    if (row->traits & COMMAND_FILE) {
        scan_expect_file(&f->scan);
        f->expect_file = true;
    }
    if (row->traits & COMMAND_TEXT) {
        scan_expect_text(&f->scan);
        f->expect_text = true;
    }
}

static bool is_function(NameKind kind) {
    return kind == NAME_FUNCTION || kind == NAME_BUILTIN;
}

/* A command word, or an unambiguous beginning of one. */
static const CommandSyntax *command_at(Filter *f, const Token *t) {
    NameKind kind = filter_kind(f, t->name);
    uint32_t next = peek_blank(f, t->after);
    char c = peek_char(f, next);
    const CommandSyntax *row = filter_command(f, t->text, t->len);
    if (row)
        return is_function(kind) && c == '(' ? NULL : row;
    bool follows = peek_word(f, next) != next || c == '"' || c == '\n' || c == ';' || c == '#' ||
                   next >= f->fold.len;
    uint8_t cut[64];
    if (t->len < 2 || kind != NAME_UNKNOWN || !follows || split_name(f, t->text, t->len, cut))
        return NULL;
    return command_begins(f, t->text, t->len);
}

static void fail_command(Filter *f, const Token *t) {
    size_t count = f->scope->command_count;
    const char **words = arena_array(f->arena, count + 1, sizeof *words);
    for (size_t i = 0; i < count; i++)
        words[i] = f->scope->commands[i].word;
    const char *near = names_nearest(t->text, t->len, words, count);
    const char *hint = "help lists the commands";
    if (text_is(t, "rule"))
        hint = "a rule is written: rule NAME(option=value) { lines }";
    else if (near)
        hint = arena_printf(f->arena, "did you mean %s?", near);
    fail(f, t->span, hint, "unknown command %.*s", (int)(t->len < 60 ? t->len : 60), t->text);
}

/* NAME NAME with the first unknown, and words that only continue a command. */
static bool refuse_word(Filter *f, const Token *t) {
    uint32_t next = peek_blank(f, t->after), end = peek_word(f, next);
    char c = peek_char(f, next);
    if (filter_kind(f, t->name) != NAME_UNKNOWN || name_is_fixed(f, t->name))
        return false;
    bool word = end != next;
    bool number = ('0' <= c && c <= '9') || c == '.' || c == '-';
    if ((word || c == '(' || (number && t->after < next)) &&
        (is_clause_word(f, t->text, t->len) || (text_is(t, "where") && word))) {
        fail(f, t->span, "write it on the same line, or end the line before with \\",
             "%.*s continues a command or an expression", (int)t->len, t->text);
        return true;
    }
    uint8_t cut[64];
    if (split_name(f, t->text, t->len, cut))
        return false;
    size_t len = end - next;
    const char *text = f->fold.text + next;
    if ((!word && c != '"') || list_has("and or where", text, len))
        return false;
    fail_command(f, t);
    return true;
}

static bool refuse_operator(Filter *f, const Token *t) {
    char next = peek_char(f, t->after);
    bool minus = t->kind == T_MINUS && (next == ' ' || next == '\t');
    if (!minus && t->kind != T_PLUS && t->kind != T_STAR && t->kind != T_SLASH &&
        t->kind != T_CARET)
        return false;
    const char *hint =
        minus ? "end the line before with it, use brackets, or write -x without a space"
              : "end the line before with it, or use brackets";
    fail(f, t->span, hint, "a line cannot begin with an operator");
    return true;
}

static bool start_rule(Filter *f, Token *t) {
    uint32_t at = peek_blank(f, t->after), end = peek_word(f, at);
    char c = peek_char(f, peek_blank(f, end));
    if (!text_is(t, "rule") || at == end || (c != '(' && c != '{' && c != '\n'))
        return false;
    f->mode = MODE_RULE_HEAD;
    emit_as(f, *t, T_RULE);
    Token name = head_token(f);
    emit(f, name);
    f->last = (Operand){.kind = OP_NONE};
    static const char *const own[] = {"x", "g", "f", "t", "n"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        bind(f, names_intern_str(f->names, own[i]), NAME_NUMBER, false);
    return true;
}

bool start_statement(Filter *f, Token *t) {
    if (f->nested) { /* after the ':' of sweep */
        if (t->kind == T_NAME) {
            t->name = names_intern(f->names, t->text, t->len);
            const CommandSyntax *row = command_at(f, t);
            if (row)
                start_command(f, t, row);
            else
                fail_command(f, t);
            return true;
        }
        f->mode = MODE_COMMAND;
        f->nested = false;
        return false;
    }
    if (t->kind == T_SEMI || t->kind == T_NEWLINE)
        return false;
    f->mode = MODE_BODY;
    if (f->expression || (t->kind != T_NAME && !refuse_operator(f, t)))
        return false;
    if (t->kind != T_NAME)
        return true;
    t->name = names_intern(f->names, t->text, t->len);
    const CommandSyntax *row = command_at(f, t);
    uint32_t assign = peek_assign(f, t->after), next = peek_blank(f, t->after);
    char rest = assign ? peek_char(f, peek_blank(f, assign)) : 'x';
    bool about = row && row->traits & COMMAND_TEXT && (rest == '\0' || rest == '\n'); /* help = */
    bool known_row = row && strlen(row->word) == t->len;
    bool plain = false;
    bool head = peek_char(f, next) == '(' && head_ahead(f, next, &plain);
    if (assign && !about)
        target(f, t);
    else if (head &&
             !(known_row && (t->after < next || !plain))) /* check (x+1)^2 = ... is a command */
        read_head(f, t);
    else if (start_rule(f, t))
        ;
    else if (row)
        start_command(f, t, row);
    else
        return refuse_word(f, t);
    return true;
}

/* A line in a rule's braces. */
void start_rule_line(Filter *f, Token *t) {
    if (t->kind == T_SEMI || t->kind == T_RBRACE) {
        if (t->kind == T_SEMI)
            read_semicolon(f, t);
        else
            read_brace(f, t);
        return;
    }
    f->line_start = false;
    uint32_t next = peek_blank(f, t->after);
    if (t->kind == T_STRING) { /* the description; a citation may follow it */
        emit(f, *t);
        operand(f, OP_STRING, t, true);
        f->line_start = next + 4 <= f->fold.len && memcmp(f->fold.text + next, "cite", 4) == 0;
        return;
    }
    if (t->kind == T_NAME)
        t->name = names_intern(f->names, t->text, t->len);
    if (t->kind == T_NAME && text_is(t, "cite") && peek_char(f, next) == '"') {
        emit_as(f, *t, T_CITE);
        no_operand(f);
    } else if (t->kind == T_NAME && text_is(t, "state") && peek_is_name_equals(f, next)) {
        emit_as(f, *t, T_STATE);
        no_operand(f);
        level_top(f)->where = level_top(f)->item_start = true;
    } else if (t->kind == T_NAME && peek_assign(f, t->after)) {
        target(f, t);
        bind(f, t->name, NAME_NUMBER, false);
    } else {
        fail(f, t->span, NULL, "a line of a rule is NAME = EXPR or state NAME = EXPR");
    }
}
