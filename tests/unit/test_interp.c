/* The interpreter as an object: values, definitions, redefinition, undo, errors, formats, status.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "repl/command.h"
#include "repl/complete.h"
#include "repl/help.h"
#include "repl/history.h"
#include "repl/json.h"
#include "repl/show_value.h"

/* Runs a text and compares what it wrote to standard output. */
static void says(Interp *in, const char *text, const char *wanted) {
    buf_clear(&in->out);
    buf_clear(&in->err);
    interp_run_text(in, "test", text, strlen(text), 1);
    assert_string_equal(buf_str(&in->out), wanted);
}

static bool err_has(Interp *in, const char *text) {
    return strstr(buf_str(&in->err), text) != NULL;
}

static void test_values(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "0.731 + 2", "2.731\n");
    says(in, "(1, 2.5)", "(1, 2.5)\n");
    says(in, "[1, 2; 3, 4.5]", "[1, 2; 3, 4.5]\n");
    says(in, "[[1, 2]]", "[[1, 2]]\n");
    says(in, "vec(i=1..25, i)", "(1, 2, 3, 4, 5, 6, ..., 23, 24, 25)  25 numbers\n");
    says(in, "a = 3; b = 4; a + b", "7\n");
    says(in, "a += 0.5", "a = 3.5\n");
    says(in, "ans", "7\n");
    assert_int_equal(interp_status(in), 0);
    interp_free(in);
}

static void test_definitions(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "f(x,y) = (1.5-x+xy)^2",
         "f: 2 variables, polynomial, smooth everywhere        (read xy as x*y)\n");
    says(in, "f(0.731, 2.385)", "6.312329629225\n");
    says(in, "grad f(3,4)", "(63, 63)\n");
    says(in, "show f", "f(x,y) = (1.5-x+xy)^2\n");
    says(in, "g(t) = f(t, 2t)", "g: 1 variable, polynomial, smooth everywhere\n");
    says(in, "f(x,y) = x + y", "f: 2 variables, polynomial, smooth everywhere\nalso changes: g\n");
    says(in, "g(0.5)", "1.5\n");
    interp_free(in);
}

static void test_shape_changes(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "a = 2; k(x) = a*x;", "");
    says(in, "a = (1, 2, 3);", "");
    says(in, "k(2)", "(2, 4, 6)\n");
    says(in, "f(x) = x; g(x) = f(x) + 1; f(x,y) = x*y;", "");
    buf_clear(&in->err);
    says(in, "g(2)", "");
    assert_true(err_has(in, "error"));
    interp_free(in);
}

static void test_undo(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "f(x) = x; f(x) = 2x; undo; f(3)", "3\n");
    says(in, "a = 1; a = 2; undo; a", "1\n");
    says(in, "undo; undo; vars", "nothing is defined yet; for example f(x,y) = (x-1)^2 + y^2\n");
    says(in, "set digits 3; undo; 2/3", "0.6666666666666666\n");
    says(in, "undo", "");
    assert_true(err_has(in, "nothing to take back"));
    interp_free(in);
}

static void test_errors(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "1\n3 * / 2\n2", "1\n");
    assert_true(err_has(in, "test:2:5: error:"));
    assert_int_equal(interp_status(in), 1);
    in->keep_going = true;
    says(in, "3 * / 2\n2", "2\n");
    says(in, "f(x) = f(x) + 1", "");
    assert_true(err_has(in, "would never end"));
    says(in, "a(x) = x; b(x) = a(x); a(x) = b(x)", "");
    assert_true(err_has(in, "by way of b"));
    says(in, "fact(n) = n <= 1 ? 1 : n*fact(n-1); fact(10)", "3628800\n");
    says(in, "minimize f", "");
    assert_true(err_has(in, "in plumb: min f"));
    says(in, "sweep f", "");
    assert_true(err_has(in, "this version has no command sweep"));
    interp_free(in);
}

static void test_json(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "set format json;",
         "{\"line\":1,\"kind\":\"set\",\"name\":\"format\",\"value\":\"json\"}\n");
    says(
        in, "1;\n\n0/0",
        "{\"line\":1,\"kind\":\"value\",\"value\":1}\n"
        "{\"line\":3,\"kind\":\"value\",\"value\":\"NaN\",\"notes\":[\"NaN: 0/0 divides 0 by 0\"]}\n");
    says(in, "3 +* 2",
         "{\"line\":1,\"kind\":\"error\",\"message\":\"unexpected '*'; expected a value\","
         "\"column\":4,\"length\":1}\n");
    says(in, "print \"a\\\"b\", (1,2)",
         "{\"line\":1,\"kind\":\"print\",\"items\":[\"a\\\"b\",[1,2]]}\n");
    interp_free(in);
}

static void test_assert_shows(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "assert 2.7073582841 shows 2.70735828", "");
    says(in, "assert 2.4604638443e-98 shows 2.46046384e-98", "");
    says(in, "assert (-0.0843515596, 25) shows (-0.08435156, 25)", "");
    assert_int_equal(interp_status(in), 0);
    interp_run_text(in, NULL, "assert 2.70735827 shows 2.70735828", 34, 1);
    assert_int_equal(interp_status(in), 3);
    interp_free(in);
}

