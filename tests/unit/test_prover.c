/* What becomes of a check when the algebra runs out of time or memory, dies, or is interrupted: told in
 * the verdict, and the next check works. */
#include <signal.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "eval/balls.h"
#include "repl/prover.h"
#include "tests/unit/session.h"

/* Equal in value, not by structure, and far too many terms when multiplied out. */
#define ROOT "(a+b+c+d+h+x+y)"
#define SQUARE "((a+b+c)^2 + 2(a+b+c)*(d+h+x+y) + (d+h+x+y)^2)"
#define EXPLODES ROOT "^60 = " SQUARE "^30"

#ifdef __SANITIZE_ADDRESS__
#define LIMIT "12" /* a worker takes its time to start */
#else
#define LIMIT "2"
#endif

typedef struct Play {
    Interp *in;
    Prover prover;
} Play;

static volatile int interrupt;
static volatile double interrupted_at;

static void on_alarm(int number) {
    (void)number;
    interrupted_at = clock_seconds();
    interrupt = 1;
}

/* What plumb says to the text, as JSON, out and err. */
static const char *says(Play *p, const char *text) {
    buf_clear(&p->in->out);
    buf_clear(&p->in->err);
    interp_run_text(p->in, "test", text, strlen(text), 1);
    return buf_str(&p->in->out);
}

static bool say(Play *p, const char *text, const char *wanted) {
    const char *said = says(p, text);
    bool res = strstr(said, wanted) != NULL;
    if (!res)
        print_error("%s: %s%s", text, said, buf_str(&p->in->err));
    return res;
}

static bool works(Play *p) { return say(p, "check (x+y)^2 = x^2 + 2x*y + y^2", "\"verdict\":\"proved\""); }

static void play_start(Play *p) {
    p->in = interp_new(&interrupt);
    interrupt = 0;
    prover_attach(&p->prover, p->in);
    p->in->keep_going = true;
    says(p, "set format json");
    says(p, "check x = x"); /* starts the worker */
    if (algebra_missing()) {
        print_message("%s\n", algebra_missing());
        interp_free(p->in);
        prover_done(&p->prover);
        skip();
    }
}

static void play_end(Play *p) {
    interp_free(p->in);
    prover_done(&p->prover);
}

static void out_of_time(void **state) {
    (void)state;
    Play p;
    play_start(&p);
    double start = clock_seconds();
    assert_true(say(&p, "check " EXPLODES " timeout=0.3", "no proof within 0.3 s; try timeout=60"));
    assert_true(clock_seconds() - start < 3);
    assert_non_null(strstr(buf_str(&p.in->out), "\"verdict\":\"undecided\""));
    assert_true(works(&p));
    play_end(&p);
}

/* One component that explodes leaves the others their time, and all together keep to the limit. */
static void time_is_shared(void **state) {
    (void)state;
    Play p;
    play_start(&p);
    double start = clock_seconds();
    const char *said = says(&p, "check (" ROOT "^60, (x+y)^2, " ROOT "^50, sin(x)^2) = "
                               "(" SQUARE "^30, x^2 + 2x*y + y^2, " SQUARE "^25, 1 - cos(x)^2) timeout=" LIMIT);
    assert_true(clock_seconds() - start < 3 * strtod(LIMIT, NULL));
    size_t proved = 0, late = 0;
    for (const char *at = said; (at = strstr(at, "\"proved\"")); at++) proved++;
    for (const char *at = said; (at = strstr(at, "no proof within " LIMIT " s")); at++) late++;
    assert_int_equal(proved, 2);
    assert_int_equal(late, 2);
    play_end(&p);
}

static void out_of_memory(void **state) {
    (void)state;
    Play p;
    if (!balls_load(NULL))
        skip(); /* no point is met in doubles */
    play_start(&p);
#ifndef __SANITIZE_ADDRESS__ /* under which the worker has no limit */
    assert_true(say(&p, "check (x+1)^90000 = (x^2+2x+1)^45000 timeout=60", "the algebra ran out of memory"));
    assert_true(works(&p));
#endif
    play_end(&p);
}

/* Somebody kills the worker while it computes. */
static void killed(void **state) {
    (void)state;
    Play p;
    play_start(&p);
    long worker = algebra_worker_id(p.prover.algebra);
    assert_true(0 < worker);
    pid_t killer = fork();
    if (killer == 0) {
        struct timespec moment = {0, 300000000};
        nanosleep(&moment, NULL);
        kill((pid_t)worker, SIGKILL);
        _exit(0);
    }
    assert_true(0 < killer);
    assert_true(say(&p, "check " EXPLODES " timeout=20", "the worker of the algebra died; the next check starts a new one"));
    waitpid(killer, NULL, 0);
    assert_true(works(&p));
    assert_true(algebra_worker_id(p.prover.algebra) != worker);
    play_end(&p);
}

/* Ctrl-C while the worker computes: within 100 ms at best of five, for the machine may be busy. */
static void interrupted(void **state) {
    (void)state;
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval soon = {.it_value = {0, 300000}};
    double best = 1e9;
    Play p;
    play_start(&p);
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 5 && best > 0.1; i++) {
        setitimer(ITIMER_REAL, &soon, NULL);
        assert_true(say(&p, "check " EXPLODES " timeout=20", "\"message\":\"interrupted\""));
        double took = clock_seconds() - interrupted_at;
        best = took < best ? took : best;
        assert_int_equal(algebra_worker_id(p.prover.algebra), 0); /* none is left computing */
        interrupt = 0;
        assert_true(works(&p));
    }
    assert_true(best < 0.1);
    play_end(&p);
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(0);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(out_of_time), cmocka_unit_test(time_is_shared), cmocka_unit_test(out_of_memory),
        cmocka_unit_test(killed),      cmocka_unit_test(interrupted),
    };
    (void)session_evaluator, (void)session_define, (void)session_init, (void)session_done;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
