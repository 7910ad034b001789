/* The 505 cases of tests/grammar-cases.tsv, and hostile inputs. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "parser/parse.h"

/* The commands of grammar.md section 6. */
#define OVER "from by in subject"
static const CommandSyntax commands[] = {
    {"at", "", "", 0},
    {"explain", "", "", COMMAND_FREE},
    {"watch", "", "", 0},
    {"print", "", "", 0},
    {"step", "", "", 0},
    {"back", "", "", 0},
    {"certify", "", "", 0},
    {"why", "", "", 0},
    {"continue", "", "", 0},
    {"finish", "", "", 0},
    {"vars", "", "", 0},
    {"undo", "", "", 0},
    {"quit", "", "", 0},
    {"check", "at", "plot", COMMAND_EQUATION | COMMAND_FREE},
    {"min", OVER, "escape globally", 0},
    {"max", OVER, "escape globally", 0},
    {"race", "from in subject", "", COMMAND_METHODS},
    {"sweep", "", "", COMMAND_SWEEP | COMMAND_NESTED},
    {"basins", "over by in", "", 0},
    {"plot", "over at", "path history field surface basins sweep race", COMMAND_WRITES},
    {"animate", "over at", "path history field surface", COMMAND_WRITES},
    {"assert", "within shows", "", 0},
    {"break", "if", "", COMMAND_BREAK},
    {"show", "as", "domain", COMMAND_WRITES},
    {"export", "as", "", COMMAND_WRITES},
    {"set", "", "", COMMAND_SETTING},
    {"load", "", "", COMMAND_FILE},
    {"save", "", "", COMMAND_FILE},
    {"help", "", "", COMMAND_TEXT},
};

typedef struct Known {
    const char *name;
    NameKind kind;
    const char *params;
} Known;

static const Known known[] = {
    {"x", NAME_NUMBER, ""},        {"y", NAME_NUMBER, ""},
    {"z", NAME_NUMBER, ""},        {"a", NAME_NUMBER, ""},
    {"b", NAME_NUMBER, ""},        {"n", NAME_NUMBER, ""},
    {"t", NAME_NUMBER, ""},        {"x1", NAME_NUMBER, ""},
    {"x2", NAME_NUMBER, ""},       {"ans", NAME_RESULT, ""},
    {"v", NAME_ARRAY, ""},         {"w", NAME_ARRAY, ""},
    {"W", NAME_ARRAY, ""},         {"f", NAME_FUNCTION, "x y"},
    {"g", NAME_FUNCTION, "x"},     {"h", NAME_FUNCTION, "u"},
    {"pi", NAME_CONSTANT, ""},     {"e", NAME_CONSTANT, ""},
    {"inf", NAME_CONSTANT, ""},    {"nan", NAME_CONSTANT, ""},
    {"sin", NAME_BUILTIN, "x"},    {"cos", NAME_BUILTIN, "x"},
    {"sqrt", NAME_BUILTIN, "x"},   {"abs", NAME_BUILTIN, "x"},
    {"gamma", NAME_BUILTIN, "x"},  {"beta", NAME_BUILTIN, "x y"},
    {"min", NAME_BUILTIN, "x y"},  {"max", NAME_BUILTIN, "x y"},
    {"sum", NAME_BUILTIN, "x"},    {"prod", NAME_BUILTIN, "x"},
    {"vec", NAME_BUILTIN, "x"},    {"if", NAME_BUILTIN, "c x y"},
    {"mod", NAME_BUILTIN, "x y"},  {"floor", NAME_BUILTIN, "x"},
    {"exp", NAME_BUILTIN, "x"},    {"log", NAME_BUILTIN, "x"},
    {"random", NAME_BUILTIN, "x"}, {"transpose", NAME_BUILTIN, "x"},
    {"diff", NAME_BUILTIN, ""},
};

static const Known *known_find(Names *names, Name name) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, names_text(names, name)) == 0)
            return &known[i];
    return NULL;
}

