/* The prompt: lines from readline, statements kept whole, Ctrl-C that only clears the line.
 * readline hands its callbacks no context, so the prompt that is running is found by one pointer.
 */
#include "repl/prompt.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "repl/complete.h"
#include "repl/files.h"
#include "repl/history.h"

enum { CTRL_D = 4 };

typedef struct Prompt {
    Interp *in;
    volatile int *interrupt;
    Buf statement; /* the lines of an unfinished one */
    Buf history;   /* path, "" for none */
    bool told;     /* that the history cannot be written */
    Completions offered;
    size_t line;  /* lines read so far */
    int pending;  /* a byte read but not yet given, -1: none */
    bool cleared; /* Ctrl-C has already emptied this line */
} Prompt;

static Prompt *prompt_running; /* for readline's callbacks only; set while prompt_run lasts */

/* One byte; Ctrl-C empties the line and ends it.  A byte typed right after Ctrl-C may come without
 * EINTR: it waits in `pending` for the next line. */
static int prompt_getc(FILE *stream) {
    Prompt *p = prompt_running;
    unsigned char c = 0;
    for (;;) {
        bool cleared = *p->interrupt && !p->cleared;
        if (!cleared && 0 <= p->pending) {
            int res = p->pending;
            p->pending = -1;
            return res;
        }
        ssize_t n = cleared ? 0 : read(fileno(stream), &c, 1);
        if (*p->interrupt && !p->cleared) {
            if (n == 1) p->pending = c;
            p->cleared = true;
            rl_replace_line("", 0);
            return '\n';
        }
        if (n == 1)
            return c != 0 ? c : CTRL_D; /* a Ctrl-D typed before the line was set up comes as 0 */
        if (n == 0 || errno != EINTR) return EOF;
    }
}

/* ---- completion ---- */

static const char plain_breaks[] = " \t\n+-*/^()[]{},;=<>!?:|'\"";
static const char file_breaks[] = " \t\n\"'";

static void offer_before(Completions *out, size_t end, const char *prefix) {
    Prompt *p = prompt_running;
    Buf before;
    buf_init(&before);
    buf_add(&before, buf_str(&p->statement), p->statement.len);
    buf_add(&before, rl_line_buffer, end);
    complete_words(p->in, buf_str(&before), before.len, prefix, out);
    buf_done(&before);
}

/* Slashes are part of a word where a file name stands. */
static char *word_breaks(void) {
    size_t end = (size_t)rl_point;
    while (end > 0 && strchr(" \t\"'", rl_line_buffer[end - 1]) == NULL) end--;
    Completions c;
    offer_before(&c, end, "");
    bool files = c.files && c.count == 0;
    completions_done(&c);
    return (char *)(uintptr_t)(files ? file_breaks : plain_breaks);
}

static char *next_offer(const char *text, int state) {
    (void)text;
    Completions *c = &prompt_running->offered;
    return (size_t)state < c->count ? strdup(c->word[state]) : NULL;
}

static char **complete_line(const char *text, int start, int end) {
    (void)end;
    Completions *c = &prompt_running->offered;
    completions_done(c);
    offer_before(c, (size_t)start, text);
    rl_attempted_completion_over = 1;
    if (c->files && c->count == 0)
        return rl_completion_matches(text, rl_filename_completion_function);
    bool open = c->count == 1 && strchr("(=", c->word[0][strlen(c->word[0]) - 1]) != NULL;
    rl_completion_append_character = open ? '\0' : ' ';
    return rl_completion_matches(text, next_offer);
}

/* ---- history ---- */

static void remember_loaded(void *to, const char *text) {
    (void)to;
    add_history(text);
}

static void remember(Prompt *p, const char *text, size_t len) {
    while (len > 0 && (text[len - 1] == '\n' || text[len - 1] == ' ')) len--;
    if (len == 0) return;
    Buf copy;
    buf_init(&copy);
    buf_add(&copy, text, len);
    add_history(buf_str(&copy));
    if (p->history.len > 0 && !history_append(buf_str(&p->history), text, len) && !p->told) {
        p->told = true;
        fprintf(stderr, "note: the history cannot be written to %s\n", buf_str(&p->history));
    }
    buf_done(&copy);
}

