/* Points and boxes as they are typed: (3,4), 3, 4, a name, x=3, y=4, x=0..1. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "repl/json.h"
#include "repl/show_value.h"
#include "repl/target.h"

/* Numbers that a parameter takes when its dims are constants; 0 when they are not known yet. */
static size_t param_size(Task *t, const Param *p) {
    size_t res = 1;
    for (int k = 0; k < p->rank; k++) {
        long n;
        if (!expr_is_integer(t->in->store, p->dim[k], &n) || n < 0) return 0;
        res *= (size_t)n;
    }
    return res;
}

static bool sizes_known(Task *t, const Target *g, size_t *total) {
    *total = 0;
    for (size_t i = 0; i < g->param_count; i++) {
        size_t n = param_size(t, &g->param[i]);
        if (g->param[i].rank > 0 && n == 0) return false;
        *total += n;
    }
    return true;
}

static void point_alloc(Task *t, const Target *g, size_t count, Point *out) {
    out->count = count;
    out->x = arena_array(t->arena, count + 1, sizeof(double));
    out->dims = arena_array(t->arena, g->param_count + 1, sizeof *out->dims);
}

static void set_constant_dims(Task *t, const Target *g, Point *out) {
    for (size_t i = 0; i < g->param_count; i++)
        for (int k = 0; k < g->param[i].rank; k++) {
            long n = 0;
            if (expr_is_integer(t->in->store, g->param[i].dim[k], &n)) out->dims[i][k] = (size_t)n;
        }
}

/* One value for each parameter, in their shapes. */
static bool point_from_values(Task *t, const Target *g, const Value *value, Span span, Point *out) {
    size_t total = 0;
    for (size_t i = 0; i < g->param_count; i++) {
        const Param *p = &g->param[i];
        const char *name = names_text(t->in->names, p->name);
        if (value[i].rank != p->rank) {
            diag_error(t->diags, span, NULL, "%s is %s, the value given is %s", name,
                       p->rank == 0   ? "a number"
                       : p->rank == 1 ? "a vector"
                                      : "a matrix",
                       value[i].rank == 0   ? "a number"
                       : value[i].rank == 1 ? "a vector"
                                            : "a matrix");
            return false;
        }
        for (int k = 0; k < p->rank; k++) {
            long n;
            if (!expr_is_integer(t->in->store, p->dim[k], &n) || (size_t)n == value[i].dim[k])
                continue;
            diag_error(t->diags, span, NULL, "%s has %ld %s, the value given has %zu", name, n,
                       p->rank == 1 ? "elements"
                       : k == 0     ? "rows"
                                    : "columns",
                       value[i].dim[k]);
            return false;
        }
        total += value[i].count;
    }
    point_alloc(t, g, total, out);
    size_t at = 0;
    for (size_t i = 0; i < g->param_count; i++) {
        memcpy(out->x + at, value[i].data, value[i].count * sizeof(double));
        at += value[i].count;
        out->dims[i][0] = value[i].dim[0];
        out->dims[i][1] = value[i].dim[1];
    }
    return true;
}

/* All numbers in one row, cut up by the parameters' sizes. */
static bool point_from_numbers(Task *t, const Target *g, const double *x, size_t count, Span span,
                               Point *out) {
    size_t total = 0;
    bool known = sizes_known(t, g, &total);
    if (!known && g->param_count == 1 && g->param[0].rank == 1) total = count;
    if (!known && total != count) {
        diag_error(t->diags, span, "for example: from a=1, w=[1,2,3]",
                   "the point's numbers cannot be dealt out; give each parameter its own value");
        return false;
    }
    if (total != count) {
        diag_error(t->diags, span, NULL, "%s takes %zu number%s, the point has %zu", g->name, total,
                   total == 1 ? "" : "s", count);
        return false;
    }
    point_alloc(t, g, count, out);
    memcpy(out->x, x, count * sizeof(double));
    set_constant_dims(t, g, out);
    if (!known) out->dims[0][0] = count;
    return true;
}