static NameKind scope_kind(void *context, Name name) {
    const Known *k = known_find(context, name);
    return k ? k->kind : NAME_UNKNOWN;
}

static size_t scope_params(void *context, Name function, Name *out, size_t cap) {
    const Known *k = known_find(context, function);
    size_t count = 0;
    for (const char *p = k ? k->params : ""; *p; p += strspn(p, " ")) {
        size_t len = strcspn(p, " ");
        if (count < cap)
            out[count] = names_intern(context, p, len);
        count++;
        p += len;
    }
    return count;
}

static void scope_names(void *context, void (*each)(void *, const char *, NameKind), void *to) {
    (void)context;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        each(to, known[i].name, known[i].kind);
}

static void scope_methods(void *context, void (*each)(void *, const char *), void *to) {
    (void)context;
    static const char *const methods[] = {"gd",     "momentum", "adam", "lbfgs",
                                          "newton", "newtoncg", "slsqp"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++)
        each(to, methods[i]);
}

static Scope scope_for(Names *names) {
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        names_intern_str(names, known[i].name);
    return (Scope){names,
                   scope_kind,
                   scope_params,
                   scope_names,
                   scope_methods,
                   commands,
                   sizeof commands / sizeof *commands};
}

/* Messages may hold a " | " of their own. */
static void add_flat(Buf *out, const char *text) {
    for (; *text; text++)
        buf_char(out, *text == '|' ? '!' : *text);
}

/* Parses all of a text; trees, places of errors and echoes as in the table. */
static void read_all(const char *text, size_t len, Buf *out, Buf *echo) {
    Names *names = names_new();
    Scope scope = scope_for(names);
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Source source = {.text = text, .len = len, .first_line = 1};
    Parse *p = parse_new(&arena, names, &scope, &source, &diags);
    Statement s;
    size_t count = 0;
    while (parse_next(p, &s)) {
        buf_text(out, count++ ? " | " : "");
        if (s.tree) {
            assert_int_equal(diags.errors, 0);
            ast_print(out, names, s.tree);
            buf_text(out, s.silenced ? ";" : "");
        } else {
            size_t line, column;
            assert_int_equal(diags.errors, 1);
            source_place(&source, diags.item[0].span.start, &line, &column);
            buf_printf(out, "error %zu:%zu ", line, column);
            add_flat(out, diags.item[0].message);
            if (diags.item[0].hint) {
                buf_text(out, " [");
                add_flat(out, diags.item[0].hint);
                buf_text(out, "]");
            }
        }
        for (size_t i = 0; i < s.echo_count; i++)
            buf_printf(echo, "%s%s", echo->len == 0 ? "" : i ? ", " : "; ", s.echo[i]);
        arena_reset(&arena);
        diags_init(&diags, &arena);
    }
    if (count == 0)
        buf_text(out, "(empty)");
    parse_free(p);
    arena_done(&arena);
    names_free(names);
}

/* Resolves \n, \t and \\ in place. */
static size_t unescape(char *text) {
    char *to = text;
    for (char *p = text; *p; p++) {
        if (*p == '\\' && p[1]) {
            p++;
            *to++ = *p == 'n' ? '\n' : *p == 't' ? '\t' : *p;
        } else {
            *to++ = *p;
        }
    }
    *to = '\0';
    return (size_t)(to - text);
}

/* The same result?  Of "error 1:4 hint" only the place counts. */
static bool agrees(const char *want, const char *got) {
    while (*want || *got) {
        if (strncmp(want, "error ", 6) == 0 && strncmp(got, "error ", 6) == 0) {
            size_t place = 6 + strcspn(want + 6, " |");
            if (strncmp(want, got, place) != 0 || (got[place] && got[place] != ' '))
                return false;
            const char *next = strstr(want, " | "), *then = strstr(got, " | ");
            if (!next || !then)
                return !next && !then;
            want = next;
            got = then;
        }
        if (*want++ != *got++)
            return false;
    }
    return true;
}

