/* The pseudo terminal behind tests/pty/prompt.c. */
#include "tests/pty/terminal.h"

#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

bool terminal_start(Terminal *t, const char *term, const char *const *argv) {
    memset(t, 0, sizeof *t);
    struct winsize size = {.ws_row = 40, .ws_col = 100};
    t->cap = 4096;
    t->shown = calloc(t->cap, 1);
    t->pid = forkpty(&t->fd, NULL, NULL, &size);
    if (t->pid < 0 || !t->shown) return false;
    if (t->pid == 0) {
        setenv("TERM", term, 1);
        setenv("INPUTRC", "/dev/null", 1);
        execv(argv[0], (char *const *)argv);
        _exit(127);
    }
    return true;
}

void terminal_done(Terminal *t) {
    if (t->pid > 0) {
        kill(t->pid, SIGKILL);
        waitpid(t->pid, NULL, 0);
    }
    if (t->fd > 0) close(t->fd);
    free(t->shown);
    memset(t, 0, sizeof *t);
}

void terminal_send(Terminal *t, const char *text) {
    size_t len = strlen(text);
    while (0 < len) {
        ssize_t sent = write(t->fd, text, len);
        if (sent < 0 && errno != EINTR) return;
        if (sent < 0) continue;
        text += sent;
        len -= (size_t)sent;
    }
}

/* Adds one byte of output unless it belongs to an escape sequence or is a carriage return. */
static void take_byte(Terminal *t, char c) {
    if (t->escape == 0 && c == '\033') {
        t->escape = 1;
        t->escapes = true;
        return;
    }
    if (t->escape == 1) {
        t->escape = c == '[' ? 2 : c == ']' ? 3 : 0;
        return;
    }
    if (t->escape == 2) {
        if ('@' <= c && c <= '~') t->escape = 0;
        return;
    }
    if (t->escape == 3) {
        if (c == '\a') t->escape = 0;
        return;
    }
    if (c == '\r' || c == '\a' || c == '\0') return;
    if (c == '\b') {
        if (t->seen < t->len) t->shown[--t->len] = '\0';
        return;
    }
    if (t->len + 2 > t->cap) {
        t->cap *= 2;
        t->shown = realloc(t->shown, t->cap);
        if (!t->shown) abort();
    }
    t->shown[t->len++] = c;
    t->shown[t->len] = '\0';
}

/* Reads what is there, waiting at most `seconds`; false if nothing came. */
static bool take_some(Terminal *t, double seconds) {
    struct pollfd p = {.fd = t->fd, .events = POLLIN};
    char chunk[4096];
    if (t->ended || seconds < 0 || poll(&p, 1, (int)(seconds * 1000) + 1) <= 0) return false;
    ssize_t got = read(t->fd, chunk, sizeof chunk);
    if (got <= 0) {
        t->ended = true;
        return false;
    }
    for (ssize_t i = 0; i < got; i++) take_byte(t, chunk[i]);
    return true;
}

bool terminal_expect(Terminal *t, const char *text, double seconds) {
    double until = now() + seconds;
    for (;;) {
        const char *found = strstr(t->shown + t->seen, text);
        if (found) {
            t->seen = (size_t)(found - t->shown) + strlen(text);
            return true;
        }
        if (!take_some(t, until - now())) break;
    }
    fprintf(stderr, "expected \"%s\" within %g s; shown since the last match:\n%s\n", text, seconds,
            t->shown + t->seen);
    return false;
}

void terminal_listen(Terminal *t, double seconds) {
    double until = now() + seconds;
    while (now() < until && !t->ended) take_some(t, until - now());
}

int terminal_wait(Terminal *t, double seconds) {
    double until = now() + seconds;
    for (;;) {
        int status;
        take_some(t, 0.01);
        pid_t ended = waitpid(t->pid, &status, WNOHANG);
        if (ended == t->pid) {
            while (take_some(t, 0)) continue;
            t->pid = 0;
            return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        }
        if (until < now()) return -1;
        if (t->ended) poll(NULL, 0, 10);
    }
}