static bool point_from_names(Task *t, const Target *g, size_t count, Ast *const *items, Span span,
                             Point *out) {
    Value *value = arena_array(t->arena, g->param_count, sizeof *value);
    bool *given = arena_array(t->arena, g->param_count, sizeof *given);
    bool res = true;
    for (size_t j = 0; j < count && res; j++) {
        size_t i = 0;
        while (i < g->param_count && items[j]->kind == AST_NAMED &&
               g->param[i].name != items[j]->name)
            i++;
        if (items[j]->kind != AST_NAMED) {
            diag_error(t->diags, items[j]->span, NULL,
                       "expected NAME = value here, like the others");
            res = false;
        } else if (i == g->param_count || given[i]) {
            diag_error(t->diags, items[j]->name_span, NULL,
                       given[i < g->param_count ? i : 0] && i < g->param_count
                           ? "%s is given twice"
                           : "%s is no parameter here",
                       names_text(t->in->names, items[j]->name));
            res = false;
        } else {
            given[i] = res = evaluate_tree(t, items[j]->kids[0], &value[i], NULL);
        }
    }
    for (size_t i = 0; i < g->param_count && res; i++)
        if (!given[i]) {
            diag_error(t->diags, span, NULL, "no value for %s",
                       names_text(t->in->names, g->param[i].name));
            res = false;
        }
    res = res && point_from_values(t, g, value, span, out);
    for (size_t i = 0; i < g->param_count; i++)
        if (given[i]) value_done(&value[i]);
    return res;
}

static bool ranks_match(const Target *g, const Value *value, size_t count) {
    if (count != g->param_count) return false;
    for (size_t i = 0; i < count; i++)
        if (value[i].rank != g->param[i].rank) return false;
    return true;
}

static bool has_array(const Target *g) {
    for (size_t i = 0; i < g->param_count; i++)
        if (g->param[i].rank > 0) return true;
    return false;
}

bool point_read(Task *t, const Target *g, size_t count, Ast *const *items, Span span, Point *out) {
    if (count == 0) {
        diag_error(t->diags, span, NULL, "expected a point");
        return false;
    }
    if (items[0]->kind == AST_NAMED) return point_from_names(t, g, count, items, span, out);
    if (count == 1 && items[0]->kind == AST_VEC && g->param_count > 1 && has_array(g) &&
        items[0]->count == g->param_count) { /* (2, (1,2,3)) for f(a, w[3]) */
        count = items[0]->count;
        items = items[0]->kids;
    }
    Value *value = arena_array(t->arena, count, sizeof *value);
    size_t got = 0, total = 0;
    while (got < count && evaluate_tree(t, items[got], &value[got], NULL))
        total += value[got++].count;
    bool res = got == count;
    if (res && ranks_match(g, value, count)) {
        res = point_from_values(t, g, value, span, out);
    } else if (res) {
        double *x = arena_array(t->arena, total + 1, sizeof *x);
        size_t at = 0;
        for (size_t i = 0; i < count; i++) {
            memcpy(x + at, value[i].data, value[i].count * sizeof *x);
            at += value[i].count;
        }
        res = point_from_numbers(t, g, x, total, span, out);
    }
    for (size_t i = 0; i < got; i++) value_done(&value[i]);
    return res;
}

/* ---- boxes ---- */

static bool range_read(Task *t, const Ast *range, double *lo, double *hi) {
    if (range->kind != AST_RANGE) {
        diag_error(t->diags, range->span,
                   "a box is x=-1..1, y=0..2; a condition stands after subject to",
                   "expected a range a..b here");
        return false;
    }
    if (!evaluate_number(t, range->kids[0], lo) || !evaluate_number(t, range->kids[1], hi))
        return false;
    if (*lo <= *hi) return true;
    diag_error(t->diags, range->span, NULL,
               "the range is empty: its first number must not be above its second");
    return false;
}

