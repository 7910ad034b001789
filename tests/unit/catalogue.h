/* What the tests of claims share: a session with a prover, and the verdict of one check. */
#ifndef TESTS_UNIT_CATALOGUE_H
#define TESTS_UNIT_CATALOGUE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "eval/balls.h"
#include "repl/interp.h"
#include "repl/prover.h"

/* A session that answers in JSON; skips the test where the libraries of certain verdicts are missing. */
static Interp *claims_session(Prover *prover) {
    Interp *in = interp_new(NULL);
    prover_attach(prover, in);
    in->keep_going = true;
    interp_run_text(in, "set", "set format json", 15, 1);
    if (!balls_load(NULL) || algebra_missing()) {
        interp_free(in);
        prover_done(prover);
        skip();
    }
    return in;
}

static void claims_run(Interp *in, const char *text) {
    buf_clear(&in->out);
    buf_clear(&in->err);
    interp_run_text(in, "catalogue", text, strlen(text), 1);
}

/* What `check left = claim` says, as JSON that lives until the next call; fails on an error. */
static const char *claims_judge(Interp *in, const char *left, const char *claim) {
    Buf text;
    buf_init(&text);
    buf_printf(&text, "check %s = %s\n", left, claim);
    claims_run(in, buf_str(&text));
    const char *at = strstr(buf_str(&in->out), "\"kind\":\"check\"");
    if (!at)
        fail_msg("%s: %s%s", buf_str(&text), buf_str(&in->out), buf_str(&in->err));
    buf_done(&text);
    return at;
}

/* The worst verdict over the components stands first. */
static bool claims_says(const char *said, const char *verdict) {
    static const char key[] = "\"verdict\":\"";
    const char *at = strstr(said, key);
    size_t len = strlen(verdict);
    return at && strncmp(at + sizeof key - 1, verdict, len) == 0 && at[sizeof key - 1 + len] == '"';
}

#endif
