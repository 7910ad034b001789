/* A fuzzer of the reader: makes statements from pieces of the grammar, spoils some of them byte by
 * byte, and feeds them to the parser.  Checks what must always hold: one error or a tree, spans
 * inside the text, trees that can be printed, no endless loop.
 *
 *     fuzz_parse SEED SECONDS [COUNT]     the same seed makes the same texts */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/utf8.h"
#include "parser/parse.h"

/* Texts */

static uint64_t next(uint64_t *state) { /* splitmix64 */
    uint64_t z = (*state += 0x9e3779b97f4a7c15u);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static size_t below(uint64_t *state, size_t n) {
    return (size_t)(next(state) % n);
}

static const char *const words[] = {
    "x",
    "y",
    "z",
    "a",
    "b",
    "n",
    "t",
    "xy",
    "x1x2",
    "pix",
    "e",
    "pi",
    "inf",
    "nan",
    "ans",
    "ans.x",
    "v",
    "W",
    "f",
    "g",
    "h",
    "f(x,y)",
    "g(x)",
    "sin(x)",
    "sin",
    "cos",
    "min(3,4)",
    "q",
    "q(x)",
    "df/dx",
    "d2f/dxdy",
    "d^2f/dx^2",
    "df/dz",
    "dx/dy",
    "d\xC2\xB2"
    "f/dx\xC2\xB2",
    "\xE2\x88\x82"
    "f/\xE2\x88\x82x",
    "g'",
    "g''",
    "grad f",
    "hess f(1,2)",
    "jac h(v)",
    "diff(x^2,x)",
    "diff(f,x)(1,2)",
    "sum(i=1..n, v[i])",
    "vec(i=1..3, 2*i)",
    "|x|",
    "||v||",
    "(1,2)",
    "[1,2;3,4]",
    "[1, 2]",
    "1",
    "2",
    "3.5",
    ".5",
    "5.",
    "1e-3",
    "2e3",
    "1_0",
    "0x1",
    "\"text\"",
    "\"\\\"\"",
    "'a'",
    "x > 0 ? 1 : 2",
    "x\xC2\xB2",
    "x\xE2\x81\xBB\xC2\xB9",
    "\xE2\x88\x9A"
    "2",
    "2\xCF\x80x",
    "\xE2\x88\x87"
    "f",
    "\xE2\x80\x96v\xE2\x80\x96",
    "\xEF\xBC\x88"
    "x\xEF\xBC\x89",
    "\xE3\x83\xBC",
    "\xE3\x83\x87\xE3\x83\xBC\xE3\x82\xBF",
    "\xCE\xB7",
    "\xE2\x80\x8B",
};

static const char *const signs[] = {
    "+",
    "-",
    "*",
    "/",
    "^",
    " ",
    "  ",
    "",
    "",
    " + ",
    " - ",
    " * ",
    " / ",
    "<",
    "<=",
    "==",
    "=",
    ":=",
    "+=",
    ",",
    ";",
    "\n",
    ":",
    "?",
    "..",
    "...",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "|",
    "'",
    "\"",
    "#",
    "\\\n",
    "\\",
    " and ",
    " or ",
    " not ",
    " > ",
    ">>",
    "!",
    "%",
    "//",
    "&&",
    "||",
    "\xC3\x97",
    "\xE2\x88\x92",
    "\xE2\x89\xA4",
    "\xE3\x80\x81",
    "\xE2\x80\x9C",
    "\xEF\xBB\xBF",
    "\r\n",
    "\t",
    ".*",
    "**",
    " where t1 = ",
    " where ",
    "_",
    "@",
    ".",
    "s.t. ",
};

static const char *const lines[] = {
    "f(x,y) = ",
    "k(u[n]) = ",
    "p(q,r) = ",
    "a = ",
    "x += ",
    "beta = ",
    "step = ",
    "pi = ",
    "cos(t) = ",
    "p(2) = ",
    "check f at ",
    "check df/dx = ",
    "explain ",
    "at f(1,2)",
    "min f from (3,4) by gd lr=",
    "min f from x=3, y=4 by adam(lr=0.1) steps=",
    "min f in x=-1..1, y=0..2 subject to ",
    "max f in x=0..inf globally s.t. ",
    "race f from (1,1) tol=1e-8 : gd lr=0.1, adam, ",
    "sweep lr=1e-4..1 log 20 : min f from (1,1) by gd",
    "sweep lr=",
    "basins f over x=-2..2 by gd",
    "plot f over ",
    "plot f path > ",
    "plot f, g > \"a b.svg\" ",
    "animate f path > a.gif",
    "assert x == 3 within ",
    "break if ",
    "watch ",
    "print ",
    "show f domain",
    "show df/dx as latex",
    "export f as c > f.c",
    "set digits ",
    "set format = json",
    "load ",
    "load 'a b' ",
    "save s.plumb",
    "help ",
    "step ",
    "mi f",
    "quit()",
    "rule r(a=1, b=2) {\n \"text\" cite \"K\"\n state m = 0, v = init\n m = a*m + (1-a)*g\n x -= ",
    "rule r { x = x - 0.1g }",
    "rule r {",
    "}",
    "min f from ",
    "by gd",
    "print(",
    "(",
    "[",
    "|",
    "f(",
    "sum(i=1..",
};

#define PICK(list) list[below(s, sizeof list / sizeof *list)]

static void make_text(uint64_t *s, Buf *out) {
    buf_clear(out);
    size_t statements = 1 + below(s, 4);
    for (size_t i = 0; i < statements; i++) {
        if (below(s, 3))
            buf_text(out, PICK(lines));
        for (size_t k = below(s, 12); k; k--) {
            buf_text(out, PICK(words));
            if (below(s, 6))
                buf_text(out, PICK(signs));
        }
        buf_text(out, below(s, 4) ? "\n" : below(s, 2) ? ";" : "");
    }
    if (below(s, 3) == 0) /* spoil it */
        for (size_t k = 1 + below(s, 6); k && out->len; k--) {
            size_t at = below(s, out->len);
            size_t how = below(s, 3);
            if (how == 0)
                out->text[at] = (char)below(s, 256);
            else if (how == 1)
                out->text[at] = out->text[below(s, out->len)];
            else
                out->len = at;
        }
}

/* The scope */

typedef struct Known {
    const char *name;
    NameKind kind;
    const char *params;
} Known;

static const Known known[] = {
    {"x", NAME_NUMBER, ""},     {"y", NAME_NUMBER, ""},     {"z", NAME_NUMBER, ""},
    {"a", NAME_NUMBER, ""},     {"b", NAME_NUMBER, ""},     {"n", NAME_NUMBER, ""},
    {"t", NAME_NUMBER, ""},     {"x1", NAME_NUMBER, ""},    {"x2", NAME_NUMBER, ""},
    {"ans", NAME_RESULT, ""},   {"v", NAME_ARRAY, ""},      {"W", NAME_ARRAY, ""},
    {"f", NAME_FUNCTION, "xy"}, {"g", NAME_FUNCTION, "x"},  {"h", NAME_FUNCTION, "u"},
    {"pi", NAME_CONSTANT, ""},  {"e", NAME_CONSTANT, ""},   {"inf", NAME_CONSTANT, ""},
    {"sin", NAME_BUILTIN, "x"}, {"cos", NAME_BUILTIN, "x"}, {"beta", NAME_BUILTIN, ""},
    {"min", NAME_BUILTIN, ""},  {"max", NAME_BUILTIN, ""},  {"sum", NAME_BUILTIN, ""},
    {"vec", NAME_BUILTIN, ""},  {"if", NAME_BUILTIN, ""},   {"diff", NAME_BUILTIN, ""},
};

static const Known *known_find(const Names *names, Name name) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, names_text(names, name)) == 0)
            return &known[i];
    return NULL;
}