static void test_two_side_by_side(void **state) {
    (void)state;
    Interp *a = interp_new(NULL), *b = interp_new(NULL);
    says(a, "x = 0.731", "x = 0.731\n");
    says(b, "x", "");
    assert_true(err_has(b, "not a known name"));
    says(a, "x", "0.731\n");
    interp_free(a);
    interp_free(b);
}

static void test_random_is_seeded(void **state) {
    (void)state;
    Interp *a = interp_new(NULL), *b = interp_new(NULL);
    says(a, "v = random(3);", "");
    says(b, "set seed 1; w = 2*random(3)/2;", "");
    Value *v = &defs_variable(a->defs, names_find(a->names, "v", 1))->value;
    Value *w = &defs_variable(b->defs, names_find(b->names, "w", 1))->value;
    assert_int_equal(v->count, 3);
    for (size_t i = 0; i < 3; i++) assert_true(v->data[i] == w->data[i] && v->data[i] < 1);
    interp_free(a);
    interp_free(b);
}

static bool offers(Interp *in, const char *before, const char *prefix, const char *word) {
    Completions c;
    complete_words(in, before, strlen(before), prefix, &c);
    bool res = false;
    for (size_t i = 0; i < c.count; i++) res = res || strcmp(c.word[i], word) == 0;
    completions_done(&c);
    return res;
}

static void test_completion(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    says(in, "f(x) = x^2; my_name = 3;", "");
    assert_true(offers(in, "1 + ", "sigm", "sigmoid("));
    assert_true(offers(in, "1 + ", "my", "my_name"));
    assert_true(offers(in, "", "asse", "assert"));
    assert_true(offers(in, "min f ", "fr", "from"));
    assert_true(offers(in, "min f from 2 by ", "mo", "momentum"));
    assert_true(offers(in, "min f from 2 by gd ", "l", "lr="));
    assert_true(offers(in, "set ", "dig", "digits"));
    assert_true(offers(in, "set format ", "j", "json"));
    assert_true(offers(in, "help ", "juxta", "juxtaposition"));
    assert_false(offers(in, "1 + ", "asse", "assert"));
    interp_free(in);
}

/* Every example of a command's row and of a topic runs without an error. */
static void run_examples(const char *what, const char *const *example, size_t most) {
    Interp *in = interp_new(NULL);
    interp_run_text(in, NULL, "f(x,y) = (x-1)^2 + x*y^2;", 25, 1);
    for (size_t i = 0; i < most && example[i]; i++) {
        buf_clear(&in->err);
        interp_run_text(in, what, example[i], strlen(example[i]), 1);
        if (in->outcome & OUTCOME_ERROR)
            print_error("%s: %s\n%s", what, example[i], buf_str(&in->err));
        assert_false(in->outcome & OUTCOME_ERROR);
    }
    interp_free(in);
}

static void test_examples(void **state) {
    (void)state;
    for (size_t i = 0; i < command_count; i++) {
        const Command *c = command_list[i];
        assert_true(c->name && c->usage && c->summary && c->run && c->examples[0]);
        bool files = (c->traits & COMMAND_FILE) != 0; /* these write into the folder */
        if (!files) run_examples(c->name, c->examples, COMMAND_EXAMPLES);
    }
    for (size_t i = 0; i < help_topic_count; i++)
        run_examples(help_topic_list[i].name, help_topic_list[i].examples, 8);
}

/* docs/json.md names every kind and every key that is written. */
static void test_json_page(void **state) {
    (void)state;
    static const char text[] =
        "set format json\nf(x,y) = (x-1)^2 + x*y^2\na = 3\na + 1\n[1,2;3,4]\ngrad f\nsin\nat f(1,2)\n"
        "check f\nv(x) = 1e20 + x^2\ncheck v at 3\ncheck df/dx = 2(x-1) + y\ncheck df/dy = 2x*y\nmin f from (1,2) by gd lr=0.1 steps=5\n"
        "assert a == 3\nassert a == 4\nprint a\nshow f\nshow adam\nshow limits\nvars\nset digits 5\n"
        "rule r(lr=0.1) { x -= lr*g }\nexplain df/dx\nexport f as latex\nhelp at\nf(3)\n1/0\nundo\n";
    char page[40000];
    FILE *file = fopen("docs/json.md", "rb");
    assert_non_null(file);
    size_t len = fread(page, 1, sizeof page - 1, file);
    page[len] = '\0';
    fclose(file);
    Interp *in = interp_new(NULL);
    in->keep_going = true;
    interp_run_text(in, "page", text, strlen(text), 1);
    size_t missing = 0;
    for (const char *at = buf_str(&in->out); (at = strchr(at, '"')); at++) {
        size_t n = strcspn(at + 1, "\"\\");
        bool kind = 8 < at - buf_str(&in->out) && memcmp(at - 7, "\"kind\":", 7) == 0;
        bool key = at[n + 1] == '"' && at[n + 2] == ':' && (at[-1] == '{' || at[-1] == ',');
        char word[100], bold[100], quoted[100];
        if ((kind || key) && n < 60) {
            snprintf(word, sizeof word, "`%.*s`", (int)n, at + 1);
            snprintf(bold, sizeof bold, "**%.*s**", (int)n, at + 1);
            snprintf(quoted, sizeof quoted, "\"%.*s\"", (int)n, at + 1);
            if (!strstr(page, word) && !strstr(page, bold) && !strstr(page, quoted)) {
                print_error("docs/json.md lacks %s %s\n", kind ? "kind" : "key", word);
                missing++;
            }
        }
        at += n + 1;
        if (!*at) break;
    }
    interp_free(in);
    assert_int_equal(missing, 0);
}