static void test_cases(void **state) {
    (void)state;
    FILE *file = fopen("tests/grammar-cases.tsv", "r");
    assert_non_null(file);
    char line[4096];
    size_t number = 0, failed = 0;
    bool show = getenv("SHOW") != NULL;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = '\0';
        if (number++ == 0)
            continue;
        char *want = strchr(line, '\t');
        assert_non_null(want);
        *want++ = '\0';
        char *wanted_echo = strchr(want, '\t');
        assert_non_null(wanted_echo);
        *wanted_echo++ = '\0';
        char *bar = strstr(want, "this | is");
        if (bar)
            bar[5] = '!';
        char typed[4096];
        strcpy(typed, line);
        Buf out, echo;
        buf_init(&out);
        buf_init(&echo);
        read_all(line, unescape(line), &out, &echo);
        bool good = agrees(want, buf_str(&out)) && strcmp(wanted_echo, buf_str(&echo)) == 0;
        if (!good || (show && strstr(buf_str(&out), "error")))
            printf("%s  %zu: %s\n    wanted  %s   [%s]\n    got     %s   [%s]\n",
                   good ? "ok" : "FAILED", number, typed, want, wanted_echo, buf_str(&out),
                   buf_str(&echo));
        failed += !good;
        buf_done(&out);
        buf_done(&echo);
    }
    fclose(file);
    assert_int_equal(number, 506);
    assert_int_equal(failed, 0);
}

static void expect(const char *text, size_t len, const char *want) {
    Buf out, echo;
    buf_init(&out);
    buf_init(&echo);
    read_all(text, len, &out, &echo);
    if (!agrees(want, buf_str(&out)))
        printf("    %s\n    wanted  %s\n    got     %s\n", text, want, buf_str(&out));
    assert_true(agrees(want, buf_str(&out)));
    buf_done(&out);
    buf_done(&echo);
}

#define EXPECT(text, want) expect(text, sizeof(text) - 1, want)

static void test_bytes(void **state) {
    (void)state;
    EXPECT("x + \0y\n1", "error 1:5 | 1");
    EXPECT("x # \0 \xff\n1", "x | 1");
    EXPECT("x\0", "error 1:2");
    EXPECT("1 + \xff\n2", "error 1:5 | 2");
    EXPECT("\xe2\x88", "error 1:1");
    EXPECT("\"a\xff\"", "error 1:3");
    EXPECT("\xEF\xBB\xBF"
           "2x\n3",
           "(* 2 x) | 3");
    EXPECT("\xEF\xBB\xBF)", "error 1:1");
    EXPECT("2x\r\n3\r\n", "(* 2 x) | 3");
    EXPECT("x = 3 *\r\n4", "(let x (* 3 4))");
    EXPECT("2x\r3", "error 1:3");
    EXPECT("plot f > a.svg\r\nx", "(plot f (> \"a.svg\")) | x");
    EXPECT("help me\r\nx", "(help \"me\") | x");
    EXPECT("print \"a\\\"b\\\\\"", "(print \"a\\\"b\\\\\")");
    EXPECT("x \\", "error 1:3");
    EXPECT("x\xE2\x82\x82 = 3", "(let x2 3)");
    EXPECT("f\xE2\x80\xB3(x)", "(call (' (' f)) x)");
    EXPECT("", "(empty)");
    EXPECT("\n\n  \n", "(empty)");
}

