/* plumb as a person at a terminal meets it: prompt PLUMB CASE runs one case in a temporary home
 * folder, prompt --list names the cases.  Exit status 0: as expected. */
#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/pty/terminal.h"

#define PATIENCE 10.0
#define UP "\033[A"
#define CTRL_C "\003"
#define CTRL_D "\004"

static const char *plumb;

#define WANT(condition)                                                                            \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            fprintf(stderr, "%s:%d: not so: %s\n", __FILE__, __LINE__, #condition);                \
            return false;                                                                          \
        }                                                                                          \
    } while (0)
#define SHOWS(text) WANT(terminal_expect(t, text, PATIENCE))
#define TYPE(text) terminal_send(t, text)

static bool start(Terminal *t, const char *term, const char *argument) {
    const char *argv[] = {plumb, argument, NULL};
    return terminal_start(t, term, argv);
}

static bool start_again(Terminal *t) {
    terminal_done(t);
    WANT(start(t, "xterm", NULL));
    SHOWS("> ");
    return true;
}

static bool leave(Terminal *t) {
    SHOWS("> ");
    TYPE(CTRL_D);
    WANT(terminal_wait(t, PATIENCE) == 0);
    return true;
}

/* ---- the cases ---- */

static bool case_answers(Terminal *t) {
    WANT(start(t, "xterm", NULL));
    SHOWS("type a function");
    SHOWS("> ");
    TYPE("f(x,y) = (1.5-x+x*y)^2\n");
    SHOWS("2 variables");
    SHOWS("> ");
    TYPE("f(0.5, 2)\n");
    SHOWS("\n4\n");
    return leave(t);
}

static bool case_quit(Terminal *t) {
    WANT(start_again(t));
    TYPE("quit\n");
    WANT(terminal_wait(t, PATIENCE) == 0);
    return true;
}

static bool case_error_at_prompt(Terminal *t) {
    WANT(start_again(t));
    TYPE("3 * / 2\n");
    SHOWS("error: ");
    SHOWS("^");
    SHOWS("> ");
    TYPE("731 + 2\n");
    SHOWS("\n733\n");
    return true;
}

static bool case_tab_function(Terminal *t) {
    WANT(start_again(t));
    TYPE("1 + sigm\t");
    SHOWS("1 + sigmoid(");
    TYPE("0)\n");
    SHOWS("\n1.5\n");
    return leave(t);
}

static bool case_tab_own_names(Terminal *t) {
    WANT(start_again(t));
    TYPE("my_long_name = 731\n");
    SHOWS("> ");
    TYPE("my_l\t+1\n");
    SHOWS("\n732\n");
    return leave(t);
}

static bool case_tab_command(Terminal *t) {
    WANT(start_again(t));
    TYPE("asse\t");
    SHOWS("assert ");
    TYPE("1 < 2\n");
    return leave(t);
}

static bool case_tab_method(Terminal *t) {
    WANT(start_again(t));
    TYPE("f(x) = (x - 0.731)^2\n");
    SHOWS("> ");
    TYPE("min f from 2 by mome\t");
    SHOWS("by momentum");
    TYPE("\n");
    SHOWS("0.731");
    return true;
}

static bool case_tab_has_no_effect(Terminal *t) {
    WANT(start_again(t));
    TYPE("zz = 3 + \t\t");
    terminal_listen(t, 0.5);
    t->seen = t->len;
    TYPE(CTRL_C);
    SHOWS("> ");
    TYPE("zz\n");
    SHOWS("error: ");
    return true;
}

static bool case_continuation(Terminal *t) {
    WANT(start_again(t));
    TYPE("f(x) = (x +\n");
    terminal_listen(t, 0.3);
    WANT(!strstr(t->shown, "error"));
    TYPE("0.5)\n");
    SHOWS("1 variable");
    TYPE("f(2)\n");
    SHOWS("\n2.5\n");
    return leave(t);
}

static bool case_empty_line_ends(Terminal *t) {
    WANT(start_again(t));
    TYPE("x = 3 *\n\n");
    SHOWS("error: ");
    SHOWS("> ");
    TYPE("731\n");
    SHOWS("\n731\n");
    return true;
}

static bool case_rule_by_hand(Terminal *t) {
    WANT(start_again(t));
    TYPE("rule heavy(lr=0.1, b=0.5) {\n  state v = 0\n  v = b*v - lr*g\n  x = x + v\n}\n");
    TYPE("f(x) = (x - 0.731)^2\n");
    TYPE("min f from 2 by heavy\n");
    SHOWS("0.731");
    return leave(t);
}

static bool case_rule_abandoned(Terminal *t) {
    WANT(start_again(t));
    TYPE("rule r(a=1) {\n  x = x - (\n  y ] 3\n");
    SHOWS("error: ");
    TYPE("}\n");
    TYPE("731 + 1\n");
    SHOWS("\n732\n");
    return true;
}

