/* One line about a function: its variables, its kind, where it is smooth, where it is defined. */
#include "repl/describe.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/functions.h"
#include "expr/print.h"

typedef enum Class { CLASS_POLYNOMIAL, CLASS_RATIONAL, CLASS_ELEMENTARY, CLASS_SPECIAL } Class;

enum { DESCRIBE_NODES = 20000, DESCRIBE_CONDITIONS = 6, DESCRIBE_TEXT = 60 };

typedef struct Conditions {
    Buf text[DESCRIBE_CONDITIONS];
    size_t count, more;
} Conditions;

typedef struct Look {
    Interp *in;
    const Expr *node;
    const Sign *sign;
    bool certain; /* the node being looked at is evaluated in any case, not only in one branch */
    size_t count;
    Class kind;
    bool cases;
    Conditions domain, kinks;
} Look;

static void conditions_add(Conditions *c, const Buf *text) {
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(buf_str(&c->text[i]), buf_str(text)) == 0) return;
    if (c->count == DESCRIBE_CONDITIONS) {
        c->more++;
        return;
    }
    buf_init(&c->text[c->count]);
    buf_add(&c->text[c->count++], buf_str(text), text->len);
}

static void conditions_done(Conditions *c) {
    for (size_t i = 0; i < c->count; i++) buf_done(&c->text[i]);
}

static void conditions_print(const Conditions *c, const char *joint, size_t most, Buf *out) {
    for (size_t i = 0; i < c->count && i < most; i++) {
        bool brackets = c->count > 1 && strstr(buf_str(&c->text[i]), " or ") != NULL;
        buf_printf(out, "%s%s%s%s", i > 0 ? joint : "", brackets ? "(" : "", buf_str(&c->text[i]),
                   brackets ? ")" : "");
    }
    if (c->more > 0 || most < c->count) buf_text(out, ", and more");
}

static bool is_simple(const char *text) {
    for (; *text; text++)
        if (!isalnum((unsigned char)*text) && *text != '_' && *text != '.' && (unsigned char)*text < 128) return false;
    return true;
}

/* The argument as text; false when it cannot stand alone (a loop's index in it) or is too long. */
static bool argument_text(Look *l, Expr e, Buf *out) {
    if (expr_mask(l->in->store, e) != 0) return false;
    PrintStyle style = {.most = DESCRIBE_TEXT};
    expr_print(out, l->in->defs, e, &style);
    return out->len < DESCRIBE_TEXT;
}

/* A condition of the table with the arguments in the place of x, y, z. */
static void add_condition(Look *l, Conditions *to, const char *text, Expr e, size_t args, const char *what) {
    if (!l->certain) return;
    Buf arg[3], res;
    buf_init(&res);
    bool good = true;
    for (size_t i = 0; i < args && i < 3; i++) {
        buf_init(&arg[i]);
        good = argument_text(l, expr_kid(l->in->store, e, i), &arg[i]) && good;
    }
    for (const char *p = text; *p && good;) {
        size_t n = 0;
        while (isalnum((unsigned char)p[n]) || p[n] == '_') n++;
        if (n == 1 && 'x' <= *p && *p <= 'z' && (size_t)(*p - 'x') < args) {
            const char *a = buf_str(&arg[*p - 'x']);
            bool tight = p[1] == '^' || p[1] == '*' || p[1] == '/';
            buf_printf(&res, tight && !is_simple(a) ? "(%s)" : "%s", a);
        } else {
            buf_add(&res, p, n > 0 ? n : 1);
        }
        p += n > 0 ? n : 1;
    }
    if (!good) {
        buf_clear(&res);
        buf_printf(&res, "%s allows it", what);
    }
    conditions_add(to, &res);
    buf_done(&res);
    for (size_t i = 0; i < args && i < 3; i++) buf_done(&arg[i]);
}

static Sign sign_at(const Look *l, Expr e) { return l->sign[sign_place(l->node, l->count, e)]; }

