/* The table of built-in functions: its texts can be read and name only functions of the table, its
 * names are found, its domains and kinks are where the values say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <gsl/gsl_errno.h>

#include "plain_eval.h"

/* Reads the text, and fails unless it reads to its end with functions of the table only. */
static double value_of(const Function *f, const char *text, const double arg[]) {
    const char *unread;
    double res = plain_eval(text, arg, f->value(arg[0], arg[1], arg[2]), &unread);
    if (unread)
        fail_msg("%s: cannot read '%s' of '%s'", f->name, unread, text);
    return res;
}

/* Point i of 60 in the row's sample ranges. */
static void sample_point(const Function *f, int i, double arg[FUNCTION_ARGS]) {
    for (int k = 0; k < FUNCTION_ARGS; k++) {
        double at = fmod((i + 0.37) * (k == 0 ? 1 : k == 1 ? 17.3 : 29.7) / 60, 1);
        arg[k] = f->sample[k][0] + (f->sample[k][1] - f->sample[k][0]) * at;
        if (f->whole >> k & 1)
            arg[k] = round(arg[k]);
    }
}

static void texts_are_there(void **state) {
    (void)state;
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        const char *const required[] = {f->name, f->c_text, f->latex, f->help, f->example};
        for (size_t j = 0; j < sizeof required / sizeof *required; j++)
            if (!required[j] || !*required[j])
                fail_msg("%s: required text %zu is empty", f->name, j);
        if (f->arity < 1 || f->arity > FUNCTION_ARGS)
            fail_msg("%s: arity %d", f->name, f->arity);
        bool all = true;
        for (int k = 0; k < FUNCTION_ARGS; k++) {
            if (k >= f->arity && (f->d[k] || f->sample[k][0] != 0 || f->sample[k][1] != 0))
                fail_msg("%s: argument %d is none", f->name, k);
            all = all && (f->d[k] || k >= f->arity);
        }
        if (all != !f->no_d)
            fail_msg("%s: no_d goes with a missing derivative", f->name);
        if (f->help[strlen(f->help) - 1] == '.')
            fail_msg("%s: help is no sentence", f->name);
    }
}

static void texts_can_be_read(void **state) {
    (void)state;
    const double arg[FUNCTION_ARGS] = {0.731, 2.385, 0.37};
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        for (int k = 0; k < f->arity; k++)
            if (f->d[k])
                value_of(f, f->d[k], arg);
        const char *const others[] = {f->domain, f->kink, f->means};
        for (int j = 0; j < 3; j++)
            if (others[j])
                value_of(f, others[j], arg);
        if (!isfinite(value_of(f, f->example, arg)))
            fail_msg("%s: the example has no value", f->name);
        size_t len = strlen(f->name);
        if (strncmp(f->example, f->name, len) != 0 || f->example[len] != '(')
            fail_msg("%s: the example is none of it", f->name);
    }
}

static void names_are_found_once(void **state) {
    (void)state;
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        assert_int_equal(function_find(f->name, strlen(f->name)), i);
        for (size_t j = 0; j < FUNCTION_ALIASES && f->also[j]; j++)
            assert_int_equal(function_find(f->also[j], strlen(f->also[j])), i);
    }
    static const char *const none[] = {"", "q", "si", "sinn", "xsin", "Sin", "if", "e", "pi", "t"};
    for (size_t i = 0; i < sizeof none / sizeof *none; i++)
        assert_int_equal(function_find(none[i], strlen(none[i])), -1);
    assert_int_equal(function_find("sin", 4), -1); /* a NUL is no part of a name */
    assert_int_equal(function_find("sinh(x)", 4), FUNCTION_sinh);
    assert_int_equal(function_find("sinh(x)", 3), FUNCTION_sin);
    assert_int_equal(function_find("logistic", 8), FUNCTION_sigmoid);
    assert_int_equal(function_find("ln", 2), FUNCTION_log);
}

static void means_the_same(void **state) {
    (void)state;
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        for (int j = 0; f->means && j < 60; j++) {
            double arg[FUNCTION_ARGS];
            sample_point(f, j, arg);
            double value = f->value(arg[0], arg[1], arg[2]), means = value_of(f, f->means, arg);
            if (!(fabs(value - means) <= 1e-11 * fmax(1, fabs(value))))
                fail_msg("%s(%g, %g, %g) is %.17g; '%s' is %.17g", f->name, arg[0], arg[1], arg[2],
                         value, f->means, means);
        }
    }
}

static void samples_lie_in_the_domain(void **state) {
    (void)state;
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        for (int j = 0; j < 60; j++) {
            double arg[FUNCTION_ARGS];
            sample_point(f, j, arg);
            bool inside = !f->domain || value_of(f, f->domain, arg) != 0;
            bool kink = f->kink && value_of(f, f->kink, arg) != 0;
            if (!isfinite(f->value(arg[0], arg[1], arg[2])) || !inside)
                fail_msg("%s(%g, %g, %g)", f->name, arg[0], arg[1], arg[2]);
            if (kink)
                fail_msg("%s: a kink at (%g, %g, %g)", f->name, arg[0], arg[1], arg[2]);
        }
    }
}

