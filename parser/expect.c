/* What may follow a text, from the parser's state and the filter's; see parse.h. */
#include <string.h>

#include "parser/grammar.h"

typedef struct Teller {
    void (*each)(void *to, const Expect *what);
    void *to;
    const char *command;
    size_t count;
} Teller;

static void tell(Teller *o, ExpectKind kind, const char *word, NameKind name_kind) {
    Expect what = {.kind = kind, .word = word, .name_kind = name_kind, .command = o->command};
    o->count++;
    if (o->each)
        o->each(o->to, &what);
}

static void tell_name(void *to, const char *name, NameKind kind) {
    tell(to, EXPECT_NAME, name, kind);
}

static void tell_method(void *to, const char *name) {
    tell(to, EXPECT_METHOD, name, NAME_UNKNOWN);
}

static void tell_list(Teller *o, ExpectKind kind, const char *list) {
    while (list && *list) {
        char word[64];
        size_t len = strcspn(list, " ");
        if (len < sizeof word) {
            memcpy(word, list, len);
            word[len] = '\0';
            tell(o, kind, word, NAME_UNKNOWN);
        }
        list += len;
        list += strspn(list, " ");
    }
}

static void tell_symbols(Teller *o, struct gram_pstate *m) {
    static const struct {
        TokenKind kind;
        const char *text;
    } symbol[] = {
        {T_PLUS, "+"},       {T_STAR, "*"},      {T_CARET, "^"},    {T_COMMA, ","},
        {T_RPAREN, ")"},     {T_RBRACKET, "]"},  {T_BARCLOSE, "|"}, {T_RBRACE, "}"},
        {T_LBRACE, "{"},     {T_COLON, ":"},     {T_CALL, "("},     {T_AND, "and"},
        {T_OR, "or"},        {T_WHERE, "where"}, {T_RANGE, ".."},   {T_SCALE, "log"},
        {T_SCALE, "linear"}, {T_NEWLINE, "\n"},
    };
    for (size_t i = 0; i < sizeof symbol / sizeof *symbol; i++)
        if (grammar_accepts(m, symbol[i].kind))
            tell(o, EXPECT_SYMBOL, symbol[i].text, NAME_UNKNOWN);
}

static void tell_place(Parse *p, const Scope *scope, Teller *o) {
    FilterPlace place = filter_place(p->filter);
    o->command = place.row ? place.row->word : "";
    if (place.file || place.text) {
        tell(o, place.file ? EXPECT_FILE : EXPECT_TOPIC, o->command, NAME_UNKNOWN);
        return;
    }
    if (place.start)
        for (size_t i = 0; i < scope->command_count; i++)
            tell(o, EXPECT_COMMAND, scope->commands[i].word, NAME_UNKNOWN);
    if (place.method) {
        if (scope->methods)
            scope->methods(scope->context, tell_method, o);
        return;
    }
    if (place.value_of)
        tell(o, EXPECT_VALUE, names_text(p->names, place.value_of), NAME_UNKNOWN);
    if (place.setting)
        tell(o, EXPECT_SETTING, "", NAME_UNKNOWN);
    if (place.method_options)
        tell(o, EXPECT_METHOD_OPTION, names_text(p->names, place.method_options), NAME_UNKNOWN);
    if (place.words) {
        tell_list(o, EXPECT_CLAUSE, place.row->clauses);
        tell_list(o, EXPECT_FLAG, place.row->flags);
        tell(o, EXPECT_OPTION, place.row->word, NAME_UNKNOWN);
    }
    bool value = !place.operand && (place.start || grammar_accepts(p->machine, T_NUMBER));
    if (value)
        filter_bound_names(p->filter, tell_name, o);
    if (value && scope->names)
        scope->names(scope->context, tell_name, o);
    if (!place.start)
        tell_symbols(o, p->machine);
}

size_t parse_expected(Names *names, const Scope *scope, const char *text, size_t len,
                      void (*each)(void *to, const Expect *what), void *to) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Source source = {.text = text, .len = len, .first_line = 1};
    Parse *p = parse_new(&arena, names, scope, &source, &diags);
    Teller o = {.each = each, .to = to, .command = ""};
    if (parse_prefix(p))
        tell_place(p, scope, &o);
    parse_free(p);
    arena_done(&arena);
    return o.count;
}