/* Does the argument's sign already answer the condition? */
static bool certain_domain(const char *condition, Sign sign) {
    if (strcmp(condition, "x >= 0") == 0 || strcmp(condition, "x > -1") == 0 || strcmp(condition, "x >= -1/e") == 0)
        return sign >= SIGN_NONNEGATIVE;
    return sign == SIGN_POSITIVE &&
           (strcmp(condition, "x > 0") == 0 || strcmp(condition, "x != 0") == 0 || strncmp(condition, "x > 0 or", 8) == 0);
}

static bool is_closed(const Look *l, Expr e) {
    if (expr_is_constant(l->in->store, e)) return true;
    if (expr_op(l->in->store, e) == EXPR_GLOBAL || expr_op(l->in->store, e) == EXPR_NEG)
        return expr_count(l->in->store, e) == 0 || is_closed(l, expr_kid(l->in->store, e, 0));
    return false;
}

static void look_function(Look *l, Expr e) {
    Store *s = l->in->store;
    uint32_t id = expr_payload(s, e);
    const Function *f = function_at(id);
    size_t args = expr_count(s, e);
    bool closed = true;
    for (size_t i = 0; i < args; i++) closed = closed && is_closed(l, expr_kid(s, e, i));
    if (closed) return;
    bool special = id >= FUNCTION_erf;
    if (l->kind < (special ? CLASS_SPECIAL : CLASS_ELEMENTARY)) l->kind = special ? CLASS_SPECIAL : CLASS_ELEMENTARY;
    Sign sign = sign_at(l, expr_kid(s, e, 0));
    if (f->domain && !certain_domain(f->domain, sign)) add_condition(l, &l->domain, f->domain, e, args, f->name);
    if (f->kink && !(sign == SIGN_POSITIVE && strcmp(f->kink, "x == 0") == 0))
        add_condition(l, &l->kinks, f->kink, e, args, f->name);
}

static void look_power(Look *l, Expr e) {
    Store *s = l->in->store;
    Expr base = expr_kid(s, e, 0), exponent = expr_kid(s, e, 1);
    Sign sign = sign_at(l, base);
    long n;
    if (expr_is_integer(s, exponent, &n)) {
        if (n >= 0 || is_closed(l, base)) return;
        if (l->kind < CLASS_RATIONAL) l->kind = CLASS_RATIONAL;
        if (sign != SIGN_POSITIVE) add_condition(l, &l->domain, "x != 0", e, 2, "a division");
        return;
    }
    if (is_closed(l, base) && is_closed(l, exponent)) return;
    if (l->kind < CLASS_ELEMENTARY) l->kind = CLASS_ELEMENTARY;
    if (sign == SIGN_POSITIVE) return;
    double p = expr_is_constant(s, exponent) ? expr_double_of(s, exponent) : 0;
    if (p > 0) {
        if (sign == SIGN_ANY) add_condition(l, &l->domain, "x >= 0", e, 2, "a power");
        add_condition(l, &l->kinks, "x == 0", e, 2, "a power");
    } else {
        add_condition(l, &l->domain, "x > 0", e, 2, "a power");
    }
}

static void look_node(Look *l, Expr e) {
    Store *s = l->in->store;
    switch (expr_op(s, e)) {
    case EXPR_DIV:
        if (is_closed(l, expr_kid(s, e, 1))) return;
        if (l->kind < CLASS_RATIONAL) l->kind = CLASS_RATIONAL;
        if (sign_at(l, expr_kid(s, e, 1)) != SIGN_POSITIVE)
            add_condition(l, &l->domain, "y != 0", e, 2, "a division");
        return;
    case EXPR_POW: look_power(l, e); return;
    case EXPR_FN: look_function(l, e); return;
    case EXPR_IF: l->cases = true; return;
    case EXPR_MAX: case EXPR_MIN: case EXPR_ARGMAX: case EXPR_ARGMIN: {
        Buf b;
        buf_init(&b);
        buf_text(&b, "two elements are the largest or smallest together");
        conditions_add(&l->kinks, &b);
        buf_done(&b);
        return;
    }
    case EXPR_CALL:
        if (l->kind < CLASS_ELEMENTARY) l->kind = CLASS_ELEMENTARY;
        return;
    default: return;
    }
}

