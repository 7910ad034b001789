/* A graph as lines "op payload count kids text"; text is a number in base 16 or a symbol's name.
 * Nodes are numbered from 1 in the order of the lines, children first. */
#include "eval/algebra_wire.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static size_t place(const Expr *list, size_t count, Expr e) {
    size_t lo = 0, hi = count;
    while (lo < hi) {
        size_t mid = lo + (hi - lo) / 2;
        if (list[mid] < e)
            lo = mid + 1;
        else
            hi = mid;
    }
    return lo + 1;
}

static void write_node(Buf *out, const Store *s, const Expr *list, size_t count, Expr e) {
    ExprOp op = expr_op(s, e);
    bool symbol = op == EXPR_SYM || op == EXPR_GLOBAL;
    buf_printf(out, "%d %u %zu", (int)op, symbol || op == EXPR_CONST ? 0u : expr_payload(s, e), expr_count(s, e));
    for (size_t i = 0; i < expr_count(s, e); i++)
        buf_printf(out, " %zu", place(list, count, expr_kid(s, e, i)));
    if (op == EXPR_CONST) {
        char *text = mpq_get_str(NULL, 16, expr_rational(s, e));
        buf_printf(out, " %s", text);
        free(text);
    } else if (symbol) {
        buf_printf(out, " %s", names_text(store_names(s), expr_payload(s, e)));
    }
    buf_char(out, '\n');
}

bool wire_write(Buf *out, const Store *s, Expr e, Expr conditions) {
    Expr roots[2] = {e, conditions};
    size_t count;
    Expr *list = expr_reachable(s, 2, roots, &count);
    bool good = true;
    for (size_t i = 0; i < count && good; i++) {
        ExprOp op = expr_op(s, list[i]);
        good = op != EXPR_CALL && op != EXPR_SLOT && op != EXPR_ERROR;
        if (good)
            write_node(out, s, list, count, list[i]);
    }
    buf_printf(out, "= %zu %zu\n", place(list, count, e), place(list, count, conditions));
    free(list);
    return good;
}

typedef struct Reader {
    Store *store;
    Expr *node;
    size_t count, cap;
    Expr kid[4096];
} Reader;

static Expr read_text(Reader *r, ExprOp op, const char *text, size_t len, size_t rank) {
    if (op != EXPR_CONST)
        return expr_symbol(r->store, op, names_intern(store_names(r->store), text, len), (int)rank, r->kid);
    char *copy = mem_copy_text(text, len);
    mpq_t q;
    mpq_init(q);
    Expr res = mpq_set_str(q, copy, 16) == 0 ? expr_const(r->store, q) : 0;
    mpq_clear(q);
    free(copy);
    return res;
}

static bool read_node(Reader *r, const char *line, const char *end) {
    char *at;
    unsigned long op = strtoul(line, &at, 10), payload = strtoul(at, &at, 10), count = strtoul(at, &at, 10);
    if (EXPR_OPS <= op || sizeof r->kid / sizeof *r->kid < count)
        return false;
    for (size_t i = 0; i < count; i++) {
        unsigned long number = strtoul(at, &at, 10);
        if (number < 1 || r->count < number)
            return false;
        r->kid[i] = r->node[number - 1];
    }
    Expr made;
    if (at < end)
        made = read_text(r, (ExprOp)op, at + 1, (size_t)(end - at - 1), count);
    else
        made = expr_make(r->store, (ExprOp)op, (uint32_t)payload, count, r->kid);
    r->node = mem_grow(r->node, &r->cap, r->count + 1, sizeof *r->node);
    r->node[r->count++] = made;
    return made != 0;
}

bool wire_read(const char *text, size_t len, Store *s, Expr *e, Expr *conditions) {
    Reader *r = mem_new(1, sizeof *r);
    const char *stop = text + len;
    bool good = true, ended = false;
    r->store = s;
    while (good && !ended && text < stop) {
        const char *end = memchr(text, '\n', (size_t)(stop - text));
        if (!end)
            break;
        if (*text == '=') {
            char *at;
            unsigned long a = strtoul(text + 1, &at, 10), b = strtoul(at, &at, 10);
            ended = 1 <= a && a <= r->count && 1 <= b && b <= r->count;
            *e = ended ? r->node[a - 1] : 0;
            *conditions = ended ? r->node[b - 1] : 0;
            good = ended;
        } else {
            good = read_node(r, text, end);
        }
        text = end + 1;
    }
    free(r->node);
    free(r);
    return good && ended;
}