static NameKind kind_of(void *context, Name name) {
    const Known *k = known_find(context, name);
    return k ? k->kind : NAME_UNKNOWN;
}

static size_t params_of(void *context, Name function, Name *out, size_t cap) {
    const Known *k = known_find(context, function);
    size_t count = k ? strlen(k->params) : 0;
    for (size_t i = 0; i < count && i < cap; i++)
        out[i] = names_intern(context, k->params + i, 1);
    return count;
}

static void each_name(void *context, void (*each)(void *, const char *, NameKind), void *to) {
    (void)context;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        each(to, known[i].name, known[i].kind);
}

static void each_method(void *context, void (*each)(void *, const char *), void *to) {
    (void)context;
    each(to, "gd");
    each(to, "adam");
}

static const CommandSyntax commands[] = {
    {"at", "", "", 0},
    {"explain", "", "", COMMAND_FREE},
    {"watch", "", "", 0},
    {"print", "", "", 0},
    {"step", "", "", 0},
    {"quit", "", "", 0},
    {"check", "at", "plot", COMMAND_EQUATION | COMMAND_FREE},
    {"min", "from by in subject", "escape globally", 0},
    {"max", "from by in subject", "escape globally", 0},
    {"race", "from in subject", "", COMMAND_METHODS},
    {"sweep", "", "", COMMAND_SWEEP | COMMAND_NESTED},
    {"basins", "over by in", "", 0},
    {"plot", "over at", "path history field", COMMAND_WRITES},
    {"animate", "over at", "path history field", COMMAND_WRITES},
    {"assert", "within shows", "", 0},
    {"break", "if", "", COMMAND_BREAK},
    {"show", "as", "domain", COMMAND_WRITES},
    {"export", "as", "", COMMAND_WRITES},
    {"set", "", "", COMMAND_SETTING},
    {"load", "", "", COMMAND_FILE},
    {"save", "", "", COMMAND_FILE},
    {"help", "", "", COMMAND_TEXT},
};

