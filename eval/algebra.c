/* The asking side of the algebra worker: starts it, asks, waits, kills; see algebra.h. */
#include "eval/algebra.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "eval/algebra_wire.h"
#include "expr/domain.h"

enum { MOST_NODES = 20000, STEP_MS = 20 };

struct Algebra {
    char *program; /* owned */
    pid_t pid;     /* 0: none runs */
    int fd;
};

const char *algebra_answer_text(AlgebraAnswer a) {
    static const char *const text[] = {"zero", "not zero", "unknown", "out of time", "out of memory", "interrupted", "missing", "zero except", "the worker died"};
    return text[a];
}

Algebra *algebra_new(const char *program) {
    Algebra *a = mem_new(1, sizeof *a);
    const char *path = program ? program : "/proc/self/exe";
    a->program = mem_copy_text(path, strlen(path));
    a->fd = -1;
    return a;
}

/* Ends the worker; returns how it ended, as waitpid tells it. */
static int stop_worker(Algebra *a) {
    int status = 0;
    if (a->pid) {
        kill(a->pid, SIGKILL);
        while (waitpid(a->pid, &status, 0) < 0 && errno == EINTR) {
        }
        close(a->fd);
    }
    a->pid = 0;
    a->fd = -1;
    return status;
}

void algebra_free(Algebra *a) {
    if (!a)
        return;
    stop_worker(a);
    free(a->program);
    free(a);
}

long algebra_worker_id(const Algebra *a) {
    return (long)a->pid;
}

/* The worker's end of the line is its standard input. */
static void become_worker(const Algebra *a, int fd) {
    int null = open("/dev/null", O_RDWR);
    dup2(fd, STDIN_FILENO);
    if (0 <= null) {
        dup2(null, STDOUT_FILENO);
        dup2(null, STDERR_FILENO);
    }
    if (null > STDERR_FILENO)
        close(null);
    execl(a->program, a->program, ALGEBRA_WORKER_FLAG, (char *)NULL);
    _exit(127);
}

static bool start_worker(Algebra *a) {
    int line[2];
    if (a->pid)
        return true;
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, line) != 0)
        return false;
    fcntl(line[0], F_SETFD, FD_CLOEXEC);
    fcntl(line[1], F_SETFD, FD_CLOEXEC);
    pid_t pid = fork();
    if (pid == 0)
        become_worker(a, line[1]);
    close(line[1]);
    if (pid < 0) {
        close(line[0]);
        return false;
    }
    a->pid = pid;
    a->fd = line[0];
    return true;
}

