/* Expressions to text that reads back to the same node; see print.h.  No recursion: what is still
 * to be written lies on a stack. */
#include "expr/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/functions.h"
#include "expr/pass.h"

/* How tightly a text binds: the grammar's levels. */
enum { LOOSE, CHOICE, OR, AND, NOT, COMPARE, SUM, TERM, UNARY, POWER, POSTFIX, ATOM };

typedef struct Item {
    const char *text; /* or NULL: a node */
    Expr node;
    int level;        /* brackets if the node binds less tightly */
    int undo;         /* index name to give back, -1 none */
} Item;

typedef struct Printer {
    Buf *out;
    Defs *d;
    Store *s;
    const PrintStyle *style;
    Item *item;
    size_t count, cap;
    char index_name[EXPR_MOST_INDICES][16];
    Memo *named;      /* node -> number of its where name + 1 */
    Names *names;
    Expr within;      /* definition being printed: its own name is not used */
    char where_prefix[16];
    size_t taken_count;
} Printer;

static void push_text(Printer *p, const char *text) {
    p->item = mem_grow(p->item, &p->cap, p->count + 1, sizeof *p->item);
    p->item[p->count++] = (Item){.text = text, .undo = -1};
}

static void push_node(Printer *p, Expr e, int level) {
    p->item = mem_grow(p->item, &p->cap, p->count + 1, sizeof *p->item);
    p->item[p->count++] = (Item){.node = e, .level = level, .undo = -1};
}

/* ---- constants ---- */

/* An exact decimal, if the denominator has no factors but 2 and 5; false otherwise. */
static bool add_decimal(Buf *b, mpq_srcptr q) {
    mpz_t den, num, r;
    mpz_inits(den, num, r, NULL);
    mpz_set(den, mpq_denref(q));
    unsigned long twos = mpz_scan1(den, 0), fives = 0;
    mpz_fdiv_q_2exp(den, den, twos);
    while (mpz_divisible_ui_p(den, 5)) {
        mpz_divexact_ui(den, den, 5);
        fives++;
    }
    bool ok = mpz_cmp_ui(den, 1) == 0;
    if (ok) { /* num * 10^places / den = num * 2^(places-twos) * 5^(places-fives) */
        unsigned long places = twos < fives ? fives : twos;
        mpz_abs(num, mpq_numref(q));
        mpz_mul_2exp(num, num, places - twos);
        mpz_ui_pow_ui(r, 5, places - fives);
        mpz_mul(num, num, r);
        char *digits = mpz_get_str(NULL, 10, num);
        size_t len = strlen(digits);
        size_t zeros = 0;
        while (1 < len - zeros && digits[len - 1 - zeros] == '0')
            zeros++;
        if (places == 0 && (zeros < 6 || len < 16)) {
            buf_text(b, digits);
        } else if (places == 0) {
            buf_add(b, digits, len - zeros);
            buf_printf(b, "e%zu", zeros);
        } else if (len <= places && 5 < places - len) { /* 0.00000012 is 1.2e-7 */
            buf_add(b, digits, 1);
            if (1 < len)
                buf_char(b, '.');
            buf_text(b, digits + 1);
            buf_printf(b, "e-%lu", places - (unsigned long)len + 1);
        } else if (len <= places) {
            buf_text(b, "0.");
            buf_fill(b, '0', places - len);
            buf_text(b, digits);
        } else {
            buf_add(b, digits, len - places);
            buf_char(b, '.');
            buf_text(b, digits + len - places);
        }
        free(digits);
    }
    mpz_clears(den, num, r, NULL);
    return ok;
}

/* Writes |q|, as a fraction where that is shorter by two characters; returns the level at which it binds: ATOM for a decimal, TERM for 1/3. */
static int add_rational(Buf *b, mpq_srcptr q) {
    Buf decimal, fraction;
    buf_init(&decimal);
    buf_init(&fraction);
    bool exact = add_decimal(&decimal, q);
    char *num = mpz_get_str(NULL, 10, mpq_numref(q)), *den = mpz_get_str(NULL, 10, mpq_denref(q));
    buf_printf(&fraction, "%s/%s", num[0] == '-' ? num + 1 : num, den);
    bool short_parts = mpz_sizeinbase(mpq_numref(q), 2) <= 53 && mpz_sizeinbase(mpq_denref(q), 2) <= 53;
    bool use_fraction = !exact || (short_parts && fraction.len + 1 < decimal.len && mpz_cmp_ui(mpq_denref(q), 1) != 0);
    buf_text(b, use_fraction ? buf_str(&fraction) : buf_str(&decimal));
    free(num);
    free(den);
    buf_done(&decimal);
    buf_done(&fraction);
    return use_fraction ? TERM : ATOM;
}