bool point_read_box(Task *t, const Target *g, size_t count, Ast *const *items, Span span,
                    const size_t (*dims)[2], double **lo, double **hi, size_t *n) {
    size_t *start = arena_array(t->arena, g->param_count + 1, sizeof *start);
    for (size_t i = 0; i < g->param_count; i++) {
        size_t size = 1;
        if (g->param[i].rank > 0)
            size = dims ? dims[i][0] * (g->param[i].rank > 1 ? dims[i][1] : 1)
                        : param_size(t, &g->param[i]);
        if (size == 0) {
            diag_error(t->diags, span, "say from where: from fill(1, 5)",
                       "the length of %s is not known here",
                       names_text(t->in->names, g->param[i].name));
            return false;
        }
        start[i + 1] = start[i] + size;
    }
    *n = start[g->param_count];
    *lo = arena_array(t->arena, *n, sizeof **lo);
    *hi = arena_array(t->arena, *n, sizeof **hi);
    for (size_t k = 0; k < *n; k++) {
        (*lo)[k] = -INFINITY;
        (*hi)[k] = INFINITY;
    }
    bool single = count == *n && g->param_count < count; /* one range an element */
    for (size_t j = 0; j < count; j++) {
        const Ast *item = items[j];
        size_t i = j;
        if (item->kind == AST_NAMED) {
            for (i = 0; i < g->param_count && g->param[i].name != item->name; i++) {
            }
            if (i == g->param_count) {
                diag_error(t->diags, item->name_span, NULL, "%s is no parameter of %s",
                           names_text(t->in->names, item->name), g->name);
                return false;
            }
            item = item->kids[0];
        } else if (!single && g->param_count <= j) {
            diag_error(t->diags, item->span, NULL, "more ranges than parameters of %s", g->name);
            return false;
        }
        double a, b;
        if (!range_read(t, item, &a, &b)) return false;
        size_t from = single ? j : start[i], to = single ? j + 1 : start[i + 1];
        for (size_t k = from; k < to; k++) {
            (*lo)[k] = a;
            (*hi)[k] = b;
        }
    }
    return true;
}

/* ---- showing ---- */

static size_t shown_size(const Param *p, const size_t dims[2]) {
    return p->rank == 0 ? 1 : p->rank == 1 ? dims[0] : dims[0] * dims[1];
}

void point_show(Buf *out, const Names *names, const Target *g, const Point *p, int digits) {
    if (!has_array(g) && g->param_count <= 8) {
        for (size_t i = 0; i < g->param_count; i++) {
            buf_printf(out, "%s%s=", i > 0 ? ", " : "", names_text(names, g->param[i].name));
            show_number(out, p->x[i], digits);
        }
        return;
    }
    size_t at = 0;
    bool all = g->param_count > 1 && has_array(g);
    if (!all) {
        if (has_array(g)) buf_printf(out, "%s=", names_text(names, g->param[0].name));
        show_row(out, p->x, p->count, digits);
        return;
    }
    for (size_t i = 0; i < g->param_count; i++) {
        size_t size = shown_size(&g->param[i], p->dims[i]);
        buf_printf(out, "%s%s=", i > 0 ? ", " : "", names_text(names, g->param[i].name));
        Value v = {.rank = g->param[i].rank,
                   .dim = {p->dims[i][0], p->dims[i][1]},
                   .count = size,
                   .data = p->x + at};
        show_value(out, &v, digits);
        at += size;
    }
}

void point_json(Buf *out, const Target *g, const Point *p, bool full) {
    if (!has_array(g)) {
        json_row(out, p->x, p->count, full);
        return;
    }
    size_t at = 0;
    bool many = g->param_count > 1;
    if (many) buf_char(out, '[');
    for (size_t i = 0; i < g->param_count; i++) {
        size_t size = shown_size(&g->param[i], p->dims[i]);
        Value v = {.rank = g->param[i].rank,
                   .dim = {p->dims[i][0], p->dims[i][1]},
                   .count = size,
                   .data = p->x + at};
        if (i > 0) buf_char(out, ',');
        json_value(out, &v, full);
        at += size;
    }
    if (many) buf_char(out, ']');
}
