/* The catalogue of claims written by hand (tests/catalogue): what is right in another form is proved,
 * what is wrong by one slip is refuted, and the slip is found where it was made.  Tells the figures;
 * a second catalogue, written after the code, is held to no wrong verdict and its figures are told. */
#include <ctype.h>

#include "tests/unit/catalogue.h"

typedef enum Form { EXPANDED, FACTORED, TRIGONOMETRIC, HYPERBOLIC, LOGARITHMIC, ROOTS, POWERS, SUMS, SPECIAL, FORMS } Form;
typedef enum SlipKind { INNER, SIGN, TERM, EXPONENT, QUOTIENT, FACTOR, VARIABLE, MIXED, INTEGRAL, NAME, SLIPS } SlipKind;
static const char *const form_name[] = {"expanded", "factored", "trigonometric", "hyperbolic", "logarithmic", "roots",
                                        "powers", "sums", "special"};
static const char *const slip_name[] = {"lost inner derivative", "sign", "lost term", "exponent", "quotient", "lost factor",
                                        "wrong variable", "mixed up", "integrated", "name or number"};

typedef struct Row {
    const char *definition, *left;
    Form form;
    const char *how, *right;
    SlipKind slip;
    const char *wrong;
} Row;

#define ROW(...) {__VA_ARGS__},
static const Row first[] = {
#include "tests/catalogue/claims.def"
};
static const Row second[] = {
#include "tests/catalogue/second.def"
};
#undef ROW

/* A wrong claim as it is typed, with the slip at from..to, and as it would be right. */
typedef struct Marked {
    char written[600], right[600];
    long from, to;
    bool factor; /* what is lost is a factor: the place is the term that lacks it */
    bool term;   /* what is lost is a term: the place is anywhere in the sum that lacks it */
} Marked;

static Marked read_mark(const char *text) {
    Marked m = {.from = -1};
    size_t w = 0, r = 0;
    int side = 0; /* 1 what is written, 2 what is right */
    size_t start = 0;
    for (; *text; text++) {
        assert_true(w + 1 < sizeof m.written && r + 1 < sizeof m.right);
        if (*text == '{' && m.from < 0) {
            m.from = (long)w;
            side = 1;
        } else if (*text == '|' && side == 1) {
            m.to = (long)w;
            start = r;
            side = 2;
        } else if (*text == '}' && side == 2) {
            m.factor = m.from == m.to && start < r && (strchr("*/", m.right[start]) || m.right[r - 1] == '*');
            m.term = m.from == m.to && start < r && (strchr(" +-", m.right[start]) || m.right[r - 1] == ' ');
            side = 3;
        } else {
            if (side != 2)
                m.written[w++] = *text;
            if (side != 1)
                m.right[r++] = *text;
        }
    }
    if (side != 3)
        fail_msg("%s: no mark {written|right}", m.written);
    return m;
}

/* What surrounds from..to: the innermost term of a sum (both terms beside an operator), or the whole sum. */
static void surrounding(const char *text, long from, long to, bool whole, long *lo, long *hi) {
    int depth = 0;
    long at = from, end = (long)strlen(text);
    bool beside = from < to && 0 < from && strchr("+-", text[from]) != NULL;
    for (; 0 < at; at--) {
        char c = text[at - 1];
        bool operator = depth == 0 && !whole && strchr("+-", c) && 1 < at && text[at - 2] == ' ';
        depth += c == ')' || c == ']' ? 1 : c == '(' || c == '[' ? -1 : 0;
        if (depth < 0 || (depth == 0 && c == ',') || (operator && !beside))
            break;
        beside = beside && !operator;
    }
    *lo = at;
    depth = 0;
    for (at = to; at < end; at++) {
        char c = text[at];
        bool operator = strchr("+-", c) && !whole && to < at && text[at - 1] == ' ';
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        if (depth < 0 || (depth == 0 && (c == ',' || operator)))
            break;
    }
    *hi = at;
}