static void print_constant(Printer *p, Expr e, int level) {
    mpq_srcptr q = expr_rational(p->s, e);
    Buf b;
    buf_init(&b);
    int own = add_rational(&b, q);
    bool negative = mpq_sgn(q) < 0;
    if (negative) /* -1/3 reads as (-1)/3, folded; -2 as -(2), folded */
        own = own == ATOM ? UNARY : TERM;
    bool brackets = own < level;
    buf_printf(p->out, "%s%s%s%s", brackets ? "(" : "", negative ? "-" : "", buf_str(&b), brackets ? ")" : "");
    buf_done(&b);
}

/* ---- levels ---- */

static int level_of(const Printer *p, Expr e) {
    switch (expr_op(p->s, e)) {
    case EXPR_IF: return ATOM; /* if(c, a, b) */
    case EXPR_OR: return OR;
    case EXPR_AND: return AND;
    case EXPR_NOT: return NOT;
    case EXPR_REL: return COMPARE;
    case EXPR_ADD: case EXPR_SUB: return SUM;
    case EXPR_MUL: case EXPR_DIV: return TERM;
    case EXPR_NEG: case EXPR_NEGZERO: return UNARY;
    case EXPR_POW: return POWER;
    default: return ATOM;
    }
}

static const char *index_text(const Printer *p, Expr e) {
    unsigned k = expr_payload(p->s, e);
    return expr_op(p->s, e) == EXPR_FREE && k < EXPR_MOST_INDICES && p->index_name[k][0] ? p->index_name[k] : "?";
}

static bool name_taken(const Printer *p, const char *text) {
    for (int k = 0; k < EXPR_MOST_INDICES; k++)
        if (strcmp(p->index_name[k], text) == 0)
            return true;
    return strcmp(text, "e") == 0 || 0 <= function_find(text, strlen(text));
}

/* ---- pieces ---- */

static void push_binary(Printer *p, const char *sign, Expr a, int left, Expr b, int right) {
    push_node(p, b, right);
    push_text(p, sign);
    push_node(p, a, left);
}

static void push_list(Printer *p, const char *open, Expr e, size_t from, const char *close) {
    push_text(p, close);
    for (size_t i = expr_count(p->s, e); from < i--;) {
        push_node(p, expr_kid(p->s, e, i), LOOSE);
        if (i != from)
            push_text(p, ", ");
    }
    push_text(p, open);
}

/* [a, b], and a matrix whose rows are written out as [a, b; c, d]. */
static void push_array(Printer *p, Expr e) {
    bool rows = expr_rank(p->s, e) == 2;
    for (size_t i = 0; i < expr_count(p->s, e); i++)
        rows = rows && expr_op(p->s, expr_kid(p->s, e, i)) == EXPR_LIST;
    if (!rows) {
        push_list(p, "[", e, 0, "]");
        return;
    }
    push_text(p, "]");
    for (size_t i = expr_count(p->s, e); 0 < i--;)
        push_list(p, i ? "; " : "[", expr_kid(p->s, e, i), 0, "");
}

static const char *loop_word(ExprOp op) {
    static const char *const words[] = {"sum(", "prod(", "max(", "min(", "argmax(", "argmin(", "vec("};
    return words[op - EXPR_SUM];
}

/* A name for a loop's index that nothing in the whole expression uses. */
static void choose_index(Printer *p, ExprOp op, unsigned k, const bool *taken) {
    static const char *const vec[] = {"k", "l", "m", "p", "q"}, *const other[] = {"i", "j", "l", "m", "p", "q"};
    size_t count = op == EXPR_VEC ? 5 : 6;
    for (unsigned n = 0; n < 100000; n++) {
        char text[16];
        if (n < count)
            snprintf(text, sizeof text, "%s", op == EXPR_VEC ? vec[n] : other[n]);
        else
            snprintf(text, sizeof text, "i%u", n % 100000);
        Name name = names_find(p->names, text, strlen(text));
        if (name_taken(p, text) || (name && name < p->taken_count && taken[name]))
            continue;
        strcpy(p->index_name[k], text);
        return;
    }
}

