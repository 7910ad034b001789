/* The loop that feeds the parser: one statement at a time; see parse.h. */
#include "parser/parse.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "parser/grammar.h"

Parse *parse_new(Arena *arena, Names *names, const Scope *scope, const Source *source,
                 Diags *diags) {
    Parse *p = mem_new(1, sizeof *p);
    p->arena = arena;
    p->names = names;
    p->diags = diags;
    p->source = source;
    p->filter = filter_new(names, scope, source);
    p->machine = grammar_new();
    p->name_by = names_intern_str(names, "by");
    p->name_colon = names_intern_str(names, ":");
    p->name_where = names_intern_str(names, "where");
    p->name_sqrt = names_intern_str(names, "sqrt");
    filter_begin(p->filter, arena, diags, false);
    return p;
}

void parse_free(Parse *p) {
    if (!p)
        return;
    grammar_free(p->machine);
    filter_free(p->filter);
    free(p->defined);
    free(p);
}

/* What a statement defines */

static bool is_array_leaf(const Parse *p, const Ast *t) {
    if (t->kind == AST_NAME)
        return filter_kind(p->filter, t->name) == NAME_ARRAY;
    if (t->kind == AST_CALL) {
        const Ast *callee = t->kids[0];
        const char *name = callee->kind == AST_NAME ? names_text(p->names, callee->name) : "";
        return callee->kind == AST_GRAD || callee->kind == AST_HESS || callee->kind == AST_JAC ||
               strcmp(name, "vec") == 0 || strcmp(name, "transpose") == 0;
    }
    return t->kind == AST_VEC;
}

/* A good guess, down the left side: once the statement was run the scope knows. */
static NameKind kind_of_value(const Parse *p, const Ast *t) {
    for (;;) {
        switch (t->kind) {
        case AST_NAME: {
            NameKind kind = filter_kind(p->filter, t->name);
            return kind == NAME_ARRAY                              ? NAME_ARRAY
                   : kind == NAME_FUNCTION || kind == NAME_BUILTIN ? NAME_FUNCTION
                                                                   : NAME_NUMBER;
        }
        case AST_DERIV:
        case AST_PRIME:
        case AST_GRAD:
        case AST_HESS:
        case AST_JAC: return NAME_FUNCTION;
        case AST_ADD:
        case AST_SUB:
        case AST_MUL:
        case AST_DIV:
            if (is_array_leaf(p, t->kids[1]))
                return NAME_ARRAY;
            t = t->kids[0];
            if (t->kind == AST_NAME || t->kind == AST_DERIV || t->kind == AST_PRIME)
                return is_array_leaf(p, t) ? NAME_ARRAY : NAME_NUMBER;
            break;
        case AST_NEG:
        case AST_WHERE: t = t->kids[0]; break;
        default: return is_array_leaf(p, t) ? NAME_ARRAY : NAME_NUMBER;
        }
    }
}

/* The function whose parameters a bare function has. */
static Name function_below(const Ast *t) {
    while (t->count && (t->kind == AST_PRIME || t->kind == AST_GRAD || t->kind == AST_HESS ||
                        t->kind == AST_JAC))
        t = t->kids[0];
    return t->name;
}

static void define(Parse *p, Name name, NameKind kind, const Name *params, size_t count) {
    filter_define(p->filter, name, kind, params, count);
    p->defined = mem_grow(p->defined, &p->defined_cap, p->defined_count + 1, sizeof *p->defined);
    p->defined[p->defined_count++] = name;
}

static void define_names(Parse *p, const Ast *t) {
    p->defined_count = 0;
    if (t->kind == AST_LET && (t->op == LET_SET || t->op == LET_DEFINE)) {
        Name param[32];
        NameKind kind = kind_of_value(p, t->kids[0]);
        Name below = kind == NAME_FUNCTION ? function_below(t->kids[0]) : 0;
        size_t count = below ? filter_params(p->filter, below, param, 32) : 0;
        define(p, t->name, kind, count && count <= 32 ? param : NULL, count <= 32 ? count : 0);
    } else if (t->kind == AST_DEF) {
        size_t count = t->count - 1;
        Name *param = arena_array(p->arena, count + 1, sizeof *param);
        for (size_t i = 0; i < count; i++)
            param[i] = t->kids[i + 1]->name;
        define(p, t->name, NAME_FUNCTION, param, count);
    }
}

void parse_forget(Parse *p) {
    for (size_t i = 0; i < p->defined_count; i++)
        filter_undefine(p->filter, p->defined[i]);
    p->defined_count = 0;
}

/* The loop */

static void fail_deep(Parse *p) {
    diag_error(p->diags, p->token.span, "name a part of it: t1 = ...", "nested too deeply");
}

/* An end that no statement can have here: inside a rule the grammar would go on for ever. */
static void fail_end(Parse *p) {
    Span open = {0, 0};
    filter_open_bracket(p->filter, &open);
    diag_error(p->diags, p->token.span, NULL, "unexpected end of text; the '{'%s is still open",
               filter_place_text(p->filter, open.start));
}

/* Hands p->token to the parser.  GRAMMAR_DONE after a whole statement. */
static GrammarState feed(Parse *p) {
    Token *t = &p->token;
    bool rule = filter_in_rule(p->filter);
    bool line = t->kind == T_NEWLINE || t->kind == T_END;
    bool fits = !line || grammar_accepts(p->machine, T_NEWLINE);
    if (t->kind == T_END) {
        p->incomplete = !fits || rule;
        if (fits && rule) {
            fail_end(p);
            return GRAMMAR_ERROR;
        }
        t->kind = T_NEWLINE;
    } else if (line && !fits) {
        return GRAMMAR_MORE;
    }
    bool ends = line || t->kind == T_SEMI;
    GrammarState res = grammar_push(p);
    if (res != GRAMMAR_MORE || !ends)
        return res;
    if (rule) {
        filter_next_line(p->filter);
        return res;
    }
    t->kind = T_END;
    return grammar_push(p);
}

