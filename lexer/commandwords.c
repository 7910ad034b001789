/* The token filter: words of a command.  Outside brackets, where an operand is complete or the
 * tail begins, clause words, flags and `NAME =` end an expression; see grammar.md section 4. */
#include <string.h>

#include "lexer/filter.h"

/* Is the word one of a list separated by spaces? */
bool list_has(const char *list, const char *text, size_t len) {
    while (list && *list) {
        size_t word = strcspn(list, " ");
        if (word == len && memcmp(list, text, len) == 0)
            return true;
        list += word;
        list += strspn(list, " ");
    }
    return false;
}

bool is_clause_word(const Filter *f, const char *text, size_t len) {
    for (size_t i = 0; i < f->scope->command_count; i++)
        if (list_has(f->scope->commands[i].clauses, text, len))
            return true;
    return false;
}

bool in_command_words(const Filter *f) {
    return f->mode == MODE_COMMAND && f->levels == 1 && (f->last.kind != OP_NONE || f->tail) &&
           !f->want_equals;
}

/* The word of the row that is nearest to what was typed. */
static const char *nearest_word(Filter *f, const Token *t) {
    const char *words[64];
    size_t count = 0;
    const char *lists[] = {f->row->clauses, f->row->flags};
    for (size_t i = 0; i < 2; i++)
        for (const char *p = lists[i]; p && *p && count < 64;) {
            size_t len = strcspn(p, " ");
            words[count++] = arena_copy_text(f->arena, p, len);
            p += len;
            p += strspn(p, " ");
        }
    return names_nearest(t->text, t->len, words, count);
}

static const char *words_of_row(Filter *f) {
    const char *clauses = f->row->clauses ? f->row->clauses : "",
               *flags = f->row->flags ? f->row->flags : "";
    if (!*clauses && !*flags)
        return "options are name=value";
    return arena_printf(f->arena, "its words are: %s%s%s; options are name=value", clauses,
                        *clauses && *flags ? " " : "", flags);
}

static const char *hint_for_word(Filter *f, const Token *t) {
    bool name = t->kind == T_NAME;
    const char *near = name ? nearest_word(f, t) : NULL;
    int len = (int)(t->len < 60 ? t->len : 60);
    if (near)
        return arena_printf(f->arena, "did you mean %s?", near);
    if (f->emitted == T_FILE)
        return "a file name with spaces stands in quotes; options are name=value";
    if (name && f->phase == PHASE_METHODS)
        return "options are written name=value, methods are separated by commas";
    if (name && name_is_method(f, t) && f->row->traits & COMMAND_METHODS)
        return arena_printf(f->arena, "the methods follow a ':', as in %s f : %.*s", f->row->word,
                            len, t->text);
    if (name && name_is_method(f, t) && list_has(f->row->clauses, "by", 2))
        return arena_printf(f->arena, "write by %.*s", len, t->text);
    if (name && (f->last.kind == OP_WORD || f->last.kind == OP_METHOD))
        return arena_printf(f->arena, "an option is written %.*s=value", len, t->text);
    return words_of_row(f);
}

/* Something stands where only a word of the command could. */
void fail_word(Filter *f, const Token *t) {
    const char *word = f->row->word;
    const char *hint = hint_for_word(f, t);
    int len = (int)(t->len < 60 ? t->len : 60);
    if (f->row->traits & COMMAND_SWEEP && t->kind == T_NUMBER)
        fail(f, t->span, "sweep lr=1e-4..1 log 200 : ...",
             "write log or linear before the number of points");
    else if (f->last.kind == OP_FUNC)
        fail(f, t->span, hint,
             "unexpected '%.*s' after %s: not a word of %s, and a call needs brackets", len,
             t->text, names_text(f->names, f->last.name), word);
    else if (f->last.kind == OP_WORD || f->last.kind == OP_METHOD)
        fail(f, t->span, hint, "unexpected '%.*s' here: not a word of %s", len, t->text, word);
    else
        fail(f, t->span, hint, "%.*s is not a word of %s", len, t->text, word);
}

static void start_clause(Filter *f, Token *t, TokenKind kind) {
    Level *l = level_top(f);
    reset_product(f);
    f->phase = PHASE_CLAUSE;
    f->clause = t->name;
    f->range_seen = false;
    f->method = 0;
    l->where = kind == T_WHERE;
    emit_as(f, *t, kind);
    no_operand(f);
    l->item_start = true;
    l->piece = PIECE_NOTHING;
}

/* "subject" is followed by "to". */
static void read_subject_to(Filter *f, Token *t) {
    Token to = scan_read(&f->scan);
    f->scanned = to.kind;
    bool is_to = to.kind == T_NAME && to.len == 2 && memcmp(to.text, "to", 2) == 0;
    if (!is_to) {
        if (to.kind == T_BAD)
            emit(f, to);
        else
            fail(f,
                 to.kind == T_NEWLINE || to.kind == T_END ? span_of(t->span.end, t->span.end)
                                                          : to.span,
                 "min f subject to x + y <= 1", "subject is followed by to");
        return;
    }
    t->span = span_join(t->span, to.span);
    t->name = f->name_subject;
    start_clause(f, t, T_KEYWORD);
}