static bool send_all(int fd, const char *from, size_t len) {
    while (len > 0) {
        ssize_t n = send(fd, from, len, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

/* The line broke: why did the worker die? */
static AlgebraAnswer after_death(Algebra *a, Buf *why) {
    struct timespec moment = {0, 10000000};
    int status = 0;
    for (int i = 0; i < 20 && waitpid(a->pid, &status, WNOHANG) == 0; i++)
        nanosleep(&moment, NULL);
    bool aborted = WIFSIGNALED(status) && (WTERMSIG(status) == SIGABRT || WTERMSIG(status) == SIGSEGV);
    AlgebraAnswer res = aborted ? ALGEBRA_MEMORY : ALGEBRA_DIED;
    kill(a->pid, SIGKILL);
    waitpid(a->pid, NULL, WNOHANG);
    close(a->fd);
    a->pid = 0;
    a->fd = -1;
    buf_text(why, algebra_answer_text(res));
    return res;
}

/* Waits for bytes; ALGEBRA_ZERO when there are some. */
static AlgebraAnswer wait_bytes(Algebra *a, double end, const volatile int *interrupt) {
    for (;;) {
        struct pollfd p = {.fd = a->fd, .events = POLLIN};
        if (interrupt && *interrupt)
            return ALGEBRA_INTERRUPT;
        double left = end - clock_seconds();
        if (left <= 0)
            return ALGEBRA_TIMEOUT;
        int ms = left * 1000 < STEP_MS ? (int)ceil(left * 1000) : STEP_MS;
        if (0 < poll(&p, 1, ms))
            return ALGEBRA_ZERO;
    }
}

/* Reads "answer length\n" and the text. */
static AlgebraAnswer read_reply(Algebra *a, double end, const volatile int *interrupt, Buf *why) {
    Buf reply;
    char chunk[4096];
    AlgebraAnswer res;
    buf_init(&reply);
    for (;;) {
        res = wait_bytes(a, end, interrupt);
        if (res != ALGEBRA_ZERO) {
            stop_worker(a);
            buf_text(why, algebra_answer_text(res));
            break;
        }
        ssize_t n = read(a->fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0) {
            res = after_death(a, why);
            break;
        }
        buf_add(&reply, chunk, (size_t)n);
        const char *line = memchr(buf_str(&reply), '\n', reply.len);
        if (!line)
            continue;
        char *at;
        unsigned long answer = strtoul(buf_str(&reply), &at, 10), len = strtoul(at, &at, 10);
        size_t head = (size_t)(line - buf_str(&reply)) + 1;
        if (reply.len < head + len)
            continue;
        res = answer <= ALGEBRA_EXCEPT ? (AlgebraAnswer)answer : ALGEBRA_UNKNOWN;
        buf_add(why, line + 1, len);
        break;
    }
    buf_done(&reply);
    return res;
}

static AlgebraAnswer ask(Algebra *a, const Buf *text, double timeout, const volatile int *interrupt, Buf *why) {
    double end = 0 < timeout ? clock_seconds() + timeout : HUGE_VAL;
    size_t len = text->len;
    for (int again = 0; again < 2; again++) { /* it may have died since the last question */
        if (!start_worker(a))
            break;
        if (send_all(a->fd, (const char *)&len, sizeof len) && send_all(a->fd, buf_str(text), len))
            return read_reply(a, end, interrupt, why);
        stop_worker(a);
    }
    buf_text(why, "the worker of the algebra could not be started");
    return ALGEBRA_DIED;
}

/* A variable of the session that is a number is that number. */
static Expr with_values(Defs *d, Expr e) {
    Store *s = defs_store(d);
    size_t count, used = 0;
    Expr *list = expr_reachable(s, 1, &e, &count);
    Expr *from = mem_new(count + 1, sizeof *from), *to = mem_new(count + 1, sizeof *to);
    for (size_t i = 0; i < count; i++) {
        const Var *v = expr_op(s, list[i]) == EXPR_GLOBAL ? defs_variable(d, expr_payload(s, list[i])) : NULL;
        if (!v || v->value.rank != 0)
            continue;
        from[used] = list[i];
        to[used++] = v->exact ? v->exact : expr_from_double(s, v->value.data[0]);
    }
    Expr res = used ? expr_substitute(s, e, used, from, to) : e;
    free(list);
    free(from);
    free(to);
    return res;
}

AlgebraAnswer algebra_is_zero(Algebra *a, Defs *d, Expr e, Expr conditions, double timeout,
                              const volatile int *interrupt, Buf *why) {
    Store *s = defs_store(d);
    uint32_t mark = store_mark(s);
    Buf text, own;
    AlgebraAnswer res = ALGEBRA_UNKNOWN;
    buf_init(&text);
    buf_init(&own);
    e = with_values(d, defs_expand(d, e, MOST_NODES));
    Expr domain = e ? domain_of(d, e) : 0;
    if (!domain)
        domain = expr_int(s, 1);
    conditions = with_values(d, defs_expand(d, expr_binary(s, EXPR_AND, conditions, domain), MOST_NODES));
    if (store_is_interrupted(s)) {
        res = ALGEBRA_INTERRUPT;
    } else if (!e || !conditions || !wire_write(&text, s, e, conditions)) {
        buf_text(&own, "a function that calls itself has no algebra");
    } else {
        res = ask(a, &text, timeout, interrupt, &own);
    }
    defs_release(d, mark);
    if (why)
        buf_add(why, buf_str(&own), own.len);
    buf_done(&text);
    buf_done(&own);
    return res;
}