static void start(Parse *p, bool expression) {
    p->tree = NULL;
    p->silenced = p->incomplete = false;
    filter_begin(p->filter, p->arena, p->diags, expression);
}

static void restart_machine(Parse *p) {
    grammar_free(p->machine);
    p->machine = grammar_new();
}

void parse_set_interrupt(Parse *p, const volatile int *flag) { p->interrupt = flag; }

/* Looks at the flag now and then. */
static bool is_interrupted(Parse *p) {
    enum { OFTEN = 1024 };
    if (++p->ticks % OFTEN || !p->interrupt || !*p->interrupt)
        return false;
    diag_error(p->diags, p->token.span, NULL, "interrupted");
    return true;
}

/* An error on a later line than a bracket that is still open mostly comes from that bracket. */
static void say_open(Parse *p, size_t errors) {
    Span open;
    const char *bracket = filter_open_bracket(p->filter, &open);
    if (p->diags->errors == errors || !*bracket || *bracket == '{')
        return;
    Diag *d = &p->diags->item[p->diags->count - 1];
    if (d->span.start <= open.start || strstr(d->message, "is still open"))
        return;
    size_t between = d->span.start - open.start;
    if (memchr(p->source->text + open.start, '\n', between))
        d->message = arena_printf(p->arena, "%s; the '%s'%s is still open", d->message, bracket,
                                  filter_place_text(p->filter, open.start));
}

/* Reads a statement; the result is false at the end of text.  p->tree stays NULL after an error. */
static bool read_statement(Parse *p) {
    size_t errors = p->diags->errors;
    for (;;) {
        p->token = filter_next(p->filter);
        if (p->token.kind == T_END && filter_at_start(p->filter))
            return false;
        GrammarState state = p->token.kind == T_BAD || is_interrupted(p) ? GRAMMAR_ERROR : feed(p);
        if (state == GRAMMAR_MORE)
            continue;
        if (state == GRAMMAR_DEEP)
            fail_deep(p);
        say_open(p, errors);
        if (state != GRAMMAR_DONE || errors < p->diags->errors) {
            p->tree = NULL;
            restart_machine(p);
            filter_recover(p->filter);
        }
        return true;
    }
}

bool parse_next(Parse *p, Statement *out) {
    *out = (Statement){.tree = NULL};
    start(p, false);
    p->defined_count = 0;
    if (!read_statement(p))
        return false;
    out->tree = p->tree;
    out->silenced = p->silenced;
    uint32_t end = filter_end(p->filter);
    out->span = span_of(filter_begin_place(p->filter), end);
    if (p->tree) {
        if (p->tree->kind != AST_EMPTY)
            out->span = p->tree->span;
        out->echo = filter_echoes(p->filter, &out->echo_count);
        define_names(p, p->tree);
    }
    return true;
}

bool parse_prefix(Parse *p) {
    bool open = false; /* a statement that the end of text cuts off */
    for (;;) {
        if (!open)
            start(p, false);
        open = true;
        p->token = filter_next(p->filter);
        if (p->token.kind == T_END)
            return true;
        GrammarState state = p->token.kind == T_BAD ? GRAMMAR_ERROR : feed(p);
        if (state == GRAMMAR_MORE)
            continue;
        if (state != GRAMMAR_DONE) {
            restart_machine(p);
            filter_recover(p->filter);
            if (filter_is_done(p->filter))
                return false;
        } else if (p->tree) {
            define_names(p, p->tree);
        }
        open = false;
    }
}

Ast *parse_expression(Arena *arena, Names *names, const Scope *scope, const char *text, size_t len,
                      Diags *diags) {
    Source source = {.text = text, .len = len, .first_line = 1};
    Parse *p = parse_new(arena, names, scope, &source, diags);
    start(p, true);
    if (!read_statement(p))
        diag_error(diags, span_of(0, 0), NULL, "an expression is missing");
    Ast *res = p->tree;
    Token rest = {.kind = T_END};
    if (res) {
        filter_begin(p->filter, arena, diags, true);
        rest = filter_next(p->filter);
    }
    if (res && (res->kind == AST_EMPTY || p->silenced || rest.kind != T_END)) {
        Span span = res->kind == AST_EMPTY || rest.kind == T_END ? res->span : rest.span;
        if (rest.kind != T_BAD)
            diag_error(diags, span, NULL, "one expression is expected here, and nothing else");
        res = NULL;
    }
    parse_free(p);
    return res;
}

bool parse_is_complete(Names *names, const Scope *scope, const char *text, size_t len) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Buf lines;
    buf_init(&lines);
    buf_add(&lines, text, len);
    if (len == 0 || text[len - 1] != '\n')
        buf_char(&lines, '\n');
    Source source = {.text = lines.text, .len = lines.len, .first_line = 1};
    Parse *p = parse_new(&arena, names, scope, &source, &diags);
    bool more = true, res = true;
    while (more) {
        Statement ignored;
        more = parse_next(p, &ignored);
        res = more ? !p->incomplete : res;
        arena_reset(&arena);
        diags_init(&diags, &arena);
    }
    res = res && !filter_continued(p->filter);
    parse_free(p);
    buf_done(&lines);
    arena_done(&arena);
    return res;
}