static void test_more(void **state) {
    (void)state;
    EXPECT("2||v||", "(* 2 (norm v))");
    EXPECT("x^yz", "error 1:3");
    EXPECT("x/yz", "error 1:3");
    EXPECT("x/2^y z", "error 1:7");
    EXPECT("2*x/3*y", "(* (/ (* 2 x) 3) y)");
    EXPECT("(grad(x^2))(1,2)", "(call (grad (^ x 2)) 1 2)");
    EXPECT("dsin/dx", "(d sin x)");
    EXPECT("d17f/dx17", "error 1:1");
    EXPECT("d99999999999f/dx99999999999", "error 1:1");
    EXPECT("\xE2\x88\x82x", "error 1:1");
    EXPECT("set x = (1,2)\nset digits 5", "(set (= x (vec 1 2))) | (set (= digits 5))");
    EXPECT("sin^n(x)", "error 1:1");
    EXPECT("x(y=2)", "error 1:4");
    EXPECT("p(pi) = 3", "error 1:3");
    EXPECT("p(\n x,\n y) = x y", "(def p (x y) (* x y))");
    EXPECT("p(x", "error 1:4");
    EXPECT("[1,2;3,4", "error 1:9");
    EXPECT("rule r { x = x", "error 1:15");
    EXPECT("rule r {", "error 1:9");
    EXPECT("rule r { x = (x }\n2", "error 1:17 | 2");
    EXPECT("rule r { x = |x }\n2", "error 1:14 | 2");
    EXPECT("rule r { x = x @ 3\n y = 2 }\n2", "error 1:16 | 2");
    EXPECT("f(x) = (\n1 +\n2)", "(def f (x) (+ 1 2))");
    EXPECT("sum(i=1..3, i) + i", "(+ (call sum (= i (.. 1 3)) i) i)");
    EXPECT("q = grad f(1,2)\nq(x+1)", "(let q (call (grad f) 1 2)) | error 2:1");
    EXPECT("q = grad f\nq(1,2)", "(let q (grad f)) | (call q 1 2)");
    EXPECT("where", "where");
    EXPECT("min f by", "error 1:9");
    EXPECT("race f : gd, ", "error 1:13");
    EXPECT("sweep lr=1..2 log : min f", "(sweep (= lr (log (.. 1 2))) (: (min f)))");
    EXPECT("sweep lr=1..2 : x", "error 1:17");
    EXPECT("print 1; print 2", "(print 1); | (print 2)");
    EXPECT("x = (1; 2)\n3", "error 1:7 | 3");
    EXPECT("x = {", "error 1:5");
    EXPECT("}", "error 1:1");
    EXPECT("a ? b : c ? x : y", "(if a b (if c x y))");
    EXPECT("check x y = 2", "(check x (= y 2))");
    EXPECT("rule r(a=) {\n x = 1\n}\n2", "error 1:10 | 2");
    EXPECT("check (x-1)(x+1) = x^2 - 1", "(check (= (* (- x 1) (+ x 1)) (- (^ x 2) 1)))");
    EXPECT("check (x+1)^2 = x^2", "(check (= (^ (+ x 1) 2) (^ x 2)))");
    EXPECT("check(x+1) = x + 1", "(check (= (+ x 1) (+ x 1)))");
    EXPECT("help", "(help)");
    EXPECT("print", "(print)");
}

/* Text made of `before`, count times `middle`, `after`, and once more `between` and `close`. */
static char *repeat(const char *open, size_t count, const char *between, const char *close) {
    size_t a = strlen(open), b = strlen(between), c = strlen(close);
    char *res = malloc(count * (a + c) + b + 1), *p = res;
    for (size_t i = 0; i < count; i++, p += a)
        memcpy(p, open, a);
    memcpy(p, between, b);
    p += b;
    for (size_t i = 0; i < count; i++, p += c)
        memcpy(p, close, c);
    *p = '\0';
    return res;
}

static void expect_deep(const char *open, const char *between, const char *close) {
    char *text = repeat(open, 100000, between, close);
    Buf out, echo;
    buf_init(&out);
    buf_init(&echo);
    read_all(text, strlen(text), &out, &echo);
    if (!strstr(buf_str(&out), "nested too deeply"))
        printf("    %.20s...: %.200s\n", open, buf_str(&out));
    assert_non_null(strstr(buf_str(&out), "nested too deeply"));
    buf_done(&out);
    buf_done(&echo);
    free(text);
}