/* Which nodes are evaluated in any case: not only in a branch. */
static void mark_certain(const Store *s, const Expr *node, size_t count, bool *certain) {
    if (count > 0) certain[count - 1] = true;
    for (size_t i = count; i-- > 0;) {
        if (!certain[i]) continue;
        ExprOp op = expr_op(s, node[i]);
        size_t kids = op == EXPR_IF || op == EXPR_AND || op == EXPR_OR ? 1 : expr_count(s, node[i]);
        for (size_t k = 0; k < kids; k++) certain[sign_place(node, count, expr_kid(s, node[i], k))] = true;
    }
}

/* Looks at every node of the expanded body; the caller passes the Look to look_done. */
static void look_at(Look *l, Interp *in, const Def *f) {
    memset(l, 0, sizeof *l);
    l->in = in;
    Expr body = f->body ? defs_expand(in->defs, f->body, DESCRIBE_NODES) : 0;
    if (!body) return;
    Expr *node = expr_reachable(in->store, 1, &body, &l->count);
    Sign *sign = mem_new(l->count + 1, sizeof *sign);
    sign_of_nodes(in->store, node, l->count, sign);
    l->node = node;
    l->sign = sign;
    bool *certain = mem_new(l->count + 1, sizeof *certain);
    mark_certain(in->store, node, l->count, certain);
    for (size_t i = 0; i < l->count; i++) {
        l->certain = certain[i];
        look_node(l, node[i]);
    }
    free(certain);
}

static void look_done(Look *l) {
    conditions_done(&l->domain);
    conditions_done(&l->kinks);
    free((void *)(uintptr_t)l->node);
    free((void *)(uintptr_t)l->sign);
}

static void describe_params(Interp *in, const Def *f, Buf *out) {
    size_t numbers = 0;
    for (size_t i = 0; i < f->param_count; i++) numbers += f->param[i].rank == 0;
    if (numbers > 0) buf_printf(out, "%zu variable%s", numbers, numbers == 1 ? "" : "s");
    for (size_t i = 0; i < f->param_count; i++) {
        const Param *p = &f->param[i];
        if (p->rank == 0) continue;
        if (out->len > 0) buf_text(out, ", ");
        buf_text(out, p->rank == 1 ? "a vector of " : "a matrix of ");
        for (int k = 0; k < p->rank; k++) {
            long n;
            if (k > 0) buf_text(out, " by ");
            if (expr_is_integer(in->store, p->dim[k], &n))
                buf_printf(out, "%ld", n);
            else
                buf_text(out, names_text(in->names, expr_payload(in->store, p->dim[k])));
        }
    }
}

void describe_function(Interp *in, const Def *f, Buf *out) {
    static const char *const kinds[] = {"polynomial", "rational", "elementary", "with special functions"};
    Look l;
    look_at(&l, in, f);
    describe_params(in, f, out);
    int rank = f->body ? expr_rank(in->store, f->body) : 0;
    if (rank > 0) buf_text(out, rank == 1 ? ", gives a vector" : ", gives a matrix");
    if (f->recursive) {
        buf_text(out, ", calls itself");
    } else {
        buf_printf(out, ", %s", kinds[l.kind]);
        if (l.cases) buf_text(out, " by cases");
        if (l.domain.count > 0) {
            buf_text(out, ", defined where ");
            conditions_print(&l.domain, " and ", 3, out);
        }
        if (l.kinks.count > 0) {
            buf_text(out, ", kinks where ");
            conditions_print(&l.kinks, " or ", 3, out);
        }
        if (l.domain.count == 0 && l.kinks.count == 0 && !l.cases) buf_text(out, ", smooth everywhere");
    }
    look_done(&l);
}

void describe_domain(Interp *in, const Def *f, Buf *out) {
    Look l;
    look_at(&l, in, f);
    if (l.domain.count == 0)
        buf_text(out, "everywhere");
    else
        conditions_print(&l.domain, " and ", DESCRIBE_CONDITIONS, out);
    look_done(&l);
}
