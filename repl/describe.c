/* One line about a function: its variables, its kind, where it is smooth, where it is defined. */
#include "repl/describe.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/domain.h"
#include "expr/functions.h"
#include "expr/print.h"

typedef enum Class { CLASS_POLYNOMIAL, CLASS_RATIONAL, CLASS_ELEMENTARY, CLASS_SPECIAL } Class;

enum { DESCRIBE_NODES = 4096, DESCRIBE_PARTS = 64, DESCRIBE_TEXT = 60 };

/* ---- the kind ---- */

/* Does a parameter or an index stand in e?  node[] ascending; answers by place. */
static void mark_variable(const Store *s, const Expr *node, size_t count, bool *variable) {
    for (size_t i = 0; i < count; i++) {
        ExprOp op = expr_op(s, node[i]);
        variable[i] = op == EXPR_SYM || op == EXPR_BOUND || op == EXPR_FREE;
        for (size_t k = 0; k < expr_count(s, node[i]) && !variable[i]; k++)
            variable[i] = variable[sign_place(node, count, expr_kid(s, node[i], k))];
    }
}

static Class kind_of_node(const Store *s, Expr e, const bool *kid_varies) {
    long n;
    switch (expr_op(s, e)) {
    case EXPR_DIV: return kid_varies[1] ? CLASS_RATIONAL : CLASS_POLYNOMIAL;
    case EXPR_POW:
        if (!kid_varies[0] && !kid_varies[1]) return CLASS_POLYNOMIAL;
        if (!expr_is_integer(s, expr_kid(s, e, 1), &n)) return CLASS_ELEMENTARY;
        return n < 0 ? CLASS_RATIONAL : CLASS_POLYNOMIAL;
    case EXPR_FN:
        if (!kid_varies[0] && !kid_varies[1] && !kid_varies[2]) return CLASS_POLYNOMIAL;
        return FUNCTION_erf <= expr_payload(s, e) ? CLASS_SPECIAL : CLASS_ELEMENTARY;
    case EXPR_CALL:
    case EXPR_MAX:
    case EXPR_MIN:
    case EXPR_ARGMAX:
    case EXPR_ARGMIN: return CLASS_ELEMENTARY;
    default: return CLASS_POLYNOMIAL;
    }
}

static Class kind_of(const Store *s, Expr body, bool *cases) {
    size_t count;
    Expr *node = expr_reachable(s, 1, &body, &count);
    bool *variable = mem_new(count + 1, sizeof *variable);
    mark_variable(s, node, count, variable);
    Class res = CLASS_POLYNOMIAL;
    for (size_t i = 0; i < count; i++) {
        bool varies[3] = {false, false, false};
        for (size_t k = 0; k < expr_count(s, node[i]) && k < 3; k++)
            varies[k] = variable[sign_place(node, count, expr_kid(s, node[i], k))];
        Class c = kind_of_node(s, node[i], varies);
        if (res < c) res = c;
        if (expr_op(s, node[i]) == EXPR_IF && varies[0]) *cases = true;
    }
    free(node);
    free(variable);
    return res;
}

/* ---- functions that are smooth everywhere at a glance ---- */

static bool is_smooth_node(const Store *s, Expr e) {
    long n;
    switch (expr_op(s, e)) {
    case EXPR_ADD: case EXPR_SUB: case EXPR_MUL: case EXPR_NEG:
    case EXPR_SYM: case EXPR_GLOBAL: case EXPR_BOUND: case EXPR_FREE: return true;
    case EXPR_POW: return expr_is_integer(s, expr_kid(s, e, 1), &n) && 0 < n;
    case EXPR_FN: {
        const Function *f = function_at(expr_payload(s, e));
        return !f->domain && !f->kink;
    }
    default: return expr_is_constant(s, e);
    }
}

/* 1 + the kind of a body of numbers that is made of parts smooth everywhere, calls of such functions
 * included; 0 where that does not show without a closer look. */