static bool case_interrupt_typing(Terminal *t) {
    WANT(start_again(t));
    TYPE("1 + 730 + nonsense");
    SHOWS("nonsense");
    TYPE(CTRL_C);
    SHOWS("> ");
    TYPE("(1 +\n");
    terminal_listen(t, 0.2);
    t->seen = t->len;
    TYPE(CTRL_C);
    SHOWS("> ");
    TYPE("731 + 1\n");
    SHOWS("\n732\n");
    WANT(!strstr(t->shown, "error"));
    return leave(t);
}

static bool case_interrupt_run(Terminal *t) {
    WANT(start_again(t));
    TYPE("f(x,y) = (1.5-x+x*y)^2 + y^2\n");
    SHOWS("> ");
    TYPE("min f from (1,1) by gd lr=1e-14 steps=9e15 tol=0\n");
    terminal_listen(t, 0.5);
    t->seen = t->len;
    TYPE(CTRL_C);
    WANT(terminal_expect(t, "> ", 2));
    TYPE("731 + 1\n");
    SHOWS("\n732\n");
    return true;
}

static bool case_interrupt_evaluation(Terminal *t) {
    WANT(start_again(t));
    TYPE("sum(i=1..1e13, sin(i))\n");
    terminal_listen(t, 0.5);
    t->seen = t->len;
    TYPE(CTRL_C);
    WANT(terminal_expect(t, "> ", 2));
    TYPE("731 + 1\n");
    SHOWS("\n732\n");
    return true;
}

/* The worker of the algebra multiplies out, without FLINT there is nothing to interrupt. */
static bool case_interrupt_check(Terminal *t) {
    WANT(start_again(t));
    TYPE("check (a+b+c+d+h+x+y)^60 = ((a+b+c)^2 + 2(a+b+c)*(d+h+x+y) + (d+h+x+y)^2)^30 timeout=0\n");
    terminal_listen(t, 0.7);
    if (!strstr(t->shown + t->seen, "agrees")) {
        TYPE(CTRL_C);
        WANT(terminal_expect(t, "interrupted", 2));
    }
    SHOWS("> ");
    TYPE("731 + 1\n");
    SHOWS("\n732\n");
    return true;
}

static bool case_end_in_the_middle(Terminal *t) {
    WANT(start_again(t));
    TYPE("x = (3 +\n");
    terminal_listen(t, 0.2);
    TYPE(CTRL_D);
    SHOWS("error: ");
    return true;
}

static bool case_paste(Terminal *t) {
    WANT(start_again(t));
    TYPE("a = 700\nb = 31\na + b\n");
    SHOWS("\n731\n");
    return leave(t);
}

static bool case_window_changes(Terminal *t) {
    WANT(start_again(t));
    TYPE("700 + ");
    kill(t->pid, SIGWINCH);
    terminal_listen(t, 0.1);
    TYPE("31\n");
    SHOWS("\n731\n");
    return leave(t);
}

static bool case_terminal_goes_away(Terminal *t) {
    WANT(start_again(t));
    close(t->fd);
    t->fd = -1;
    t->ended = true;
    WANT(terminal_wait(t, PATIENCE) != -1);
    return true;
}

static bool case_dumb(Terminal *t) {
    WANT(start(t, "dumb", NULL));
    SHOWS("> ");
    TYPE("700 + 31\n");
    SHOWS("\n731\n");
    TYPE("3 * / 2\n");
    SHOWS("error: ");
    WANT(!t->escapes);
    return true;
}

static bool case_unicode(Terminal *t) {
    WANT(start_again(t));
    TYPE("重み = 731\n");
    SHOWS("> ");
    TYPE("重み − 1\n");
    SHOWS("\n730\n");
    return leave(t);
}

/* ---- history ---- */

static const char *wanted_text;
static mode_t found_mode;

static int search_file(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)where;
    if (kind != FTW_F || s->st_size == 0 || 1000000 < s->st_size) return 0;
    FILE *f = fopen(path, "r");
    char *text = calloc((size_t)s->st_size + 1, 1);
    if (f && text && fread(text, 1, (size_t)s->st_size, f) && strstr(text, wanted_text)) {
        found_mode = s->st_mode & 0777;
    }
    if (f) fclose(f);
    free(text);
    return 0;
}

/* The mode of the file in the home folder that holds the text, 0 if there is none. */
static mode_t mode_of_file_with(const char *text) {
    wanted_text = text;
    found_mode = 0;
    nftw(getenv("HOME"), search_file, 16, FTW_PHYS);
    return found_mode;
}

