/* The worker: reads questions, judges, answers.  Its memory is limited, and the ring is loaded from a
 * module beside the program, so that plumb itself need not have the library. */
#include <dlfcn.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/prctl.h>
#endif

#include "base/memory.h"
#include "base/module.h"
#include "eval/algebra_lazy.h"
#include "eval/algebra_wire.h"

enum { MEMORY_MIB = 512, MOST_PATH = 4096 };

static bool read_all(int fd, char *to, size_t len) {
    while (len > 0) {
        ssize_t n = read(fd, to, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        to += n;
        len -= (size_t)n;
    }
    return true;
}

static bool write_all(int fd, const char *from, size_t len) {
    while (len > 0) {
        ssize_t n = write(fd, from, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        from += n;
        len -= (size_t)n;
    }
    return true;
}

static const RingOps *load_ring(void) {
    void *module = module_open("flint");
    return module ? dlsym(module, RING_SYMBOL) : NULL;
}

const char *algebra_missing(void) {
    return load_ring() ? NULL : "without FLINT claims are not proved: apt-get install libflint-dev, then make again";
}

static AlgebraAnswer judge_text(const RingOps *library, const char *text, size_t len, Buf *why) {
    Names *names = names_new();
    Store *s = store_new(names);
    Defs *d = defs_new(s);
    Expr e = 0, conditions = 0;
    AlgebraAnswer res = ALGEBRA_UNKNOWN;
    RingOps op = lazy_ring(library);
    if (!library) {
        res = ALGEBRA_MISSING;
        buf_text(why, algebra_missing());
    } else if (wire_read(text, len, s, &e, &conditions)) {
        res = judge_zero(d, &op, e, conditions, why);
    }
    defs_free(d);
    store_free(s);
    names_free(names);
    return res;
}

int algebra_work(int fd) {
    struct rlimit memory = {(rlim_t)MEMORY_MIB << 20, (rlim_t)MEMORY_MIB << 20}, core = {0, 0};
    size_t len;
    bool good = true;
    signal(SIGINT, SIG_IGN); /* who asked decides, and kills */
#ifdef __linux__
    prctl(PR_SET_PDEATHSIG, SIGKILL);
#endif
#ifndef __SANITIZE_ADDRESS__ /* whose shadow alone is larger than any limit */
    setrlimit(RLIMIT_AS, &memory);
#else
    (void)memory;
#endif
    setrlimit(RLIMIT_CORE, &core);
    const RingOps *op = load_ring();
    while (good && read_all(fd, (char *)&len, sizeof len)) {
        char *text = mem_new(len + 1, 1);
        Buf why, reply;
        buf_init(&why);
        buf_init(&reply);
        good = read_all(fd, text, len);
        if (good) {
            AlgebraAnswer answer = judge_text(op, text, len, &why);
            buf_printf(&reply, "%d %zu\n", (int)answer, why.len);
            buf_add(&reply, buf_str(&why), why.len);
            good = write_all(fd, buf_str(&reply), reply.len);
        }
        free(text);
        buf_done(&why);
        buf_done(&reply);
    }
    return 0;
}
