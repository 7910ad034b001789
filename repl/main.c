/* The program: its command line, its output, its signals.  The only place that prints and exits. */
#include <errno.h>
#include <gsl/gsl_errno.h>
#include <locale.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "eval/algebra.h"
#include "repl/dump.h"
#include "repl/interp.h"
#include "repl/judge.h"
#include "repl/prompt.h"
#include "repl/prover.h"

#define PLUMB_VERSION "0.1"

static volatile int interrupt_flag; /* set by the handlers, polled by every loop */

static void on_interrupt(int number) {
    (void)number;
    interrupt_flag = 1;
}

/* ---- --safe: a stranger's script gets so much and no more ---- */

enum { SAFE_SECONDS = 10, SAFE_MIB = 256 };
#define SAFE_LATE "stopped: --safe allows 10 seconds"
#define SAFE_FULL "out of memory: --safe allows 256 MiB"
static volatile int safe_late;          /* alarms so far */
static volatile bool is_safe, is_json;  /* for the handlers */

/* Ends the program from a handler. */
static _Noreturn void die(const char *text, const char *json) {
    bool good = write(STDERR_FILENO, text, strlen(text)) >= 0;
    if (is_json) good = write(STDOUT_FILENO, json, strlen(json)) >= 0 && good;
    _exit(good ? 1 : 2);
}
#define DIE(message)                                                                               \
    die("error: " message "\n",                                                                    \
        "{\"line\":1,\"kind\":\"error\",\"message\":\"" message "\"}\n")

/* First as Ctrl-C would; what does not listen to that is ended a second later. */
static void on_alarm(int number) {
    (void)number;
    if (safe_late++) DIE(SAFE_LATE);
    interrupt_flag = 1;
    alarm(1);
}

/* Allocation gives up with abort (base/memory.c, and GMP in its own words). */
static void on_abort(int number) {
    (void)number;
    if (is_safe) DIE(SAFE_FULL);
    DIE("out of memory");
}

/* The worker of the algebra inherits the limit of memory, and ends with plumb. */
static void limit_all(void) {
    struct sigaction action = {.sa_handler = on_alarm};
    sigemptyset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    alarm(SAFE_SECONDS);
#ifndef __SANITIZE_ADDRESS__ /* whose shadow alone is larger than any limit */
    struct rlimit memory;
    rlim_t most = (rlim_t)SAFE_MIB << 20;
    if (getrlimit(RLIMIT_AS, &memory) == 0 &&
        (memory.rlim_max == RLIM_INFINITY || most < memory.rlim_max)) {
        memory.rlim_cur = memory.rlim_max = most;
        setrlimit(RLIMIT_AS, &memory);
    }
#endif
}

typedef struct Options {
    bool quiet, no_start, keep_going, prompt, json, safe;
    bool has_seed;
    double seed;
    unsigned dump;
    /* what to run, in order: texts of -e and names of files */
    const char **item;
    bool *is_text;
    size_t count;
} Options;

static const char usage_text[] =
    "usage: plumb [options] [FILE...]\n"
    "  FILE            run the script; - is standard input\n"
    "  -e TEXT         run the text; may be repeated\n"
    "  -i              prompt after the scripts\n"
    "  -k              go on after an error\n"
    "  -q              results only: no banner, no descriptions\n"
    "  -n              do not read the start-up file\n"
    "  --json          one JSON object a line for every statement\n"
    "  --seed=N        start of the random numbers\n"
    "  --safe          for a stranger's script: no files, 10 seconds, 256 MiB\n"
    "  --dump=PHASES   tokens,ast,dag,diff,simp,code: show how statements look inside\n"
    "  --version       the version\n"
    "  --help          this text; at the prompt: help\n"
    "exit status: 0 all well, 1 an error, 2 wrong usage, 3 a check refuted or an assertion failed,\n"
    "  4 a run that did not converge, 5 a check undecided, 130 interrupted\n";