/* Is the repair of from..from+size where the slip is? */
static bool at_place(const Marked *m, long from, long size) {
    long lo, hi, to = from + size;
    bool inserted = from == to, lost = m->from == m->to;
    surrounding(m->written, m->from, m->to, m->term && inserted, &lo, &hi);
    bool touches = inserted || lost ? from <= m->to && m->from <= to : from < m->to && m->from < to;
    return lo <= from && to <= hi && (touches || m->factor || (m->term && inserted));
}

typedef struct Tally {
    size_t rows, proved, right_refuted, wrong_proved, refuted, repaired, placed, mended, wrong_repairs;
    size_t form[FORMS], slip[SLIPS], found[SLIPS], variables[6], deep, symbolic, sums;
} Tally;

/* ---- what the rows hold ---- */

static int depth_of(const Store *s, Expr e) {
    int res = 0;
    for (size_t i = 0; i < expr_count(s, e); i++) {
        int d = depth_of(s, expr_kid(s, e, i));
        res = res < d ? d : res;
    }
    return res + (expr_op(s, e) == EXPR_FN || expr_op(s, e) == EXPR_POW);
}

static bool holds(const Store *s, Expr root, bool (*what)(const Store *, Expr)) {
    size_t count;
    Expr *list = expr_reachable(s, 1, &root, &count);
    bool res = false;
    for (size_t i = 0; i < count; i++)
        res = res || what(s, list[i]);
    free(list);
    return res;
}

static bool is_symbol(const Store *s, Expr e) {
    return expr_op(s, e) == EXPR_SYM;
}

static bool is_symbolic_power(const Store *s, Expr e) {
    return expr_op(s, e) == EXPR_POW && holds(s, expr_kid(s, e, 1), is_symbol);
}

static bool is_sum(const Store *s, Expr e) {
    return expr_is_loop(s, e) || (is_symbol(s, e) && expr_rank(s, e) > 0);
}

static void count_row(Interp *in, const Row *row, Tally *t) {
    Name name = names_intern(in->names, row->definition, 1);
    const Def *def = defs_function(in->defs, name);
    if (!def)
        fail_msg("%s: %s", row->definition, buf_str(&in->err));
    const Store *s = in->store;
    t->rows++;
    t->form[row->form]++;
    t->slip[row->slip]++;
    t->variables[def->param_count < 6 ? def->param_count : 5]++;
    t->deep += 3 <= depth_of(s, def->body);
    t->symbolic += holds(s, def->body, is_symbolic_power);
    t->sums += holds(s, def->body, is_sum);
}

/* ---- verdicts ---- */

static void judge_right(Interp *in, const Row *row, const char *claim, size_t *proved, size_t *refuted) {
    const char *said = claims_judge(in, row->left, claim);
    bool good = claims_says(said, "proved"), bad = claims_says(said, "refuted") || claims_says(said, "differs");
    *proved += good;
    *refuted += bad;
    if (!good)
        print_message("not proved: %s, %s = %s (%s): %.300s\n", row->definition, row->left, claim, row->how, said);
}