/* ---- the loop ---- */

/* Of the start-up file only the errors are shown. */
static bool start_sink(void *context, const Buf *out, const Buf *err) {
    (void)context;
    (void)out;
    fputs(buf_str(err), stderr);
    return true;
}

static void run_start_file(Prompt *p) {
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    Buf path, text, why;
    buf_init(&path);
    buf_init(&text);
    buf_init(&why);
    if (config && config[0] == '/')
        buf_printf(&path, "%s/plumb/init.plumb", config);
    else if (home && home[0] == '/')
        buf_printf(&path, "%s/.config/plumb/init.plumb", home);
    if (path.len > 0 && access(buf_str(&path), F_OK) == 0) {
        InterpSink sink = p->in->sink;
        p->in->sink = start_sink;
        if (file_read(buf_str(&path), &text, &why))
            interp_run_text(p->in, buf_str(&path), buf_str(&text), text.len, 1);
        else
            interp_say_error(p->in, NULL, buf_str(&why));
        p->in->sink = sink;
        p->in->quitting = false;
    }
    buf_done(&path);
    buf_done(&text);
    buf_done(&why);
}

static void run_statement(Prompt *p) {
    size_t lines = 0;
    for (size_t i = 0; i < p->statement.len; i++) lines += p->statement.text[i] == '\n';
    remember(p, buf_str(&p->statement), p->statement.len);
    interp_run_text(p->in, NULL, buf_str(&p->statement), p->statement.len, p->line + 1);
    p->line += lines;
    buf_clear(&p->statement);
    *p->interrupt = 0;
}

/* Takes one line; runs the statement when it is whole, or when an empty line ends it. */
static void take_line(Prompt *p, const char *line) {
    bool empty = line[strspn(line, " \t")] == '\0';
    if (empty && p->statement.len == 0) return;
    buf_text(&p->statement, line);
    buf_char(&p->statement, '\n');
    if (empty ||
        parse_is_complete(p->in->names, &p->in->scope, buf_str(&p->statement), p->statement.len))
        run_statement(p);
}

static void set_readline(void) {
    rl_readline_name = "plumb";
    rl_outstream = stderr;
    rl_catch_signals = 0;
    rl_getc_function = prompt_getc;
    rl_attempted_completion_function = complete_line;
    rl_completion_word_break_hook = word_breaks;
    rl_completer_word_break_characters = plain_breaks;
    rl_completer_quote_characters = "";
    rl_basic_quote_characters = "";
}

static void prompt_loop(Prompt *p, bool shown) {
    while (!p->in->quitting && !p->in->broken) {
        p->cleared = false;
        char *line = readline(!shown ? "" : p->statement.len > 0 ? ". " : "> ");
        if (*p->interrupt) {
            *p->interrupt = 0;
            buf_clear(&p->statement);
            free(line);
            continue;
        }
        if (!line) break;
        take_line(p, line);
        free(line);
    }
    if (p->statement.len > 0 && !p->in->quitting && !p->in->broken) run_statement(p);
}

void prompt_run(Interp *in, volatile int *interrupt, const char *version, bool start_file) {
    Prompt p = {.in = in, .interrupt = interrupt, .pending = -1};
    buf_init(&p.statement);
    buf_init(&p.history);
    bool shown = isatty(STDERR_FILENO), terminal = isatty(STDIN_FILENO);
    unsigned outcome = in->outcome;
    prompt_running = &p;
    in->interactive = true;
    *interrupt = 0;
    set_readline();
    using_history();
    if (terminal && history_path(&p.history))
        history_load(buf_str(&p.history), remember_loaded, NULL);
    if (start_file) run_start_file(&p);
    if (shown && !in->quiet)
        fprintf(stderr, "plumb %s   type a function, e.g. f(x,y) = (x-1)^2 + y^2, or help\n",
                version);
    prompt_loop(&p, shown);
    if (shown && !in->quitting) fputc('\n', stderr);
    in->outcome = outcome; /* what went wrong at the prompt was seen there */
    completions_done(&p.offered);
    clear_history();
    buf_done(&p.statement);
    buf_done(&p.history);
    prompt_running = NULL;
}
