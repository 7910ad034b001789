/* Claims about functions of vectors of any length: right ones are never refuted and most are proved
 * for all lengths, wrong ones, wrong for one length only among them, are refuted with the length named.
 * Tells the rates. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/balls.h"
#include "repl/interp.h"
#include "repl/prover.h"

typedef struct Row {
    const char *definition, *claim;
} Row;

#define ROW(definition, claim) {definition, claim},
static const Row right[] = {
#include "tests/unit/all_n_right.def"
};
static const Row wrong[] = {
#include "tests/unit/all_n_wrong.def"
};
#undef ROW

enum { RIGHT = sizeof right / sizeof *right, WRONG = sizeof wrong / sizeof *wrong };

static Interp *session(Prover *prover) {
    Interp *in = interp_new(NULL);
    prover_attach(prover, in);
    in->keep_going = true;
    interp_run_text(in, "set", "set format json", 15, 1);
    if (!balls_load(NULL)) {
        interp_free(in);
        prover_done(prover);
        skip();
    }
    return in;
}

/* What a check says, as JSON. */
static const char *judged(Interp *in, const Row *row) {
    char text[800];
    snprintf(text, sizeof text, "%s;\ncheck %s timeout=100\n", row->definition, row->claim); /* a slow machine proves as much */
    buf_clear(&in->out);
    buf_clear(&in->err);
    interp_run_text(in, "claims", text, strlen(text), 1);
    const char *at = strstr(buf_str(&in->out), "\"kind\":\"check\"");
    if (!at)
        fail_msg("%s: %s%s", text, buf_str(&in->out), buf_str(&in->err));
    return at;
}

/* Right but for points at which they have no value: proved there alone where they have one. */
static void claims_with_holes(void **state) {
    (void)state;
    static const Row holes[] = {
        {"f(x[n]) = prod(i=1..n, x[i])", "grad f = vec(k=1..n, prod(i=1..n, x[i])/x[k])"},
        {"f(x[n]) = prod(i=1..n, x[i])", "hess f = vec(k=1..n, vec(l=1..n, if(k==l, 0, f/(x[k]*x[l]))))"},
        {"f(x[n]) = sum(i=1..n, x[i]^2)", "df/dx[k] = 2*x[k]^2/x[k]"},
        {"f(x[n]) = sum(i=1..n, x[i]^3)", "grad f = vec(k=1..n, 3*x[k]^3/x[k])"},
    };
    Prover prover;
    Interp *in = session(&prover);
    for (size_t i = 0; i < sizeof holes / sizeof *holes; i++) {
        const char *said = judged(in, &holes[i]);
        if (!strstr(said, "\"verdict\":\"undecided\"")) fail_msg("%s: %s", holes[i].claim, said);
    }
    interp_free(in);
    prover_done(&prover);
}

static void right_claims(void **state) {
    (void)state;
    Prover prover;
    Interp *in = session(&prover);
    size_t all = 0, shown = 0, judged_only = 0, bad = 0;
    for (size_t i = 0; i < RIGHT; i++) {
        const char *said = judged(in, &right[i]);
        bool proved = strstr(said, ":\"all\"") && strstr(said, "\"verdict\":\"proved\"");
        bool seven = strstr(said, "shown for ") && strstr(said, ":\"1..7\"") &&
                     strstr(said, "\"verdict\":\"agrees\"");
        bool agrees = strstr(said, "judged for ") && strstr(said, "\"verdict\":\"agrees\"");
        all += proved;
        shown += seven;
        judged_only += agrees;
        if (!proved)
            print_message("%s: %s: %.160s\n", right[i].definition, right[i].claim, said);
        bad += !proved && !seven && !agrees;
    }
    print_message(
        "%d right claims: %zu proved for all lengths, %zu shown for 1..7 only, %zu judged only\n",
        RIGHT, all, shown, judged_only);
    assert_int_equal(bad, 0);
    assert_true(95 * RIGHT <= 100 * all);
    interp_free(in);
    prover_done(&prover);
}

static void wrong_claims(void **state) {
    (void)state;
    Prover prover;
    Interp *in = session(&prover);
    size_t refuted = 0;
    for (size_t i = 0; i < WRONG; i++) {
        const char *said = judged(in, &wrong[i]);
        const char *verdict = strstr(said, "\"verdict\":\""),
                   *lengths = strstr(said, "\"lengths\":{");
        const char *number = lengths ? strchr(lengths + 11, ':') : NULL;
        bool good = verdict && strncmp(verdict + 11, "refuted", 7) == 0 &&
                    strstr(said, "\"witness\":") && number && '1' <= number[1] && number[1] <= '9';
        refuted += good;
        if (!good)
            print_error("%s: %s: %s\n", wrong[i].definition, wrong[i].claim, said);
    }
    print_message("%d wrong claims: %zu refuted with the length named\n", WRONG, refuted);
    assert_int_equal(refuted, WRONG);
    interp_free(in);
    prover_done(&prover);
}

/* A repair is offered only where it does not make the claim wrong at another length. */
static void repairs(void **state) {
    (void)state;
    static const Row good[] = {
        {"f(x[n]) = sum(i=1..n, x[i]^3)", "grad f = vec(k=1..n, x[k]^2)"},
        {"f(x[n]) = sum(i=1..n, sin(2x[i]))", "grad f = vec(k=1..n, cos(2x[k]))"},
        {"f(x[n]) = sum(i=1..n, x[i]^2)", "f = sum(i=1..n, x[i]^3)"},
    };
    static const Row bad[] = {
        {"f(x[n]) = sum(i=1..n, x[i]^2)", "grad f = vec(k=1..n, if(k==5, 3x[k], 2x[k]))"},
        {"f(x[n]) = sum(i=1..n, x[i]^2)", "grad f = vec(k=1..n, if(n==6, 3x[k], 2x[k]))"},
        {"f(x[n]) = prod(i=1..n, -x[i])", "f = prod(i=1..n, x[i])"},
        {"f(x[n]) = sum(i=1..n, x[i])/n", "grad f = vec(k=1..n, 0.2)"},
    };
    Prover prover;
    Interp *in = session(&prover);
    for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
        const char *said = judged(in, &good[i]);
        if (!strstr(said, "\"repair\":") || !strstr(said, "\"proved\":true"))
            fail_msg("no repair of %s: %s", good[i].claim, said);
    }
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const char *said = judged(in, &bad[i]);
        if (strstr(said, "\"repair\":") || !strstr(said, "\"verdict\":\"refuted\""))
            fail_msg("repaired for one length only: %s: %s", bad[i].claim, said);
    }
    interp_free(in);
    prover_done(&prover);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0)
        return algebra_work(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(claims_with_holes), cmocka_unit_test(right_claims),
        cmocka_unit_test(wrong_claims),
        cmocka_unit_test(repairs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