static bool case_history(Terminal *t) {
    WANT(start_again(t));
    TYPE("700 + 31\n");
    SHOWS("\n731\n");
    TYPE(UP "5\n");
    SHOWS("\n1015\n");
    WANT(leave(t));
    WANT(mode_of_file_with("700 + 31\n") == 0600);
    WANT(start_again(t));
    TYPE(UP UP);
    SHOWS("700 + 31");
    TYPE("\n");
    SHOWS("\n731\n");
    return leave(t);
}

static bool case_history_of_two(Terminal *t) {
    Terminal second;
    WANT(start_again(t));
    WANT(start(&second, "xterm", NULL) && terminal_expect(&second, "> ", PATIENCE));
    TYPE("700 + 31\n");
    SHOWS("\n731\n");
    terminal_send(&second, "800 + 31\n");
    bool res = terminal_expect(&second, "\n831\n", PATIENCE);
    TYPE("900 + 31\n");
    SHOWS("\n931\n");
    WANT(leave(t));
    terminal_send(&second, CTRL_D);
    res = res && terminal_wait(&second, PATIENCE) == 0;
    terminal_done(&second);
    WANT(res);
    WANT(mode_of_file_with("700 + 31\n") == 0600);
    WANT(mode_of_file_with("800 + 31\n") == 0600);
    WANT(mode_of_file_with("900 + 31\n") == 0600);
    return true;
}

static bool case_history_is_private(Terminal *t) {
    umask(0);
    WANT(case_history(t));
    return true;
}

static bool case_no_home(Terminal *t) {
    unsetenv("HOME");
    WANT(start_again(t));
    TYPE("700 + 31\n");
    SHOWS("\n731\n");
    return leave(t);
}

static bool case_after_script(Terminal *t) {
    char path[512];
    snprintf(path, sizeof path, "%s/s.plumb", getenv("HOME"));
    FILE *f = fopen(path, "w");
    WANT(f && fputs("a = 700\n", f) >= 0 && fclose(f) == 0);
    const char *argv[] = {plumb, "-i", path, NULL};
    WANT(terminal_start(t, "xterm", argv));
    SHOWS("> ");
    TYPE("a + 31\n");
    SHOWS("\n731\n");
    return leave(t);
}

static const struct {
    const char *name;
    bool (*run)(Terminal *t);
} cases[] = {
    {"answers", case_answers},
    {"quit", case_quit},
    {"error_at_prompt", case_error_at_prompt},
    {"tab_function", case_tab_function},
    {"tab_own_names", case_tab_own_names},
    {"tab_command", case_tab_command},
    {"tab_method", case_tab_method},
    {"tab_has_no_effect", case_tab_has_no_effect},
    {"continuation", case_continuation},
    {"empty_line_ends", case_empty_line_ends},
    {"rule_by_hand", case_rule_by_hand},
    {"rule_abandoned", case_rule_abandoned},
    {"interrupt_typing", case_interrupt_typing},
    {"interrupt_run", case_interrupt_run},
    {"interrupt_evaluation", case_interrupt_evaluation},
    {"interrupt_check", case_interrupt_check},
    {"end_in_the_middle", case_end_in_the_middle},
    {"paste", case_paste},
    {"window_changes", case_window_changes},
    {"terminal_goes_away", case_terminal_goes_away},
    {"dumb", case_dumb},
    {"unicode", case_unicode},
    {"history", case_history},
    {"history_of_two", case_history_of_two},
    {"history_is_private", case_history_is_private},
    {"no_home", case_no_home},
    {"after_script", case_after_script},
};

static int remove_entry(const char *path, const struct stat *s, int kind, struct FTW *where) {
    (void)s, (void)kind, (void)where;
    return remove(path);
}

int main(int argc, char **argv) {
    size_t count = sizeof cases / sizeof *cases;
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (size_t i = 0; i < count; i++) puts(cases[i].name);
        return 0;
    }
    if (argc != 3) {
        fputs("usage: prompt PLUMB CASE, prompt --list\n", stderr);
        return 2;
    }
    plumb = argv[1];
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, argv[2]) != 0) continue;
        char home[] = "/tmp/plumb-pty-XXXXXX";
        Terminal terminal = {0};
        if (!mkdtemp(home) || setenv("HOME", home, 1) != 0) return 2;
        unsetenv("XDG_STATE_HOME"), unsetenv("XDG_DATA_HOME"), unsetenv("XDG_CONFIG_HOME");
        bool good = cases[i].run(&terminal);
        if (!good && terminal.shown) fprintf(stderr, "everything shown:\n%s\n", terminal.shown);
        terminal_done(&terminal);
        nftw(home, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
        return good ? 0 : 1;
    }
    fprintf(stderr, "no case %s\n", argv[2]);
    return 2;
}
