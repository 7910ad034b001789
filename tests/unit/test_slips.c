/* Claims made by rules: each derivative of a list in five forms is proved; each slip that can be made in
 * its text is refuted, and most are repaired where they were made.  Tells the rates. */
#include <ctype.h>

#include "tests/unit/catalogue.h"

typedef struct Pair {
    const char *definition, *variable, *derivative;
} Pair;

static const Pair pairs[] = {
#define PAIR(definition, variable, derivative) {definition, variable, derivative},
#include "tests/catalogue/pairs.def"
#undef PAIR
};
enum { PAIRS = sizeof pairs / sizeof *pairs };

static const char *judged(Interp *in, const Pair *p, const char *claim) {
    char text[100];
    snprintf(text, sizeof text, "%s;\n", p->definition);
    claims_run(in, text);
    snprintf(text, sizeof text, "df/d%s", p->variable);
    return claims_judge(in, text, claim);
}

static void right_claims(void **state) {
    (void)state;
    static const char *const forms[] = {"%s", "2*(%s)/2", "-(-(%s))", "(%s) + sin(x)^2 + cos(x)^2 - 1",
                                        "(%s)*(x^2 + 1)/(1 + x^2)"};
    Prover prover;
    Interp *in = claims_session(&prover);
    size_t all = 0, refuted = 0, undecided = 0, proved = 0;
    for (size_t i = 0; i < PAIRS; i++)
        for (size_t k = 0; k < sizeof forms / sizeof *forms; k++) {
            char claim[300];
            snprintf(claim, sizeof claim, forms[k], pairs[i].derivative);
            const char *said = judged(in, &pairs[i], claim);
            all++;
            proved += claims_says(said, "proved");
            undecided += claims_says(said, "undecided");
            if (claims_says(said, "refuted") || claims_says(said, "differs")) {
                print_error("%s, d/d%s = %s: %s", pairs[i].definition, pairs[i].variable, claim, said);
                refuted++;
            }
        }
    print_message("%zu right claims: %zu proved, %zu refuted, %zu undecided\n", all, proved, refuted, undecided);
    assert_true(98 * all <= 100 * proved);
    assert_int_equal(refuted, 0);
    assert_int_equal(undecided, 0);
    interp_free(in);
    prover_done(&prover);
}

/* Slip number `kind` at byte `at`, if there is something for it; the changed text. */
static bool make_slip(const char *text, size_t at, int kind, char *out, size_t *len) {
    static const char *const swaps[][2] = {{"sin(", "cos("}, {"cos(", "sin("}, {"exp(", "log("}, {"log(", "exp("},
                                           {"sinh(", "cosh("}, {"cosh(", "sinh("}, {" + ", " - "}, {" - ", " + "}};
    size_t n = strlen(text);
    memcpy(out, text, n + 1);
    *len = 1;
    bool alone = at == 0 || !isalnum((unsigned char)text[at - 1]);
    if (kind == 0 && isdigit((unsigned char)text[at]) && text[at] != '9' && (at == 0 || !strchr(".0123456789", text[at - 1])) &&
        text[at + 1] != '.' && !isdigit((unsigned char)text[at + 1])) {
        out[at]++;
        return true;
    }
    if (kind == 1 && (alone || isdigit((unsigned char)text[at - 1])) && (text[at] == 'x' || text[at] == 'y') &&
        !isalnum((unsigned char)text[at + 1])) {
        out[at] = text[at] == 'x' ? 'y' : 'x';
        return true;
    }
    for (size_t k = 0; k < sizeof swaps / sizeof *swaps && kind == 2; k++) {
        size_t size = strlen(swaps[k][0]);
        if (strncmp(text + at, swaps[k][0], size) == 0 && (alone || k >= 6 || isdigit((unsigned char)text[at - 1]))) {
            memcpy(out + at, swaps[k][1], size);
            *len = size;
            return true;
        }
    }
    return false;
}

static long number_after(const char *text, const char *key) {
    const char *at = strstr(text, key);
    return at ? strtol(at + strlen(key), NULL, 10) : -1;
}

static void wrong_claims(void **state) {
    (void)state;
    Prover prover;
    Interp *in = claims_session(&prover);
    size_t all = 0, certain = 0, missed = 0, repaired = 0, placed = 0;
    for (size_t i = 0; i < PAIRS; i++) {
        const char *right = pairs[i].derivative;
        for (size_t at = 0; at < strlen(right); at++)
            for (int kind = 0; kind < 3; kind++) {
                char claim[300];
                size_t len;
                if (!make_slip(right, at, kind, claim, &len) ||
                    (strchr(claim, 'y') && !strstr(pairs[i].definition, "y)")))
                    continue;
                const char *said = judged(in, &pairs[i], claim);
                all++;
                if (!claims_says(said, "refuted")) {
                    print_error("%s, d/d%s = %s: %s", pairs[i].definition, pairs[i].variable, claim, said);
                    missed++;
                }
                const char *repair = strstr(said, "\"repair\"");
                long from = repair ? number_after(repair, "\"column\":") - 1 - (long)strlen("check df/dx = ") : -1;
                long size = repair ? number_after(repair, "\"length\":") : 0;
                repaired += repair != NULL;
                certain += strstr(said, "\"proved\":true") != NULL;
                missed += claims_says(said, "proved");
                bool there = repair && from < (long)(at + len) && (long)at < from + size;
                placed += there;
                if (getenv("SLIPS_SHOWN") && !there)
                    print_message("%s, d/d%s = %s: %s", pairs[i].definition, pairs[i].variable, claim, said);
            }
    }
    print_message("%zu slips: %zu not refuted, %zu repaired (%zu proved), %zu of them at their place\n", all, missed,
                  repaired, certain, placed);
    assert_int_equal(missed, 0);
    assert_true(all >= 200);
    assert_true(placed * 10 >= all * 8);
    interp_free(in);
    prover_done(&prover);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(right_claims),
        cmocka_unit_test(wrong_claims),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