static long number_after(const char *text, const char *key) {
    const char *at = strstr(text, key);
    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

/* The claim with the repair in its place: does it hold? */
static bool try_repair(Interp *in, const Row *row, const char *written, const char *repair, long from, long size) {
    Buf text;
    buf_init(&text);
    const char *with = strstr(repair, "\"text\":\"") + strlen("\"text\":\"");
    buf_add(&text, written, (size_t)from);
    buf_add(&text, with, strcspn(with, "\""));
    buf_text(&text, written + from + size);
    const char *said = claims_judge(in, row->left, buf_str(&text));
    bool bad = claims_says(said, "refuted") || claims_says(said, "differs");
    if (bad)
        print_message("wrong repair: %s, %s = %s: %.400s\n", row->definition, row->left, buf_str(&text), said);
    buf_done(&text);
    return !bad;
}

static void judge_wrong(Interp *in, const Row *row, Tally *t) {
    Marked m = read_mark(row->wrong);
    const char *said = claims_judge(in, row->left, m.written);
    bool good = claims_says(said, "refuted"), there = false;
    t->refuted += good;
    t->wrong_proved += claims_says(said, "proved");
    const char *repair = strstr(said, "\"repair\"");
    if (repair) {
        long from = number_after(repair, "\"column\":") - 1 - (long)strlen("check  = ") - (long)strlen(row->left);
        long size = number_after(repair, "\"length\":");
        there = at_place(&m, from, size);
        t->repaired++;
        t->placed += there;
        t->found[row->slip] += there;
    }
    if (!good || !there)
        print_message("%s: %s, %s = %s (%s): %.400s\n", !good ? "not refuted" : repair ? "elsewhere" : "not repaired",
                      row->definition, row->left, row->wrong, slip_name[row->slip], said);
    if (repair) {
        long from = number_after(repair, "\"column\":") - 1 - (long)strlen("check  = ") - (long)strlen(row->left);
        t->wrong_repairs += !try_repair(in, row, m.written, repair, from, number_after(repair, "\"length\":"));
    }
    judge_right(in, row, m.right, &t->mended, &t->right_refuted);
}

static void print_tally(const char *name, const Tally *t) {
    print_message("%s: %zu right claims, %zu proved, %zu refuted; %zu of %zu corrected slips proved\n", name, t->rows,
                  t->proved, t->right_refuted, t->mended, t->rows);
    print_message("%s: %zu wrong claims, %zu refuted, %zu proved; %zu repaired, %zu at the place of the slip\n", name, t->rows,
                  t->refuted, t->wrong_proved, t->repaired, t->placed);
    print_message("  by variables: 1: %zu, 2: %zu, 3: %zu, 4: %zu, 5: %zu; three deep %zu, symbolic exponents %zu, vectors and sums %zu\n",
                  t->variables[1], t->variables[2], t->variables[3], t->variables[4], t->variables[5], t->deep, t->symbolic,
                  t->sums);
    for (int i = 0; i < FORMS; i++)
        print_message("  %-14s %zu\n", form_name[i], t->form[i]);
    for (int i = 0; i < SLIPS; i++)
        print_message("  %-22s %zu, %zu found\n", slip_name[i], t->slip[i], t->found[i]);
}

static Tally judge_all(const char *name, const Row *row, size_t count) {
    Prover prover;
    Interp *in = claims_session(&prover);
    Tally t = {0};
    for (size_t i = 0; i < count; i++) {
        Buf text;
        buf_init(&text);
        buf_printf(&text, "%s;\n", row[i].definition);
        claims_run(in, buf_str(&text));
        buf_done(&text);
        count_row(in, &row[i], &t);
        judge_right(in, &row[i], row[i].right, &t.proved, &t.right_refuted);
        judge_wrong(in, &row[i], &t);
    }
    print_tally(name, &t);
    interp_free(in);
    prover_done(&prover);
    return t;
}

/* What the issue asks of the catalogue. */
static void first_catalogue(void **state) {
    (void)state;
    Tally t = judge_all("catalogue", first, sizeof first / sizeof *first);
    assert_true(200 <= t.rows);
    assert_true(40 <= t.deep);
    assert_true(30 <= t.symbolic);
    assert_true(20 <= t.sums);
    for (int i = 1; i <= 5; i++)
        assert_true(2 <= t.variables[i]);
    for (int i = 0; i < FORMS - 1; i++)
        assert_true(15 <= t.form[i]);
    for (int i = 0; i < SLIPS; i++)
        assert_true(5 <= t.slip[i]);
    assert_int_equal(t.right_refuted, 0);
    assert_int_equal(t.wrong_proved, 0);
    assert_int_equal(t.wrong_repairs, 0);
    assert_int_equal(t.refuted, t.rows);
    assert_true(98 * t.rows <= 100 * t.proved);
    assert_true(80 * t.rows <= 100 * t.placed);
}

/* Held to no wrong verdict; the figures are told as they are. */
static void second_catalogue(void **state) {
    (void)state;
    Tally t = judge_all("second catalogue", second, sizeof second / sizeof *second);
    assert_int_equal(t.rows, 60);
    assert_int_equal(t.right_refuted, 0);
    assert_int_equal(t.wrong_proved, 0);
    assert_int_equal(t.wrong_repairs, 0);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(0);
    const struct CMUnitTest tests[] = {cmocka_unit_test(first_catalogue), cmocka_unit_test(second_catalogue)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