static int usage_error(const char *what, const char *word) {
    fprintf(stderr, "plumb: %s%s%s\ntry: plumb --help\n", what, word[0] ? " " : "", word);
    return 2;
}

static int unknown_option(const char *arg) {
    static const char *const all[] = {"--json", "--safe", "--seed=", "--dump=", "--version", "--help"};
    const char *near = names_nearest(arg, strlen(arg), all, sizeof all / sizeof *all);
    fprintf(stderr, "plumb: unknown option %s%s%s\n", arg, near ? "; did you mean " : "",
            near ? near : "");
    fputs("try: plumb --help\n", stderr);
    return 2;
}

/* Writes everything or says that it could not. */
static bool write_text(int fd, const char *text, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, text, len);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        text += n;
        len -= (size_t)n;
    }
    return true;
}

static bool sink(void *context, const Buf *out, const Buf *err) {
    bool *complained = context;
    if (!write_text(STDOUT_FILENO, buf_str(out), out->len)) {
        if (!*complained && errno != EPIPE)
            fprintf(stderr, "plumb: cannot write: %s\n", strerror(errno));
        *complained = true;
        return false;
    }
    (void)write_text(STDERR_FILENO, buf_str(err), err->len);
    return true;
}

static void show_progress(void *context, const char *line) {
    (void)context;
    fprintf(stderr, "\r\033[K%s", line ? line : "");
    fflush(stderr);
}

/* And what this installation lacks. */
static bool print_version(void) {
    Buf lacks;
    buf_init(&lacks);
    certain_lacks(&lacks);
    bool good = printf("plumb %s\n%s", PLUMB_VERSION, buf_str(&lacks)) >= 0 && fflush(stdout) == 0;
    buf_done(&lacks);
    return good;
}

static bool read_dump(Options *o, const char *list) {
    while (*list) {
        size_t len = strcspn(list, ",");
        unsigned phase = dump_phase(list, len);
        if (!phase) return false;
        o->dump |= phase;
        list += len + (list[len] == ',');
    }
    return true;
}

/* 0, or the exit status plus 1 when the program ends here. */
static int read_long(Options *o, const char *arg) {
    if (strcmp(arg, "--json") == 0) {
        o->json = is_json = true;
    } else if (strcmp(arg, "--safe") == 0) {
        o->safe = is_safe = true;
    } else if (strncmp(arg, "--seed=", 7) == 0) {
        char *end;
        o->seed = strtod(arg + 7, &end);
        if (*end || end == arg + 7 || !(0 <= o->seed && o->seed <= 9007199254740991.0) ||
            floor(o->seed) != o->seed)
            return 1 + usage_error("a seed is a whole number from 0:", arg);
        o->has_seed = true;
    } else if (strncmp(arg, "--dump=", 7) == 0) {
        if (!read_dump(o, arg + 7))
            return 1 + usage_error("phases are tokens,ast,dag,diff,simp,code:", arg);
    } else if (strcmp(arg, "--version") == 0) {
        return print_version() ? 1 : 2;
    } else if (strcmp(arg, "--help") == 0) {
        bool good = fputs(usage_text, stdout) >= 0 && fflush(stdout) == 0;
        return good ? 1 : 2;
    } else {
        return 1 + unknown_option(arg);
    }
    return 0;
}

static bool read_letter(Options *o, char letter) {
    switch (letter) {
    case 'q': o->quiet = true; return true;
    case 'n': o->no_start = true; return true;
    case 'k': o->keep_going = true; return true;
    case 'i': o->prompt = true; return true;
    default: return false;
    }
}

static void add_item(Options *o, const char *item, bool is_text) {
    o->item[o->count] = item;
    o->is_text[o->count++] = is_text;
}