/* Where the domain says no the value is no number, and where it says yes it is one. */
static void domains_tell_the_values(void **state) {
    (void)state;
    static const double at[] = {0, 1, -1, 2, -2, -0.367, -0.368, 0.5, -0.5, 0.731, -2.385, 7};
    enum { AT = sizeof at / sizeof *at };
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        int total = f->arity == 1 ? AT : f->arity == 2 ? AT * AT : AT * AT * AT;
        for (int j = 0; j < total; j++) {
            const double arg[] = {at[j % AT], at[j / AT % AT], at[j / AT / AT]};
            bool inside = !f->domain || value_of(f, f->domain, arg) != 0;
            bool number = isfinite(f->value(arg[0], arg[1], arg[2]));
            if (i == FUNCTION_atan2 && arg[0] == 0 && arg[1] == 0)
                continue; /* C gives 0 */
            if (inside != number)
                fail_msg("%s(%g, %g, %g) is %g, the domain says %s", f->name, arg[0], arg[1],
                         arg[2], f->value(arg[0], arg[1], arg[2]), inside ? "yes" : "no");
        }
    }
}

static void nan_goes_through(void **state) {
    (void)state;
    for (size_t i = 0; i < functions_count(); i++) {
        const Function *f = function_at(i);
        for (int k = 0; k < f->arity; k++) {
            double arg[FUNCTION_ARGS];
            sample_point(f, 7, arg);
            arg[k] = NAN;
            if (!isnan(f->value(arg[0], arg[1], arg[2])) && !(i == FUNCTION_copysign && k == 1))
                fail_msg("%s: NaN as argument %d is lost", f->name, k);
        }
    }
}

static void kinks_are_there(void **state) {
    (void)state;
    static const struct {
        FunctionId id;
        double arg[FUNCTION_ARGS];
        bool kink;
    } cases[] = {
        {FUNCTION_abs, {0}, true}, {FUNCTION_abs, {0.731}, false}, {FUNCTION_relu, {0}, true},
        {FUNCTION_sqrt, {0}, true}, {FUNCTION_floor, {-3}, true}, {FUNCTION_floor, {0}, true},
        {FUNCTION_trunc, {0}, false}, {FUNCTION_trunc, {2}, true}, {FUNCTION_round, {2.5}, true},
        {FUNCTION_round, {2}, false}, {FUNCTION_max, {2.385, 2.385}, true},
        {FUNCTION_mod, {6, 3}, true}, {FUNCTION_mod, {0, 3}, true}, {FUNCTION_fmod, {0, 3}, false},
        {FUNCTION_remainder, {4.5, 3}, true}, {FUNCTION_remainder, {3, 3}, false},
        {FUNCTION_atan2, {0, -1.7}, true}, {FUNCTION_atan2, {0, 1.7}, false},
        {FUNCTION_pow, {0, 0.731}, true}, {FUNCTION_pow, {0, 2.385}, false},
        {FUNCTION_logb, {8}, true}, {FUNCTION_logb, {9}, false}, {FUNCTION_asin, {1}, true},
        {FUNCTION_lambertw, {-1 / 2.7182818284590452354}, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const Function *f = function_at(cases[i].id);
        if ((value_of(f, f->kink, cases[i].arg) != 0) != cases[i].kink)
            fail_msg("%s: '%s' at (%g, %g)", f->name, f->kink, cases[i].arg[0], cases[i].arg[1]);
    }
}

/* At 0 a power's derivative by the exponent is 0; of equals, min and max take the first. */
static void ends_and_ties(void **state) {
    (void)state;
    const double at_0[] = {0, 2.385, 0}, tie[] = {2.385, 2.385, 0};
    const Function *power = function_at(FUNCTION_pow);
    assert_true(value_of(power, power->d[0], at_0) == 0);
    assert_true(value_of(power, power->d[1], at_0) == 0);
    static const FunctionId both[] = {FUNCTION_min, FUNCTION_max};
    for (int i = 0; i < 2; i++) {
        const Function *f = function_at(both[i]);
        assert_true(f->variadic);
        assert_true(value_of(f, f->d[0], tie) == 1 && value_of(f, f->d[1], tie) == 0);
        assert_true(signbit(f->value(-0.0, 0.0, 0)) && !signbit(f->value(0.0, -0.0, 0)));
    }
    assert_true(function_at(FUNCTION_mod)->value(-7, 3, 0) == 2);
    assert_true(function_at(FUNCTION_fmod)->value(-7, 3, 0) == -1);
    assert_true(function_at(FUNCTION_lambertw)->value(-1 / 2.7182818284590452354, 0, 0) == -1);
}

int main(void) {
    gsl_set_error_handler_off();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_there),        cmocka_unit_test(texts_can_be_read),
        cmocka_unit_test(names_are_found_once),   cmocka_unit_test(means_the_same),
        cmocka_unit_test(samples_lie_in_the_domain), cmocka_unit_test(domains_tell_the_values),
        cmocka_unit_test(nan_goes_through),       cmocka_unit_test(kinks_are_there),
        cmocka_unit_test(ends_and_ties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