static void push_loop(Printer *p, Expr e, const bool *taken) {
    Store *s = p->s;
    uint64_t mask = expr_mask(s, e);
    for (unsigned k = 0; k < EXPR_MOST_INDICES; k++)
        if (p->index_name[k][0])
            mask |= UINT64_C(1) << (32 + k);
    unsigned k = expr_unused_free(s, mask);
    if (k == EXPR_MOST_INDICES) {
        push_text(p, "?");
        return;
    }
    ExprOp op = expr_op(s, e);
    choose_index(p, op, k, taken);
    push_text(p, ")");
    p->item[p->count - 1].undo = (int)k;
    push_node(p, expr_open(s, e, k), LOOSE);
    push_text(p, ", ");
    push_node(p, expr_kid(s, e, 1), SUM);
    push_text(p, "..");
    push_node(p, expr_kid(s, e, 0), SUM);
    push_text(p, "=");
    push_text(p, p->index_name[k]);
    push_text(p, loop_word(op));
}

static void push_element(Printer *p, Expr e) {
    Expr index[8], root = e;
    int count = 0;
    while (expr_op(p->s, root) == EXPR_ELEM && count < 8) {
        index[count++] = expr_kid(p->s, root, 1);
        root = expr_kid(p->s, root, 0);
    }
    push_text(p, "]");
    for (int i = 0; i < count; i++) {
        push_node(p, index[i], LOOSE);
        push_text(p, i + 1 < count ? "," : "[");
    }
    push_node(p, root, ATOM);
}

/* a^b: the base is bracketed unless it is an atom; the exponent takes a sign or a power. */
static void push_power(Printer *p, Expr e) {
    Expr b = expr_kid(p->s, e, 1);
    mpq_srcptr q = expr_rational(p->s, b);
    bool plain = !q || (mpz_cmp_ui(mpq_denref(q), 1) == 0 || 0 <= mpq_sgn(q));
    int level = expr_op(p->s, b) == EXPR_NEG ? POWER : (q && plain && mpq_sgn(q) < 0) ? UNARY : POWER;
    push_binary(p, "^", expr_kid(p->s, e, 0), ATOM, b, level);
}

static const char *const relations[] = {" < ", " <= ", " > ", " >= ", " == ", " != "};

static void print_inner(Printer *p, Expr e, const bool *taken) {
    Store *s = p->s;
    Expr a = expr_count(s, e) ? expr_kid(s, e, 0) : 0, b = 1 < expr_count(s, e) ? expr_kid(s, e, 1) : 0;
    switch (expr_op(s, e)) {
    case EXPR_PI: buf_text(p->out, "pi"); break;
    case EXPR_E: buf_text(p->out, "e"); break;
    case EXPR_INF: buf_text(p->out, "inf"); break;
    case EXPR_NAN: buf_text(p->out, "nan"); break;
    case EXPR_NEGZERO: buf_text(p->out, "-0"); break;
    case EXPR_SYM: case EXPR_GLOBAL: buf_text(p->out, names_text(p->names, expr_payload(s, e))); break;
    case EXPR_SLOT: buf_printf(p->out, "slot%u", expr_payload(s, e)); break;
    case EXPR_BOUND: buf_printf(p->out, "bound%u", expr_payload(s, e)); break;
    case EXPR_FREE: buf_text(p->out, index_text(p, e)); break;
    case EXPR_ADD: push_binary(p, " + ", a, SUM, b, TERM); break;
    case EXPR_SUB: push_binary(p, " - ", a, SUM, b, TERM); break;
    case EXPR_MUL: push_binary(p, "*", a, TERM, b, UNARY); break;
    case EXPR_DIV: push_binary(p, "/", a, TERM, b, UNARY); break;
    case EXPR_NEG: push_node(p, a, expr_rational(s, a) ? ATOM : UNARY); push_text(p, "-"); break;
    case EXPR_POW: push_power(p, e); break;
    case EXPR_REL: push_binary(p, relations[expr_payload(s, e)], a, SUM, b, SUM); break;
    case EXPR_AND: push_binary(p, " and ", a, AND, b, NOT); break;
    case EXPR_OR: push_binary(p, " or ", a, OR, b, AND); break;
    case EXPR_NOT: push_node(p, a, NOT); push_text(p, "not "); break;
    case EXPR_IF: push_list(p, "if(", e, 0, ")"); break;
    case EXPR_FN:
        push_list(p, "(", e, 0, ")");
        push_text(p, function_at(expr_payload(s, e))->name);
        break;
    case EXPR_LIST: push_array(p, e); break;
    case EXPR_ELEM: push_element(p, e); break;
    case EXPR_CALL: {
        print_fn(p->out, p->d, expr_payload(s, e));
        push_list(p, "(", e, 0, ")");
        break;
    }
    case EXPR_PREFIX: push_list(p, "prefix(", e, 0, ")"); break;
    case EXPR_SUFFIX: push_list(p, "suffix(", e, 0, ")"); break;
    case EXPR_ERROR: buf_text(p->out, "?"); break;
    default: push_loop(p, e, taken); break;
    }
}