static int read_options(Options *o, int argc, char **argv) {
    bool plain = false;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (plain || arg[0] != '-' || strcmp(arg, "-") == 0) {
            add_item(o, arg, false);
        } else if (strcmp(arg, "--") == 0) {
            plain = true;
        } else if (arg[1] == '-') {
            int status = read_long(o, arg);
            if (status) return status;
        } else if (arg[1] == 'e') {
            if (arg[2] == '\0' && i + 1 == argc) return 1 + usage_error("-e needs a text", "");
            add_item(o, arg[2] ? arg + 2 : argv[++i], true);
        } else {
            for (const char *p = arg + 1; *p; p++)
                if (!read_letter(o, *p)) return 1 + unknown_option(arg);
        }
    }
    return 0;
}

static size_t count_lines(const char *text) {
    size_t lines = 1;
    for (; *text; text++) lines += *text == '\n';
    return lines;
}

static bool run_file(Interp *in, const char *path) {
    Buf why;
    buf_init(&why);
    LoadStatus status = interp_load(in, path, &why);
    if (status == LOAD_FAILED) interp_say_error(in, NULL, buf_str(&why));
    buf_done(&why);
    return status == LOAD_DONE;
}

static bool run_items(Interp *in, const Options *o) {
    size_t line = 1;
    for (size_t i = 0; i < o->count; i++) {
        const char *item = o->item[i];
        bool good = o->is_text[i] ? interp_run_text(in, "-e", item, strlen(item), line)
                                  : run_file(in, item);
        if (o->is_text[i]) line += count_lines(item);
        if (!good && (in->quitting || in->broken || interp_interrupted(in) || !in->keep_going))
            return false;
    }
    return true;
}

static void set_signals(void) {
    struct sigaction action = {.sa_handler = on_interrupt};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    struct sigaction give_up = {.sa_handler = on_abort};
    sigemptyset(&give_up.sa_mask);
    sigaction(SIGABRT, &give_up, NULL);
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    sigemptyset(&ignore.sa_mask);
    sigaction(SIGPIPE, &ignore, NULL);
}

static bool at_prompt(const Options *o) {
    return o->prompt || (o->count == 0 && isatty(STDIN_FILENO));
}

static int run(const Options *o) {
    bool complained = false;
    Interp *in = interp_new(&interrupt_flag);
    Prover prover;
    prover_attach(&prover, in);
    in->sink = sink;
    in->sink_context = &complained;
    in->keep_going = o->keep_going;
    in->quiet = o->quiet;
    in->safe = o->safe;
    in->dump = o->dump;
    if (o->json) setting_set_word(&in->set, SET_format, "json");
    if (o->has_seed) {
        in->set.value[SET_seed] = o->seed;
        interp_apply_setting(in, SET_seed);
    }
    const char *term = getenv("TERM");
    bool plain = !term || strcmp(term, "dumb") == 0;
    if (isatty(STDERR_FILENO) && !plain && !o->json) in->progress = show_progress;
    bool prompt = at_prompt(o), going = true;
    if (o->count > 0)
        going = run_items(in, o);
    else if (!prompt)
        going = run_file(in, "-");
    if (prompt && !in->quitting && !in->broken && (going || o->prompt))
        prompt_run(in, &interrupt_flag, PLUMB_VERSION, !o->no_start);
    if (safe_late) interp_say_error(in, NULL, SAFE_LATE);
    int status = safe_late ? 1 : interp_status(in);
    interp_free(in);
    prover_done(&prover);
    return status;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], ALGEBRA_WORKER_FLAG) == 0) return algebra_work(STDIN_FILENO);
    setlocale(LC_CTYPE, "");
    gsl_set_error_handler_off();
    set_signals();
    Options o = {0};
    o.item = calloc((size_t)argc + 1, sizeof *o.item);
    o.is_text = calloc((size_t)argc + 1, sizeof *o.is_text);
    if (!o.item || !o.is_text) return 1;
    int status = read_options(&o, argc, argv);
    if (!status && o.safe && at_prompt(&o))
        status = 1 + usage_error("--safe runs a script or -e TEXT, no prompt", "");
    if (!status && o.safe) limit_all();
    status = status ? status - 1 : run(&o);
    free(o.item);
    free(o.is_text);
    return status;
}