void read_subject(Filter *f, Token *t) {
    bool here = in_command_words(f) && list_has(f->row->clauses, "subject", 7);
    if (!here) {
        fail(f, t->span, "min f subject to x + y <= 1",
             "s.t. (subject to) stands in min, max and race");
        return;
    }
    t->name = f->name_subject;
    start_clause(f, t, T_KEYWORD);
}

static void read_option(Filter *f, Token *t) {
    Level *l = level_top(f);
    reset_product(f);
    l->where = false;
    if (f->phase != PHASE_METHODS)
        f->phase = PHASE_OPTION;
    emit_as(f, *t, T_OPTION);
    no_operand(f);
    f->range_seen = false;
    f->want_equals = true;
    f->equals = T_EQ;
    f->value_of = t->name;
}

static bool may_be_free(const Filter *f, const Token *t) {
    if (!(f->row->traits & COMMAND_FREE))
        return false;
    for (uint32_t i = 1; i < t->len; i++)
        if (t->text[i] < '0' || '9' < t->text[i])
            return false;
    return t->len && (unsigned char)t->text[0] < 0x80;
}

/* After a complete operand: what is neither known nor free is no factor but a wrong word. */
static bool is_wrong_word(const Filter *f, const Token *t) {
    if (f->last.kind == OP_WORD || f->last.kind == OP_METHOD)
        return true;
    if (f->last.kind == OP_NONE || f->last.kind == OP_FUNC)
        return false;
    uint8_t cut[64];
    bool word = list_has("and or not grad hess jac diff", t->text, t->len);
    return !word && filter_kind(f, t->name) == NAME_UNKNOWN && !may_be_free(f, t) &&
           split_name(f, t->text, t->len, cut) == 0;
}

static bool is_list_word(const Token *t) {
    return list_has("and or", t->text, t->len);
}

/* A name where words of the command may stand; true when it was one (or wrong). */
bool command_word(Filter *f, Token *t) {
    const CommandSyntax *row = f->row;
    bool complete = f->last.kind != OP_NONE;
    bool methods = f->phase == PHASE_METHODS;
    if (complete && is_list_word(t))
        return false;
    if (!methods && complete && t->name == f->name_where && peek_is_name_equals(f, t->after)) {
        start_clause(f, t, T_WHERE);
        return true;
    }
    bool equals = peek_is_equals(f, t->after);
    bool claims = f->tail && row->traits & (COMMAND_EQUATION | COMMAND_SWEEP | COMMAND_SETTING);
    if (equals && (t->space || f->tail) && !claims) {
        read_option(f, t);
        return true;
    }
    if (list_has(row->clauses, t->text, t->len)) {
        if (methods)
            fail(f, t->span, "clauses come before the ':'", "unexpected '%.*s'", (int)t->len,
                 t->text);
        else if (t->name == f->name_subject)
            read_subject_to(f, t);
        else {
            f->expect_method = t->name == f->name_by;
            start_clause(f, t, t->name == f->name_by ? T_BY : T_KEYWORD);
        }
        return true;
    }
    if (list_has(row->flags, t->text, t->len)) {
        level_top(f)->where = false;
        f->phase = methods ? PHASE_METHODS : PHASE_OPTION;
        emit_as(f, *t, T_FLAG);
        operand(f, OP_WORD, t, true);
        return true;
    }
    if (row->traits & COMMAND_SWEEP && f->range_seen && complete &&
        list_has("log linear", t->text, t->len)) {
        reset_product(f);
        emit_as(f, *t, T_SCALE);
        no_operand(f);
        f->tail = true;
        return true;
    }
    if (!is_wrong_word(f, t))
        return false;
    fail_word(f, t);
    return true;
}

/* A name at the start of an item or after by, ':' of race: methods, settings, coordinates. */
bool command_item_start(Filter *f, Token *t) {
    if (f->mode != MODE_COMMAND || f->levels != 1 || f->want_equals)
        return false;
    Level *l = level_top(f);
    if (f->expect_method) {
        f->expect_method = false;
        f->method = t->name;
        emit_as(f, *t, T_METHOD);
        operand(f, OP_METHOD, t, true);
        return true;
    }
    if (!l->item_start)
        return false;
    bool word = f->emitted == T_KEYWORD && list_has(f->row->clauses, t->text, t->len);
    if (word && filter_kind(f, t->name) == NAME_UNKNOWN && !peek_is_equals(f, t->after)) {
        fail(f, t->span, NULL, "something is missing after %s", names_text(f->names, f->clause));
        return true;
    }
    if (f->row->traits & COMMAND_SETTING && f->phase == PHASE_ITEMS) {
        emit_as(f, *t, T_SETTING);
        no_operand(f);
        f->value_of = t->name;
        f->value_start = true;
        f->equals = T_BAD;
        f->want_equals = peek_is_equals(f, t->after);
        return true;
    }
    bool coordinates = f->phase == PHASE_CLAUSE && f->clause != f->name_subject;
    if (!coordinates || !peek_is_equals(f, t->after))
        return false;
    emit_as(f, *t, T_NAMED);
    no_operand(f);
    if (l->where)
        bind(f, t->name, NAME_NUMBER, false);
    f->want_equals = true;
    f->equals = T_EQ;
    f->value_of = 0;
    return true;
}