static unsigned plain_of(Interp *in, Expr body) {
    Store *s = in->store;
    if (expr_rank(s, body) > 0) return 0;
    size_t count;
    Expr *node = expr_reachable(s, 1, &body, &count);
    bool *variable = mem_new(count + 1, sizeof *variable);
    mark_variable(s, node, count, variable);
    unsigned res = 1 + CLASS_POLYNOMIAL;
    for (size_t i = 0; i < count && res > 0; i++) {
        unsigned here = 0;
        bool varies[3] = {false, false, false};
        for (size_t k = 0; k < expr_count(s, node[i]) && k < 3; k++)
            varies[k] = variable[sign_place(node, count, expr_kid(s, node[i], k))];
        if (expr_op(s, node[i]) == EXPR_CALL) {
            FnId f = expr_payload(s, node[i]);
            const Def *callee = defs_function(in->defs, defs_fn_base(in->defs, f));
            if (callee && defs_fn_order(in->defs, f) == 0) here = callee->plain;
        } else if (is_smooth_node(s, node[i])) {
            here = 1 + kind_of_node(s, node[i], varies);
        }
        if (here == 0 || res < here) res = here;
    }
    free(node);
    free(variable);
    return res;
}

/* ---- conditions ---- */

/* Can the sign of the left side answer `left REL right` for certain?  `never`: that it is false. */
static bool is_certain(const Store *s, Expr e, bool never) {
    if (expr_op(s, e) != EXPR_REL) return false;
    Expr left = expr_kid(s, e, 0), right = expr_kid(s, e, 1);
    if (!expr_is_constant(s, right) || !(expr_double_of(s, right) <= 0)) return false;
    bool below = expr_double_of(s, right) < 0;
    size_t count;
    Expr *node = expr_reachable(s, 1, &left, &count);
    Sign *sign = mem_new(count + 1, sizeof *sign);
    sign_of_nodes(s, node, count, sign);
    Sign of = sign[count - 1];
    if (below && of == SIGN_NONNEGATIVE) of = SIGN_POSITIVE;
    free(node);
    free(sign);
    switch (expr_payload(s, e)) {
    case REL_GT:
    case REL_NE: return !never && of == SIGN_POSITIVE;
    case REL_GE: return !never && of >= SIGN_NONNEGATIVE;
    case REL_EQ:
    case REL_LE: return never && of == SIGN_POSITIVE;
    default: return never && of >= SIGN_NONNEGATIVE;
    }
}

/* A condition on every term of a loop, prod(i=lo..hi, if(c, 1, 0)) != 0, reads "c for i=lo..hi". */
static bool print_for_all(Interp *in, Expr e, Buf *out) {
    Store *s = in->store;
    if (expr_op(s, e) != EXPR_REL || expr_payload(s, e) != REL_NE ||
        expr_op(s, expr_kid(s, e, 0)) != EXPR_PROD)
        return false;
    Expr loop = expr_kid(s, e, 0), lo = expr_kid(s, loop, 0), hi = expr_kid(s, loop, 1);
    unsigned number = expr_unused_free(s, expr_mask(s, loop));
    Expr body = expr_open(s, loop, number), index = expr_free(s, number);
    if (expr_op(s, body) != EXPR_IF || expr_mask(s, loop) != 0) return false;
    Expr named = expr_symbol(s, EXPR_SYM, names_intern_str(in->names, "i"), 0, NULL);
    Expr condition = expr_substitute(s, expr_kid(s, body, 0), 1, &index, &named);
    PrintStyle style = {.most = DESCRIBE_TEXT};
    expr_print(out, in->defs, condition, &style);
    buf_text(out, " for i=");
    expr_print(out, in->defs, lo, &style);
    buf_text(out, "..");
    expr_print(out, in->defs, hi, &style);
    return true;
}

bool describe_is_certain(const Store *s, Expr condition) { return is_certain(s, condition, false); }

void describe_condition(Interp *in, Expr condition, Buf *out) {
    PrintStyle style = {.most = DESCRIBE_TEXT};
    if (!print_for_all(in, condition, out)) expr_print(out, in->defs, condition, &style);
}