/* A word that plumb itself knows would never be looked up. */
static void test_foreign(void **state) {
    (void)state;
    static const char *const words[] = {
#define FOREIGN(word, form) #word,
#define LATER(word, form) #word,
#include "repl/foreign.def"
#undef FOREIGN
#undef LATER
    };
    Interp *in = interp_new(NULL);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        bool known = in->scope.kind(in, names_intern_str(in->names, words[i])) != NAME_UNKNOWN;
        if (known || command_row(words[i])) print_error("%s is a word of plumb\n", words[i]);
        assert_false(known || command_row(words[i]));
    }
    interp_free(in);
}

static void give_text(void *to, const char *text) { buf_printf(to, "%s|", text); }

static void test_history(void **state) {
    (void)state;
    char folder[] = "/tmp/plumb-history-XXXXXX";
    assert_non_null(mkdtemp(folder));
    Buf path, all;
    buf_init(&path);
    buf_init(&all);
    buf_printf(&path, "%s/deeper/history", folder);
    assert_true(history_append(buf_str(&path), "a = 1", 5));
    assert_true(history_append(buf_str(&path), "b = \\\n2", 7));
    history_load(buf_str(&path), give_text, &all);
    assert_string_equal(buf_str(&all), "a = 1|b = \\\n2|");
    struct stat st;
    assert_int_equal(stat(buf_str(&path), &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    unlink(buf_str(&path));
    path.text[strlen(folder) + 7] = '\0';
    rmdir(path.text);
    rmdir(folder);
    buf_done(&path);
    buf_done(&all);
}

/* What save writes gives the same definitions back, with their values to the last bit. */
static void test_save_and_load(void **state) {
    (void)state;
    char path[] = "/tmp/plumb-save-XXXXXX";
    int fd = mkstemp(path);
    assert_true(0 <= fd);
    close(fd);
    Interp *a = interp_new(NULL), *b = interp_new(NULL);
    says(a, "f(x,y) = xy; g(t) = h0 + t where h0 = 2; v = (0.1, 1/3); m = [[1, 2]];", "");
    says(a, "c = 1/3; k(x) = f(x, c) + c; f(x,y) = 2xy; xy = 5; rule r(lr=0.1) { x -= lr*g };", "");
    Buf text;
    buf_init(&text);
    buf_printf(&text, "save \"%s\"", path);
    interp_run_text(a, NULL, buf_str(&text), text.len, 1);
    buf_clear(&text);
    buf_printf(&text, "load \"%s\"", path);
    says(b, buf_str(&text), "");
    assert_int_equal(interp_status(b), 0);
    says(a, "k(0.731)", "0.8206666666666667\n");
    says(b, "k(0.731)", "0.8206666666666667\n");
    says(b, "f(2, 3)", "12\n");
    says(b, "v", "(0.1, 0.3333333333333333)\n");
    says(b, "m", "[[1, 2]]\n");
    says(b, "show r", "rule r(lr=0.1) { x -= lr*g }\n");
    unlink(path);
    buf_done(&text);
    interp_free(a);
    interp_free(b);
}

static void count_topic(void *to, const char *name) {
    Interp *in = to;
    Buf text;
    buf_init(&text);
    const char *near;
    if (!help_on(in, name, &text, &near)) print_error("no help on %s\n", name);
    assert_true(text.len > 0);
    buf_done(&text);
}

static void test_help(void **state) {
    (void)state;
    Interp *in = interp_new(NULL);
    help_topics(in, count_topic, in);
    Buf text;
    buf_init(&text);
    help_overview(in, &text);
    assert_true(text.len > 200);
    buf_done(&text);
    interp_free(in);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),           cmocka_unit_test(test_definitions),
        cmocka_unit_test(test_shape_changes),    cmocka_unit_test(test_undo),
        cmocka_unit_test(test_errors),           cmocka_unit_test(test_json),
        cmocka_unit_test(test_assert_shows),     cmocka_unit_test(test_two_side_by_side),
        cmocka_unit_test(test_random_is_seeded), cmocka_unit_test(test_completion),
        cmocka_unit_test(test_json_page), cmocka_unit_test(test_examples),         cmocka_unit_test(test_help),
        cmocka_unit_test(test_foreign),          cmocka_unit_test(test_history),
        cmocka_unit_test(test_save_and_load),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
