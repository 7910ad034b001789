/* assert: a condition that must hold; with `within` two values close to each other, with `shows` a
 * value that prints as the digits given. */
#include <ctype.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "repl/command.h"
#include "repl/json.h"
#include "repl/show_value.h"

static bool same_shape(Task *t, const Value *a, const Value *b) {
    if (a->rank == b->rank && a->count == b->count && (a->rank < 2 || a->dim[0] == b->dim[0]))
        return true;
    diag_error(t->diags, t->tree->kids[0]->span, NULL,
               "the two sides differ in shape: %zu and %zu number%s", a->count, b->count,
               b->count == 1 ? "" : "s");
    return false;
}

static void fail(Task *t, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A failed assertion is no error: the script goes on and the exit status tells. */
static void fail(Task *t, const char *format, ...) {
    va_list args;
    char line[400];
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    t->in->outcome |= OUTCOME_FAILED;
    Span span = t->tree->kids[0]->span;
    buf_printf(&t->report->text, "ASSERTION FAILED  line %zu: %.*s\n", t->report->line,
               (int)(span.end - span.start), t->source->text + span.start);
    if (line[0]) buf_printf(&t->report->text, "  %s\n", line);
    t->report->silenced = false;
    if (line[0]) json_string(&t->report->json, "reason", line);
}

static void number_text(char *out, size_t size, double value) {
    Buf b;
    buf_init(&b);
    buf_double(&b, value);
    snprintf(out, size, "%s", buf_str(&b));
    buf_done(&b);
}

static void place_text(char *out, size_t size, const Value *v, size_t i) {
    if (v->rank == 0)
        out[0] = '\0';
    else
        snprintf(out, size, "element %zu: ", i + 1);
}

/* ---- A == B within T ---- */

static bool assert_within(Task *t, const Ast *item, const Ast *clause) {
    if (item->kind != AST_REL || item->count != 2 || item->ops[0] != REL_EQ || clause->count != 1) {
        diag_error(t->diags, item->span, "for example assert f(3) == 2.385 within 1e-8",
                   "within needs A == B before it");
        return false;
    }
    double most;
    Value a, b;
    if (!evaluate_number(t, clause->kids[0], &most)) return false;
    if (!evaluate_tree(t, item->kids[0], &a, NULL)) return false;
    bool passed = true, both = evaluate_tree(t, item->kids[1], &b, NULL), res = both && same_shape(t, &a, &b);
    if (res) {
        for (size_t i = 0; i < a.count && passed; i++) {
            double gap = fabs(a.data[i] - b.data[i]);
            passed = gap <= most || (isinf(a.data[i]) && a.data[i] == b.data[i]);
            if (passed) continue;
            char left[40], right[40], gap_text[40], place[40];
            number_text(left, sizeof left, a.data[i]);
            number_text(right, sizeof right, b.data[i]);
            number_text(gap_text, sizeof gap_text, gap);
            place_text(place, sizeof place, &a, i);
            fail(t, "%s%s and %s are %s apart", place, left, right, gap_text);
        }
    }
    json_bool(&t->report->json, "passed", passed);
    value_done(&a);
    if (both) value_done(&b);
    return res;
}

/* ---- A shows DIGITS ---- */

/* Does the value, rounded to as many digits as the literal has, equal it?  The
 * literal 2.46046384e-98 has nine digits; 0.08435156 has eight decimals. */
static bool shows_literal(double value, bool negative, const char *text, size_t len) {
    char plain[80], shown[80];
    if (len + 2 > sizeof plain) return false;
    snprintf(plain, sizeof plain, "%s%.*s", negative ? "-" : "", (int)len, text);
    const char *point = strchr(plain, '.'), *exponent = strpbrk(plain, "eE");
    const char *end = exponent ? exponent : plain + strlen(plain);
    int decimals = point && point < end ? (int)(end - point - 1) : 0;
    if (exponent)
        snprintf(shown, sizeof shown, "%.*e", decimals, value);
    else
        snprintf(shown, sizeof shown, "%.*f", decimals, value);
    return strtod(shown, NULL) == strtod(plain, NULL);
}

static bool assert_literal(Task *t, const Ast *want, double value, size_t i, const Value *v,
                           bool *passed) {
    bool negative = want->kind == AST_NEG;
    const Ast *number = negative ? want->kids[0] : want;
    if (number->kind != AST_NUMBER) {
        diag_error(t->diags, want->span, "for example shows 2.70735828",
                   "shows takes numbers as they are printed");
        return false;
    }
    if (!*passed || shows_literal(value, negative, number->text, number->len)) return true;
    *passed = false;
    char got[40], place[40];
    number_text(got, sizeof got, value);
    place_text(place, sizeof place, v, i);
    fail(t, "%sit is %s, which does not show as %s%.*s", place, got, negative ? "-" : "",
         (int)number->len, number->text);
    return true;
}

static bool assert_shows(Task *t, const Ast *item, const Ast *clause) {
    Value v;
    if (!evaluate_tree(t, item, &v, NULL)) return false;
    bool res = true, passed = true;
    const Ast *want = clause->kids[0];
    size_t at = 0;
    if (want->kind != AST_VEC) {
        res = v.rank == 0 || clause->count == v.count;
        for (size_t i = 0; i < clause->count && res; i++)
            res = assert_literal(t, clause->kids[i], v.data[at++], i, &v, &passed);
    } else {
        bool rows = want->count > 0 && want->kids[0]->kind == AST_VEC;
        size_t columns = rows ? want->kids[0]->count : 1;
        res = want->count * columns == v.count;
        for (size_t i = 0; i < want->count && res; i++)
            for (size_t j = 0; j < columns && res; j++) {
                const Ast *one = !rows                      ? want->kids[i]
                                 : j < want->kids[i]->count ? want->kids[i]->kids[j]
                                                            : NULL;
                res = one && assert_literal(t, one, v.data[at], at, &v, &passed);
                at++;
            }
    }
    if (!res && t->diags->errors == 0)
        diag_error(t->diags, clause->span, NULL,
                   "the value has %zu number%s, another shape than what it is to show", v.count,
                   v.count == 1 ? "" : "s");
    json_bool(&t->report->json, "passed", passed);
    value_done(&v);
    return res;
}

/* ---- a condition ---- */

static void say_sides(Task *t, const Ast *item) {
    Value a, b;
    if (item->kind != AST_REL || item->count != 2 || !evaluate_tree(t, item->kids[0], &a, NULL)) {
        fail(t, "%s", "");
        return;
    }
    if (!evaluate_tree(t, item->kids[1], &b, NULL)) {
        value_done(&a);
        return;
    }
    Buf line;
    buf_init(&line);
    buf_text(&line, "left: ");
    show_value(&line, &a, 0);
    buf_text(&line, "   right: ");
    show_value(&line, &b, 0);
    fail(t, "%s", buf_str(&line));
    buf_done(&line);
    value_done(&a);
    value_done(&b);
}

static bool assert_condition(Task *t, const Ast *item) {
    Value v;
    if (!evaluate_tree(t, item, &v, NULL)) return false;
    bool passed = true;
    for (size_t i = 0; i < v.count; i++) passed = passed && v.data[i] != 0 && !isnan(v.data[i]);
    value_done(&v);
    if (!passed) say_sides(t, item);
    json_bool(&t->report->json, "passed", passed);
    return t->diags->errors == 0;
}

static bool assert_run(Task *t) {
    t->report->kind = "assert";
    if (command_items(t->tree) != 1) {
        diag_error(t->diags, t->tree->span, "for example assert f(3) == 2.385 within 1e-8",
                   "assert takes one condition");
        return false;
    }
    const Ast *item = t->tree->kids[0];
    const Ast *within = command_clause(t->tree, "within", t->in->names);
    const Ast *shows = command_clause(t->tree, "shows", t->in->names);
    if (within && shows) {
        diag_error(t->diags, shows->span, NULL, "within and shows do not go together");
        return false;
    }
    if (within) return assert_within(t, item, within);
    if (shows) return assert_shows(t, item, shows);
    return assert_condition(t, item);
}

const Command command_assert = {
    .name = "assert",
    .usage = "assert COND | assert A == B within TOL | assert A shows DIGITS",
    .summary = "fails the script, in the end, unless the condition holds",
    .detail =
        "within: each element of A is at most TOL away from that of B.\n"
        "shows: A rounds to the digits written. A failed assertion is no error: the script goes on,\n"
        "and the exit status is 3.",
    .clauses = "within shows",
    .flags = "",
    .run = assert_run,
    .examples = {"assert 2 + 2 == 4", "assert sqrt(2) == 1.4142 within 1e-4",
                 "assert sqrt(2) shows 1.41421", "assert [1/3, 1e-98/3] shows (0.333, 3.33e-99)"},
};
