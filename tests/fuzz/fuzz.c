/* Drives the whole interpreter in this process with random scripts.
 *   fuzz --replay FOLDER             every file of the corpus once
 *   fuzz [--seconds N] [--seed N] FOLDER   random scripts and mutations of the corpus
 *   fuzz FILE                        one script
 * Wanted of every script: no crash, an interrupt obeyed, output that is UTF-8, the same bytes on a
 * second run, one JSON object for each line of JSON, and an interpreter that still can add.  A script
 * that fails is left in a file, which is named. */
#include <dirent.h>
#include <gsl/gsl_errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/memory.h"
#include "base/utf8.h"
#include "repl/interp.h"
#include "tests/fuzz/generate.h"

enum { SOON_MS = 300, HANG_S = 20, MOST_BYTES = 1 << 20 };

static volatile int interrupted; /* raised by the timer, read by the interpreter */
static volatile sig_atomic_t rings;
static char keep[64]; /* where the script being run is kept */

/* First ring: ask to stop.  A script that still runs HANG_S seconds later has not obeyed. */
static void ring(int signal_number) {
    (void)signal_number;
    interrupted = 1;
    if (++rings < 2) return;
    static const char text[] = "fuzz: the script does not stop when interrupted\n";
    if (write(2, text, sizeof text - 1) < 0) _exit(4);
    _exit(3);
}

/* signal() may take the handler away after the first ring. */
static void set_handler(int signal_number, void (*handler)(int)) {
    struct sigaction action = {.sa_handler = handler};
    sigemptyset(&action.sa_mask);
    sigaction(signal_number, &action, NULL);
}

static void set_timer(long milliseconds) {
    struct itimerval t = {.it_value = {milliseconds / 1000, milliseconds % 1000 * 1000},
                          .it_interval = {HANG_S, 0}};
    if (milliseconds == 0) memset(&t, 0, sizeof t);
    setitimer(ITIMER_REAL, &t, NULL);
}

static void say_where(int signal_number) {
    static const char text[] = "fuzz: crashed; the script is kept in ";
    if (write(2, text, sizeof text - 1) < 0 || write(2, keep, strlen(keep)) < 0 ||
        write(2, "\n", 1) < 0)
        _exit(4);
    signal(signal_number, SIG_DFL);
    raise(signal_number);
}

typedef struct Script {
    char *text;
    size_t len;
} Script;

typedef struct Output {
    Buf out, err;
} Output;

static bool collect(void *context, const Buf *out, const Buf *err) {
    Output *o = context;
    buf_add(&o->out, buf_str(out), out->len);
    buf_add(&o->err, buf_str(err), err->len);
    return true;
}

static bool complain(const char *what, const Buf *shown) {
    fprintf(stderr, "fuzz: %s; the script is kept in %s\n", what, keep);
    fwrite(buf_str(shown), 1, shown->len < 2000 ? shown->len : 2000, stderr);
    return false;
}

static bool is_utf8(const Buf *b) {
    uint32_t code;
    for (size_t i = 0, step; i < b->len; i += step) {
        step = utf8_decode(b->text + i, b->len - i, &code);
        if (step == 0) return false;
    }
    return true;
}

/* Is each line an object, its brackets and strings closed on the line? */
static bool is_json_lines(const Buf *b) {
    long open = 0;
    bool in_string = false;
    for (size_t i = 0; i < b->len; i++) {
        char c = b->text[i];
        bool first = i == 0 || b->text[i - 1] == '\n';
        if (first && c != '{') return false;
        if (c == '\n' && (open != 0 || in_string)) return false;
        if (in_string && (unsigned char)c < ' ') return false;
        if (in_string && c == '\\')
            i++;
        else if (c == '"')
            in_string = !in_string;
        else if (!in_string && (c == '{' || c == '['))
            open++;
        else if (!in_string && (c == '}' || c == ']'))
            open--;
        if (open < 0) return false;
    }
    return open == 0 && (b->len == 0 || b->text[b->len - 1] == '\n');
}

/* Scripts may save: they run in a folder of their own. */
static char folder[64];

static bool enter_folder(void) {
    snprintf(folder, sizeof folder, "/tmp/plumb-fuzz-XXXXXX");
    return mkdtemp(folder) && chdir(folder) == 0;
}

static void leave_folder(void) {
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) unlink(e->d_name);
    if (d) closedir(d);
    rmdir(folder);
}

/* Runs the script; false when the interpreter cannot add afterwards. */
static bool run_once(const Script *s, const char *before, Output *o, bool *stopped) {
    static const char sum[] = "set format text; set digits 0; 700 + 31";
    bool res = true;
    buf_init(&o->out), buf_init(&o->err);
    interrupted = 0, rings = 0;
    set_timer(SOON_MS);
    Interp *in = interp_new(&interrupted);
    in->sink = collect, in->sink_context = o, in->keep_going = true;
    interp_run_text(in, "before", before, strlen(before), 1);
    interp_run_text(in, "script", s->text, s->len, 1);
    set_timer(0);
    *stopped = interrupted != 0;
    interrupted = 0;
    if (!in->quitting) {
        size_t old = o->out.len;
        interp_run_text(in, "after", sum, sizeof sum - 1, 1);
        if (!strstr(buf_str(&o->out) + old, "731")) res = complain("cannot add any more", &o->err);
    }
    interp_free(in);
    return res;
}

static void output_done(Output *o) { buf_done(&o->out), buf_done(&o->err); }

