/* A pseudo terminal with a program behind it: what is sent arrives as typed keys, what the program
 * shows is collected without escape sequences and searched. */
#ifndef TESTS_PTY_TERMINAL_H
#define TESTS_PTY_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

typedef struct Terminal {
    int fd; /* the master side */
    pid_t pid;
    char *shown; /* owned: everything shown so far, plain; NUL-terminated */
    size_t len, cap;
    size_t seen;     /* up to where expectations have matched */
    int escape;      /* state of the filter: 0 text, 1 after ESC, 2 in a sequence, 3 in a title */
    bool escapes;    /* an escape sequence was seen */
    bool ended;      /* the program closed its side */
} Terminal;

/* Starts the program on a terminal of its own, TERM as given.  False if that fails. */
bool terminal_start(Terminal *t, const char *term, const char *const *argv);
/* Kills the program if it still runs and frees everything. */
void terminal_done(Terminal *t);
/* Types the text. */
void terminal_send(Terminal *t, const char *text);
/* Waits until `text` is shown after the last match.  False when `seconds` pass or the program ends. */
bool terminal_expect(Terminal *t, const char *text, double seconds);
/* Takes in what is shown during `seconds`. */
void terminal_listen(Terminal *t, double seconds);
/* Waits for the end; the exit status, 128 + the signal, or -1 when it still runs after `seconds`. */
int terminal_wait(Terminal *t, double seconds);

#endif