/* Checks */

static void must(bool good, const char *what, const Buf *text) {
    if (good)
        return;
    fprintf(stderr, "violated: %s\n---\n", what);
    fwrite(text->text, 1, text->len, stderr);
    fprintf(stderr, "\n---\n");
    abort();
}

/* Every node has a kind and lies inside the text; shared nodes do not occur. */
static void check_tree(const Ast *tree, const Buf *text, size_t limit) {
    const Ast **stack = malloc(limit * sizeof *stack);
    size_t count = 0;
    stack[count++] = tree;
    while (count) {
        const Ast *t = stack[--count];
        must(t && t->kind < AST_KINDS, "a node without a kind", text);
        must(t->span.start <= t->span.end && t->span.end <= text->len, "a span outside the text",
             text);
        must(t->name_span.start <= t->name_span.end && t->name_span.end <= text->len,
             "a name outside the text", text);
        must(count + t->count < limit, "more nodes than the text can hold", text);
        for (uint32_t i = 0; i < t->count; i++)
            stack[count++] = t->kids[i];
    }
    free(stack);
}

static void ignore(void *to, const Expect *what) {
    (void)to, (void)what;
}

static size_t check_text(const Buf *text, Names *names, const Scope *scope) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Source source = {.text = text->text, .len = text->len, .first_line = 1};
    Parse *p = parse_new(&arena, names, scope, &source, &diags);
    Statement s;
    size_t statements = 0, good = 0;
    Buf shown;
    buf_init(&shown);
    while (parse_next(p, &s)) {
        must(++statements <= text->len + 1, "more statements than bytes", text);
        must(s.tree ? diags.errors == 0 : diags.errors == 1, "a tree, or one error", text);
        for (size_t i = 0; i < diags.count; i++) {
            must(diags.item[i].span.start <= diags.item[i].span.end &&
                     diags.item[i].span.end <= text->len,
                 "an error outside the text", text);
            buf_clear(&shown);
            diag_draw(&shown, &source, &diags.item[i]);
        }
        if (s.tree) {
            check_tree(s.tree, text, 40 * text->len + 100);
            buf_clear(&shown);
            ast_print(&shown, names, s.tree);
            good++;
        }
        arena_reset(&arena);
        diags_init(&diags, &arena);
    }
    parse_free(p);
    parse_is_complete(names, scope, text->text, text->len);
    parse_expected(names, scope, text->text, text->len, ignore, NULL);
    parse_expression(&arena, names, scope, text->text, text->len, &diags);
    buf_done(&shown);
    arena_done(&arena);
    return good;
}

int main(int argc, char **argv) {
    uint64_t seed = 1 < argc ? strtoull(argv[1], NULL, 10) : 1;
    double seconds = 2 < argc ? atof(argv[2]) : 10;
    size_t count = 3 < argc ? (size_t)strtoull(argv[3], NULL, 10) : SIZE_MAX;
    time_t end = time(NULL) + (time_t)seconds;
    size_t done = 0, good = 0;
    Buf text;
    buf_init(&text);
    for (; done < count && time(NULL) < end; done++) {
        Names *names = names_new();
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            names_intern_str(names, known[i].name);
        Scope scope = {names,
                       kind_of,
                       params_of,
                       each_name,
                       each_method,
                       commands,
                       sizeof commands / sizeof *commands};
        uint64_t state = seed * 1000003u + done;
        make_text(&state, &text);
        buf_char(&text, '\n'); /* so that there is a text */
        text.len--;
        good += check_text(&text, names, &scope);
        names_free(names);
    }
    printf("%zu texts, %zu statements without an error\n", done, good);
    buf_done(&text);
    return 0;
}