/* Everything that is wanted of one script. */
/* Does the script hold the word?  It may hold NUL bytes too. */
static bool holds(const Script *s, const char *word) {
    size_t n = strlen(word);
    for (size_t i = 0; i + n <= s->len; i++)
        if (memcmp(s->text + i, word, n) == 0) return true;
    return false;
}

static bool run_script(const Script *s) {
    Output text, again, json;
    bool stopped, stopped_again, stopped_json;
    FILE *f = fopen(keep, "w");
    if (f) fwrite(s->text, 1, s->len, f), fclose(f);
    bool res = run_once(s, "", &text, &stopped) && run_once(s, "", &again, &stopped_again) &&
               run_once(s, "set format json;", &json, &stopped_json);
    if (!res) return false;
    bool timed = holds(s, "timing"); /* times differ */
    if (!is_utf8(&text.out)) res = complain("output is not UTF-8", &text.out);
    if (!is_utf8(&json.out)) res = complain("JSON is not UTF-8", &json.out);
    if (!timed && !stopped && !stopped_again &&
        (text.out.len != again.out.len ||
         memcmp(buf_str(&text.out), buf_str(&again.out), text.out.len) != 0)) {
        res = complain("a second run gives other output", &again.out);
    }
    bool plain = holds(s, "set") || holds(s, "undo") || timed; /* may go back to text; the time is told on a line more */
    Buf *lines = &json.out;
    size_t sum = lines->len; /* the sum after the script is text */
    while (0 < sum && !(sum < lines->len && lines->text[sum - 1] == '\n')) sum--;
    Buf objects = {lines->text, sum, sum};
    if (!plain && !is_json_lines(&objects)) res = complain("not one JSON object a line", lines);
    output_done(&text), output_done(&again), output_done(&json);
    return res;
}

static bool read_script(const char *path, Script *s) {
    FILE *f = fopen(path, "rb");
    if (!f) return false;
    s->text = mem_new(MOST_BYTES + 1, 1);
    s->len = fread(s->text, 1, MOST_BYTES, f);
    fclose(f);
    return true;
}

static int compare_scripts(const void *a, const void *b) {
    const Script *s = a, *t = b;
    size_t len = s->len < t->len ? s->len : t->len;
    int res = memcmp(s->text, t->text, len);
    return res ? res : (s->len > t->len) - (s->len < t->len);
}

/* Reads the files of a folder, in an order that does not depend on the file system. */
static size_t read_corpus(const char *from, Script **out) {
    size_t count = 0, cap = 0;
    DIR *d = opendir(from);
    *out = NULL;
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char path[4096];
        if (e->d_name[0] == '.' ||
            (size_t)snprintf(path, sizeof path, "%s/%s", from, e->d_name) >= sizeof path)
            continue;
        *out = mem_grow(*out, &cap, count + 1, sizeof **out);
        if (read_script(path, &(*out)[count])) count++;
    }
    if (d) closedir(d);
    if (0 < count) qsort(*out, count, sizeof **out, compare_scripts);
    return count;
}

/* Dice scripts for so many seconds; returns how many failed. */
static size_t run_random(const Script *corpus, size_t count, double seconds, uint64_t seed) {
    size_t failed = 0, tried = 0;
    time_t until = time(NULL) + (time_t)seconds;
    while (time(NULL) < until && failed == 0) {
        Dice r = {seed * 0x9E3779B97F4A7C15u};
        r.state = dice_next(&r) + tried;
        Buf b;
        buf_init(&b);
        if (count == 0 || dice_below(&r, 2) == 0) {
            generate_script(&r, &b);
        } else {
            const Script *s = &corpus[dice_below(&r, count)],
                         *t = &corpus[dice_below(&r, count)];
            generate_mutation(&r, &b, s->text, s->len, t->text, t->len);
        }
        Script script = {b.text, b.len};
        if (0 < b.len && !run_script(&script)) failed++;
        buf_done(&b);
        tried++;
    }
    printf("%zu scripts tried from seed %llu, %zu failed\n", tried, (unsigned long long)seed,
           failed);
    return failed;
}

int main(int argc, char **argv) {
    double seconds = 10;
    uint64_t seed = 1;
    bool replay = false;
    const char *path = NULL;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--replay") == 0)
            replay = true;
        else if (strcmp(argv[i], "--seconds") == 0 && i + 1 < argc)
            seconds = atof(argv[++i]);
        else if (strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
            seed = strtoull(argv[++i], NULL, 10);
        else
            path = argv[i];
    }
    if (!path) {
        fputs("usage: fuzz [--replay] [--seconds N] [--seed N] FOLDER, fuzz FILE\n", stderr);
        return 2;
    }
    snprintf(keep, sizeof keep, "/tmp/plumb-fuzz-%ld.plumb", (long)getpid());
    gsl_set_error_handler_off(); /* as the program does */
    set_handler(SIGALRM, ring);
    set_handler(SIGABRT, say_where);
    set_handler(SIGSEGV, say_where);
    Script *corpus, single;
    size_t count = read_corpus(path, &corpus), failed = 0;
    bool one = count == 0 && read_script(path, &single);
    if (!enter_folder()) return 2;
    if (one) {
        failed += !run_script(&single);
        free(single.text);
    } else if (replay) {
        for (size_t i = 0; i < count; i++) failed += !run_script(&corpus[i]);
        printf("%zu scripts replayed, %zu failed\n", count, failed);
    } else {
        failed = run_random(corpus, count, seconds, seed);
    }
    leave_folder();
    for (size_t i = 0; i < count; i++) free(corpus[i].text);
    free(corpus);
    if (failed == 0) unlink(keep);
    return failed != 0;
}