static void print_node(Printer *p, Expr e, int level, const bool *taken) {
    Expr number;
    if (p->named && e != p->within && memo_get(p->named, e, &number)) {
        buf_printf(p->out, "%s%u", p->where_prefix, number);
        return;
    }
    if (expr_rational(p->s, e)) {
        print_constant(p, e, level);
        return;
    }
    bool brackets = level_of(p, e) < level;
    if (brackets) {
        buf_char(p->out, '(');
        push_text(p, ")");
    }
    print_inner(p, e, taken);
}

static bool is_full(const Printer *p, size_t start) {
    return p->style && p->style->most && p->style->most < p->out->len - start;
}

static void drain(Printer *p, Expr e, size_t start, const bool *taken) {
    push_node(p, e, LOOSE);
    while (p->count) {
        Item top = p->item[--p->count];
        if (is_full(p, start)) {
            buf_text(p->out, "...");
            p->count = 0;
            break;
        }
        if (top.text) {
            buf_text(p->out, top.text);
            if (0 <= top.undo)
                p->index_name[top.undo][0] = '\0';
        } else {
            print_node(p, top.node, top.level, taken);
        }
    }
}

/* ---- named parts ---- */

size_t expr_tree_size(const Store *s, Expr e, size_t most) {
    size_t count, res = 0;
    Expr *node = expr_reachable(s, 1, &e, &count);
    size_t *size = mem_new(count, sizeof *size);
    for (size_t i = 0; i < count; i++) {
        size[i] = 1;
        for (size_t k = 0; k < expr_count(s, node[i]); k++) {
            Expr kid = expr_kid(s, node[i], k);
            size_t lo = 0, hi = i;
            while (lo < hi) { /* nodes are ascending */
                size_t mid = (lo + hi) / 2;
                if (node[mid] < kid)
                    lo = mid + 1;
                else
                    hi = mid;
            }
            size[i] = most - size[i] < size[lo] ? most : size[i] + size[lo];
        }
        res = size[i];
    }
    free(size);
    free(node);
    return res;
}

typedef struct Shared {
    Expr *node;
    size_t count, cap;
} Shared;

/* Has the tree at least six nodes? */
static bool is_worth_a_name(const Store *s, Expr e) {
    Expr stack[32];
    size_t count = 0, nodes = 0;
    stack[count++] = e;
    while (0 < count && nodes < 6) {
        Expr x = stack[--count];
        nodes++;
        for (size_t i = 0; i < expr_count(s, x) && count < 32; i++)
            stack[count++] = expr_kid(s, x, i);
    }
    return 6 <= nodes;
}

/* Numbers worth a name: used twice, no leaf, no index of a loop within. */
static void find_shared(Printer *p, Expr root, Shared *out) {
    size_t count;
    Store *s = p->s;
    Expr *node = expr_reachable(s, 1, &root, &count), n;
    Memo *uses = memo_begin(s);
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < expr_count(s, node[i]); k++) {
            Expr kid = expr_kid(s, node[i], k);
            memo_set(uses, kid, memo_get(uses, kid, &n) ? n + 1 : 1);
        }
    for (size_t i = 0; i < count; i++) {
        Expr e = node[i];
        bool leaf = expr_count(s, e) == 0 || expr_op(s, e) == EXPR_SYM || expr_op(s, e) == EXPR_GLOBAL ||
                    expr_op(s, e) == EXPR_NEG;
        if (leaf || e == root || 0 < expr_rank(s, e) || expr_mask(s, e) || !memo_get(uses, e, &n) || n < 2 ||
            !is_worth_a_name(s, e))
            continue;
        out->node = mem_grow(out->node, &out->cap, out->count + 1, sizeof *out->node);
        out->node[out->count++] = e;
        memo_set(p->named, e, (Expr)out->count);
    }
    memo_end(s, uses);
    free(node);
}

/* Names that stand in the expression: no index and no where name may be one of them. */
static bool *names_in(Printer *p, Expr e, size_t *size) {
    size_t count;
    Expr *node = expr_reachable(p->s, 1, &e, &count);
    Name most = 0;
    for (size_t i = 0; i < count; i++)
        if ((expr_op(p->s, node[i]) == EXPR_SYM || expr_op(p->s, node[i]) == EXPR_GLOBAL) &&
            most < expr_payload(p->s, node[i]))
            most = expr_payload(p->s, node[i]);
    *size = (size_t)most + 1;
    bool *res = mem_new(*size, sizeof *res);
    for (size_t i = 0; i < count; i++)
        if (expr_op(p->s, node[i]) == EXPR_SYM || expr_op(p->s, node[i]) == EXPR_GLOBAL)
            res[expr_payload(p->s, node[i])] = true;
    free(node);
    return res;
}