static void test_deep(void **state) {
    (void)state;
    expect_deep("(", "x", ")");
    expect_deep("(", "", "");
    expect_deep("(\n", "", "");
    expect_deep("[", "x", "]");
    expect_deep("-", "x", "");
    expect_deep("not ", "x", "");
    expect_deep("2^", "x", "");
    expect_deep("\xE2\x88\x9A", "x", "");
    expect_deep("x ? 1 : ", "x", "");
    expect_deep("x ? ", "x", " : 1");
    expect_deep("sin(", "x", ")");
    expect_deep("|", "x", "|");
    expect_deep("grad ", "f", "");
    expect_deep("v[", "1", "]");
    expect_deep("1+(", "x", ")");
    expect_deep("sweep a=1..2 : ", "min f", "");
    char *text = repeat("(", 1000, "x", ")");
    Buf out, echo;
    buf_init(&out);
    buf_init(&echo);
    read_all(text, strlen(text), &out, &echo);
    assert_string_equal(buf_str(&out), "x");
    buf_done(&out);
    buf_done(&echo);
    free(text);
}

static void *long_sum(void *ignored) {
    (void)ignored;
    char *text = repeat("x + ", 200000, "y", "");
    Buf out, echo;
    buf_init(&out);
    buf_init(&echo);
    read_all(text, strlen(text), &out, &echo);
    size_t plus = 0;
    for (size_t i = 0; i < out.len; i++)
        plus += out.text[i] == '+';
    bool good = plus == 200000 && strncmp(out.text, "(+ (+ (+ ", 9) == 0;
    buf_done(&out);
    buf_done(&echo);
    free(text);
    return good ? "good" : NULL;
}

/* Depth of trees costs no stack: 256 KiB are enough. */
static void test_long(void **state) {
    (void)state;
    pthread_attr_t attr;
    pthread_t thread;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 256 * 1024);
    assert_int_equal(pthread_create(&thread, &attr, long_sum, NULL), 0);
    void *res = NULL;
    pthread_join(thread, &res);
    pthread_attr_destroy(&attr);
    assert_non_null(res);
}

static bool complete(const char *text) {
    Names *names = names_new();
    Scope scope = scope_for(names);
    bool res = parse_is_complete(names, &scope, text, strlen(text));
    names_free(names);
    return res;
}

static void test_complete(void **state) {
    (void)state;
    static const char *const whole[] = {
        "",      "x",     "x + 1\n",          "f(x) = x^2",       "(1 + 2]",
        "x = )", "check", "min f from (3,4)", "rule r { x = x }", "rule r {\n x = x\n}",
        "1 # (", "|x",    "print \"(\"",      "a = 1; b = a",     "plot f >",
        "\n"};
    static const char *const open[] = {"(",
                                       "x +",
                                       "f(x) =",
                                       "f(x,",
                                       "min f from",
                                       "x = [1,\n",
                                       "rule r {",
                                       "rule r(a=1)",
                                       "rule r {\n x = x\n",
                                       "a ? b",
                                       "min f \\",
                                       "min f \\\n",
                                       "x = 1; y = (",
                                       "1 +\n\n",
                                       "race f :",
                                       "sum(i=1..3,",
                                       "not",
                                       "|x +"};
    for (size_t i = 0; i < sizeof whole / sizeof *whole; i++) {
        if (!complete(whole[i]))
            printf("    not complete: %s\n", whole[i]);
        assert_true(complete(whole[i]));
    }
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (complete(open[i]))
            printf("    complete: %s\n", open[i]);
        assert_false(complete(open[i]));
    }
}

static void note(void *to, const Expect *what) {
    static const char *const kind[] = {"command", "name",   "clause",        "flag",
                                       "option",  "method", "method option", "setting",
                                       "value",   "file",   "topic",         "symbol"};
    buf_printf(to, "{%s %s}", kind[what->kind], what->word);
}

static void offers(const char *text, const char *with, const char *without) {
    Names *names = names_new();
    Scope scope = scope_for(names);
    Buf out;
    buf_init(&out);
    parse_expected(names, &scope, text, strlen(text), note, &out);
    if (!strstr(buf_str(&out), with) || (*without && strstr(buf_str(&out), without)))
        printf("    %s: %s\n", text, buf_str(&out));
    assert_non_null(strstr(buf_str(&out), with));
    assert_true(*without == '\0' || !strstr(buf_str(&out), without));
    buf_done(&out);
    names_free(names);
}

