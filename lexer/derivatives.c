/* The token filter: df/dx, d2f/dxdy.  The scanner found the form; here it is decided whether it is
 * a derivative, and of what. */
#include <string.h>

#include "lexer/filter.h"

enum { ORDER_MAX = 16, LOWER_MAX = 255 };

typedef struct Upper {
    const char *name; /* the function's */
    size_t len;
    size_t lower; /* where the lower half starts */
    uint32_t order;
} Upper;

static bool is_digit(char c) {
    return '0' <= c && c <= '9';
}

static bool is_raised_digit(char c) {
    return FOLD_SUP <= c && c <= FOLD_SUP + 9;
}

/* An order: 2, ^2 or ².  Moves *at past it; 1 if there is none. */
static uint32_t read_order(const char *text, size_t len, size_t *at) {
    size_t i = *at;
    bool caret = i < len && text[i] == '^';
    i += caret;
    bool raised = i < len && is_raised_digit(text[i]);
    uint32_t res = 0;
    size_t first = i;
    for (; i < len && (raised ? is_raised_digit(text[i]) : is_digit(text[i])); i++) {
        res = res * 10 + (uint32_t)(text[i] - (raised ? FOLD_SUP : '0'));
        if (1000 < res)
            res = 1000;
    }
    if (i == first)
        return 1;
    *at = i;
    return res;
}

static Upper read_upper(const char *text, size_t len) {
    size_t at = 1;
    Upper res = {.order = read_order(text, len, &at)};
    const char *slash = memchr(text, '/', len);
    res.name = text + at;
    res.len = (size_t)(slash - res.name);
    res.lower = (size_t)(slash - text) + 1;
    return res;
}

bool derivative_asked(void *context, const char *text, size_t len) {
    const Filter *f = context;
    if (text[0] == FOLD_PARTIAL)
        return true;
    Upper upper = read_upper(text, len);
    NameKind kind = filter_kind(f, names_find(f->names, upper.name, upper.len));
    return kind == NAME_FUNCTION || kind == NAME_BUILTIN;
}

/* One reading of the lower half: at each place and total order, the step that led there. */
typedef struct Step {
    uint8_t from, order, param; /* param + 1; 0: not reached */
} Step;

static bool is_d(const char *text, size_t len, size_t at) {
    return at < len && (text[at] == 'd' || text[at] == FOLD_PARTIAL);
}

static void steps_from(const Filter *f, const char *text, size_t len, size_t at, uint32_t sum,
                       const Name *param, size_t params, Step (*step)[ORDER_MAX + 1]) {
    for (size_t p = 0; p < params && p < 255; p++) {
        size_t name = names_length(f->names, param[p]), end = at + 1 + name;
        if (len < end || memcmp(text + at + 1, names_text(f->names, param[p]), name) != 0)
            continue;
        for (int with = 0; with < 2;
             with++) { /* without an order, then with the one that follows */
            size_t after = end;
            uint32_t order = with ? read_order(text, len, &after) : 1;
            if ((with && after == end) || ORDER_MAX < sum + order || order == 0)
                continue;
            if (after != len && !is_d(text, len, after))
                continue;
            step[after][sum + order] = (Step){(uint8_t)at, (uint8_t)order, (uint8_t)(p + 1)};
        }
    }
}

/* The variables of the lower half, repeated by their orders, if they come to `order`. */
static bool read_lower(Filter *f, const char *text, size_t len, uint32_t order, Name function,
                       Name *vars) {
    if (LOWER_MAX < len || ORDER_MAX < order)
        return false;
    size_t params = filter_params(f, function, NULL, 0);
    Name *param = arena_array(f->arena, params + 1, sizeof *param);
    filter_params(f, function, param, params);
    Step(*step)[ORDER_MAX + 1] = arena_array(f->arena, len + 1, sizeof *step);
    step[0][0].param = 1;
    for (size_t at = 0; at < len; at++)
        for (uint32_t sum = 0; sum < order && is_d(text, len, at); sum++)
            if (step[at][sum].param)
                steps_from(f, text, len, at, sum, param, params, step);
    if (order == 0 || !step[len][order].param)
        return false;
    size_t at = len;
    while (order) {
        Step s = step[at][order];
        for (uint8_t i = 0; i < s.order; i++)
            vars[--order] = param[s.param - 1];
        at = s.from;
    }
    return true;
}

void read_derivative(Filter *f, Token *t) {
    Upper upper = read_upper(t->text, t->len);
    int len = (int)(upper.len < 60 ? upper.len : 60);
    Name function = names_find(f->names, upper.name, upper.len);
    NameKind kind = filter_kind(f, function);
    if (kind != NAME_FUNCTION && kind != NAME_BUILTIN) {
        fail(f, t->span, NULL, "%.*s is not a known function", len, upper.name);
        return;
    }
    Name whole = names_find(f->names, t->text, upper.lower - 1); /* the upper half, such as df */
    if (filter_kind(f, whole) != NAME_UNKNOWN) {
        const char *df = names_text(f->names, whole);
        const char *hint =
            arena_printf(f->arena, "write diff(%.*s, ...) or (%.60s)/...", len, upper.name, df);
        fail(f, t->span, hint, "%.60s is a name and %.*s a function", df, len, upper.name);
        return;
    }
    if (!product(f, t, "..."))
        return;
    Name *vars = arena_array(f->arena, ORDER_MAX, sizeof *vars);
    if (!read_lower(f, t->text + upper.lower, t->len - upper.lower, upper.order, function, vars)) {
        if (ORDER_MAX < upper.order)
            fail(f, t->span, NULL, "derivatives are read up to order %d", ORDER_MAX);
        else
            fail(f, t->span, "such as df/dx, d2f/dx2, d2f/dxdy",
                 "the lower half must name %u of the arguments of %.*s", upper.order, len,
                 upper.name);
        return;
    }
    t->name = function;
    t->vars = vars;
    t->len = upper.order;
    emit(f, *t);
    piece(f, PIECE_FUNCTION);
    operand(f, OP_FN, t, true);
    if (f->mode == MODE_COMMAND)
        bind_params(f, function);
}