/* Prints the parts of a conjunction (op AND) or of alternatives (op OR) that are not settled by
 * signs, `most` of them; returns how many there are. */
static size_t print_parts(Interp *in, Expr e, ExprOp op, size_t most, Buf *out) {
    Expr stack[DESCRIBE_PARTS];
    size_t depth = 0, count = 0;
    stack[depth++] = e;
    while (depth > 0) {
        Expr part = stack[--depth];
        if (expr_op(in->store, part) == op && depth + 2 <= DESCRIBE_PARTS) {
            stack[depth++] = expr_kid(in->store, part, 1);
            stack[depth++] = expr_kid(in->store, part, 0);
            continue;
        }
        if (expr_is_constant(in->store, part) || is_certain(in->store, part, op == EXPR_OR))
            continue;
        if (++count > most) continue;
        bool brackets = expr_op(in->store, part) == (op == EXPR_AND ? EXPR_OR : EXPR_IF);
        if (count > 1) buf_text(out, op == EXPR_AND ? " and " : " or ");
        if (brackets) buf_char(out, '(');
        describe_condition(in, part, out);
        if (brackets) buf_char(out, ')');
    }
    if (most < count) buf_text(out, op == EXPR_AND ? ", and more" : ", or more");
    return count;
}

/* ---- the line ---- */

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

static void describe_places(Interp *in, Expr body, bool cases, Buf *out) {
    Buf domain, kinks;
    buf_init(&domain);
    buf_init(&kinks);
    Expr d = domain_of(in->defs, body), k = kinks_of(in->defs, body);
    size_t limits = d ? print_parts(in, d, EXPR_AND, 3, &domain) : 0;
    size_t corners = k ? print_parts(in, k, EXPR_OR, 3, &kinks) : 0;
    if (limits > 0) buf_printf(out, ", defined where %s", buf_str(&domain));
    if (corners > 0) buf_printf(out, ", perhaps not smooth where %s", buf_str(&kinks));
    if (d && k && limits == 0 && corners == 0 && !cases) buf_text(out, ", smooth everywhere");
    if (d && k && limits > 0 && corners == 0 && !cases) buf_text(out, ", smooth there");
    buf_done(&domain);
    buf_done(&kinks);
}

bool describe_is_smooth(Interp *in, Expr body) {
    Buf unused;
    buf_init(&unused);
    Expr k = kinks_of(in->defs, body);
    bool res = k && print_parts(in, k, EXPR_OR, 0, &unused) == 0;
    buf_done(&unused);
    return res;
}

void describe_function(Interp *in, const Def *f, Buf *out) {
    static const char *const kinds[] = {"polynomial", "rational", "elementary",
                                        "with special functions"};
    describe_params(in, f, out);
    Def *def = defs_function(in->defs, f->name);
    if (def && def->body && !def->recursive && (def->plain = plain_of(in, def->body)) > 0) {
        buf_printf(out, ", %s, smooth everywhere", kinds[def->plain - 1]);
        return;
    }
    Expr body = f->body ? defs_expand(in->defs, f->body, DESCRIBE_NODES) : 0;
    if (!body) return;
    int rank = expr_rank(in->store, body);
    if (rank > 0) buf_text(out, rank == 1 ? ", gives a vector" : ", gives a matrix");
    if (f->recursive) {
        buf_text(out, ", calls itself");
        return;
    }
    bool cases = false;
    Class kind = kind_of(in->store, body, &cases);
    buf_printf(out, ", %s%s", kinds[kind], cases ? " by cases" : "");
    if (!(expr_flags(in->store, body) & EXPR_HAS_CALL)) describe_places(in, body, cases, out);
}

void describe_domain(Interp *in, const Def *f, Buf *out) {
    Expr body = f->body, d = body ? domain_of(in->defs, body) : 0;
    if (!d) {
        buf_text(out, "not known");
        return;
    }
    size_t start = out->len;
    print_parts(in, d, EXPR_AND, DESCRIBE_PARTS, out);
    if (out->len == start) buf_text(out, "everywhere");
}
