/* The table of built-in functions, made from functions.def; see functions.h. */
#include "expr/functions.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "expr/bessel.h"
#include "expr/special.h"

#define FN(name, arity, text, ...)                                                                 \
    static double value_##name(double x, double y, double z) {                                     \
        (void)x, (void)y, (void)z;                                                                 \
        return text;                                                                               \
    }
#include "expr/functions.def"
#undef FN

#define FN(id, args, text, ...)                                                                    \
    {.name = #id, .arity = args, .value = value_##id, .c_text = #text, __VA_ARGS__},
static const Function rows[] = {
#include "expr/functions.def"
};
#undef FN

_Static_assert(sizeof rows / sizeof *rows == FUNCTION_COUNT, "a row for each id");

size_t functions_count(void) {
    return FUNCTION_COUNT;
}

const Function *function_at(size_t id) {
    assert(id < FUNCTION_COUNT);
    return &rows[id];
}

static bool same(const char *text, const char *name, size_t len) {
    return text[0] == name[0] && strncmp(text, name, len) == 0 && text[len] == '\0';
}

/* Some 120 first letters are compared in less time than a hash takes to be worth its table. */
int function_find(const char *name, size_t len) {
    if (len == 0 || memchr(name, '\0', len))
        return -1;
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (same(rows[i].name, name, len))
            return (int)i;
        for (size_t j = 0; j < FUNCTION_ALIASES && rows[i].also[j]; j++)
            if (same(rows[i].also[j], name, len))
                return (int)i;
    }
    return -1;
}