void expr_print(Buf *out, Defs *d, Expr e, const PrintStyle *style) {
    Store *s = defs_store(d);
    if (!e) {
        buf_text(out, "?");
        return;
    }
    Printer p = {.out = out, .d = d, .s = s, .style = style, .names = store_names(s), .where_prefix = "t"};
    size_t size, start = out->len, from = style && style->name_from ? style->name_from : 400;
    bool *taken = names_in(&p, e, &size);
    p.taken_count = size;
    Shared shared = {0};
    p.named = memo_begin(s);
    if (from <= expr_tree_size(s, e, from)) {
        for (size_t i = 0; i < size; i++) /* a t1 of the user's own */
            if (taken[i] && names_text(p.names, (Name)i)[0] == 't')
                strcpy(p.where_prefix, "part");
        find_shared(&p, e, &shared);
    }
    drain(&p, e, start, taken);
    for (size_t i = 0; i < shared.count && !is_full(&p, start); i++) {
        buf_printf(out, "%s%s%zu = ", i == 0 ? " where " : ", ", p.where_prefix, i + 1);
        p.within = shared.node[i];
        drain(&p, shared.node[i], start, taken);
    }
    memo_end(s, p.named);
    free(shared.node);
    free(taken);
    free(p.item);
}

void print_fn(Buf *out, Defs *d, FnId f) {
    Names *names = store_names(defs_store(d));
    Name base = defs_fn_base(d, f);
    const Def *def = defs_function(d, base);
    size_t order = defs_fn_order(d, f);
    if (order == 0 || !def) {
        buf_text(out, names_text(names, base));
        return;
    }
    if (def->param_count == 1 && def->param[0].rank == 0 && order <= 3) {
        buf_text(out, names_text(names, base));
        buf_fill(out, '\'', order);
        return;
    }
    if (order == 1)
        buf_printf(out, "d%s/", names_text(names, base));
    else
        buf_printf(out, "d%zu%s/", order, names_text(names, base));
    for (size_t i = 0; i < order;) {
        size_t n = 1;
        while (i + n < order && defs_fn_by(d, f, i + n) == defs_fn_by(d, f, i))
            n++;
        const char *by = names_text(names, def->param[defs_fn_by(d, f, i)].name);
        char last = by[strlen(by) - 1];
        buf_printf(out, "d%s", by);
        if (1 < n) /* x1 twice is dx1^2, x twice dx2 */
            buf_printf(out, "%s%zu", '0' <= last && last <= '9' ? "^" : "", n);
        i += n;
    }
}

void expr_dump(Buf *out, const Store *s, Expr e) {
    static const char *const words[] = {"error", "const", "pi", "e", "inf", "nan", "-0", "sym", "global", "slot", "bound",
        "free", "add", "sub", "mul", "div", "pow", "neg", "fn", "rel", "and", "or", "not", "if", "sum", "prod", "max",
        "min", "argmax", "argmin", "vec", "list", "elem", "call", "prefix", "suffix"};
    size_t count;
    Expr *node = expr_reachable(s, 1, &e, &count);
    for (size_t i = 0; i < count; i++) {
        buf_printf(out, "%zu %s", i + 1, words[expr_op(s, node[i])]);
        if (expr_op(s, node[i]) == EXPR_CONST)
            buf_printf(out, " %.17g", expr_double_of(s, node[i]));
        else if (expr_op(s, node[i]) == EXPR_SYM || expr_op(s, node[i]) == EXPR_GLOBAL)
            buf_printf(out, " %s", names_text(store_names(s), expr_payload(s, node[i])));
        else if (expr_op(s, node[i]) == EXPR_FN)
            buf_printf(out, " %s", function_at(expr_payload(s, node[i]))->name);
        else if (expr_payload(s, node[i]))
            buf_printf(out, " %u", expr_payload(s, node[i]));
        for (size_t k = 0; k < expr_count(s, node[i]); k++) {
            size_t at = 0;
            while (node[at] != expr_kid(s, node[i], k))
                at++;
            buf_printf(out, " #%zu", at + 1);
        }
        buf_char(out, '\n');
    }
    free(node);
}