static void test_expected(void **state) {
    (void)state;
    offers("", "{command min}", "{clause");
    offers("", "{name sin}", "{method");
    offers("x + ", "{name sin}", "{command");
    offers("x = ", "{name y}", "{command");
    offers("min ", "{name f}", "{command");
    offers("min f ", "{clause from}", "{name");
    offers("min f ", "{option min}", "{command");
    offers("min f ", "{flag escape}", "{command");
    offers("min f from (3,4) by ", "{method adam}", "{name");
    offers("min f from (3,4) by gd ", "{method option gd}", "{name");
    offers("min f from (3,4) by gd(", "{method option gd}", "{command");
    offers("race f : ", "{method gd}", "{name");
    offers("race f : gd lr=1, ", "{method gd}", "{name");
    offers("race f : gd lr=1 ", "{method option gd}", "{command");
    offers("set ", "{setting }", "{command");
    offers("set format ", "{value format}", "{setting");
    offers("min f search=", "{value search}", "{clause");
    offers("load ", "{file load}", "{name");
    offers("plot f > ", "{file plot}", "{name");
    offers("help ", "{topic help}", "{name");
    offers("(x", "{symbol )}", "{command");
    offers("a = 3; ", "{command min}", "{clause");
    offers("f(x) = (", "{name x}", "{command");
    offers("sweep a=1..2 : ", "{command min}", "{clause");
}

static void test_expression(void **state) {
    (void)state;
    Names *names = names_new();
    Scope scope = scope_for(names);
    Arena arena;
    arena_init(&arena);
    static const char *const cases[][2] = {
        {"1/cosh(x)^2", "(/ 1 (^ (call cosh x) 2))"},
        {"-x/(x^2 + y^2)", "(/ (- x) (+ (^ x 2) (^ y 2)))"},
        {"x != 0 or y != 0", "(or (rel x != 0) (rel y != 0))"},
        {"- 3", "(- 3)"},
        {"step", "step"},
        {"t1 where t1 = x", "(where t1 (= t1 x))"},
        {"x = 3", NULL},
        {"x; y", NULL},
        {"x\ny", NULL},
        {"", NULL},
        {"  # nothing", NULL},
        {"(x", NULL},
        {"x\n@", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        Diags diags;
        diags_init(&diags, &arena);
        Ast *tree =
            parse_expression(&arena, names, &scope, cases[i][0], strlen(cases[i][0]), &diags);
        Buf out;
        buf_init(&out);
        if (tree)
            ast_print(&out, names, tree);
        assert_int_equal(diags.errors, cases[i][1] ? 0 : 1);
        assert_string_equal(buf_str(&out), cases[i][1] ? cases[i][1] : "");
        buf_done(&out);
        arena_reset(&arena);
    }
    arena_done(&arena);
    names_free(names);
}

static void test_forget(void **state) {
    (void)state;
    Names *names = names_new();
    Scope scope = scope_for(names);
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    const char *text = "k(q) = q; k(3); dk/dq; k(3)(4)";
    Source source = {.text = text, .len = strlen(text), .first_line = 1};
    Parse *p = parse_new(&arena, names, &scope, &source, &diags);
    Statement s;
    assert_true(parse_next(p, &s));
    parse_forget(p);
    assert_true(parse_next(p, &s)); /* a call of an unknown function */
    assert_non_null(s.tree);
    assert_true(parse_next(p, &s));
    assert_int_equal(s.tree->kind, AST_DIV);
    parse_free(p);
    arena_done(&arena);
    names_free(names);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cases),    cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_more),     cmocka_unit_test(test_deep),
        cmocka_unit_test(test_long),     cmocka_unit_test(test_complete),
        cmocka_unit_test(test_expected), cmocka_unit_test(test_expression),
        cmocka_unit_test(test_forget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
