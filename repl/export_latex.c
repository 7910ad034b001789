/* Expressions as LaTeX.  No recursion: what is still to be written lies on a stack. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/functions.h"
#include "expr/print.h"
#include "repl/export.h"
#include "repl/export_latex.h"

enum { LOOSE, OR, AND, NOT, COMPARE, SUM, TERM, UNARY, POWER, ATOM };

typedef struct Item {
    const char *text; /* or NULL: a node */
    size_t len;
    Expr node;
    int level; /* brackets if the node binds less tightly */
    int undo;  /* index to give back, -1 none */
} Item;

typedef struct Latex {
    Buf *out;
    Defs *d;
    Store *s;
    Item *item;
    size_t count, cap;
    bool used[EXPR_MOST_INDICES];
} Latex;

static void push(Latex *p, Item item) {
    p->item = mem_grow(p->item, &p->cap, p->count + 1, sizeof *p->item);
    p->item[p->count++] = item;
}

static void push_part(Latex *p, const char *text, size_t len) {
    push(p, (Item){.text = text, .len = len, .undo = -1});
}

static void push_text(Latex *p, const char *text) { push_part(p, text, strlen(text)); }

static void push_node(Latex *p, Expr e, int level) {
    push(p, (Item){.node = e, .level = level, .undo = -1});
}

static void write_constant(Latex *p, Expr e, int level) {
    Buf text;
    buf_init(&text);
    expr_print(&text, p->d, e, NULL);
    const char *at = buf_str(&text), *slash = strchr(at, '/'), *ten = strchr(at, 'e');
    bool brackets = (*at == '-' && UNARY < level) || ((slash || ten) && POWER < level);
    buf_text(p->out, brackets ? "\\left(" : "");
    latex_write_number(p->out, at);
    buf_text(p->out, brackets ? "\\right)" : "");
    buf_done(&text);
}

/* ---- pieces ---- */

/* A form of its own, such as {#1}^{#2}, may hold together less than a name before brackets. */
static int level_of_form(const char *form) {
    if (!form || !strchr(form, '#')) return ATOM;
    if (strstr(form, "\\cdot") || strstr(form, "\\bmod")) return TERM;
    size_t len = strlen(form);
    bool closed = strncmp(form, "\\left", 5) == 0 || (7 < len && strcmp(form + len - 7, "\\right)") == 0);
    return closed ? ATOM : POWER;
}

static int level_of(const Latex *p, Expr e) {
    switch (expr_op(p->s, e)) {
    case EXPR_IF: return LOOSE;
    case EXPR_OR: return OR;
    case EXPR_AND: return AND;
    case EXPR_NOT: return NOT;
    case EXPR_REL: return COMPARE;
    case EXPR_ADD: case EXPR_SUB: return SUM;
    case EXPR_SUM: case EXPR_PROD: case EXPR_MUL: case EXPR_MAX: case EXPR_MIN: case EXPR_ARGMAX:
    case EXPR_ARGMIN: return TERM;
    case EXPR_NEG: case EXPR_NEGZERO: return UNARY;
    case EXPR_DIV: case EXPR_POW: return POWER;
    case EXPR_FN: return level_of_form(function_at(expr_payload(p->s, e))->latex);
    default: return ATOM;
    }
}

/* Does what is written begin with a minus sign? */
static bool has_sign(const Latex *p, Expr e) {
    while (expr_op(p->s, e) == EXPR_MUL) e = expr_kid(p->s, e, 0);
    mpq_srcptr value = expr_rational(p->s, e);
    return value ? mpq_sgn(value) < 0 : expr_op(p->s, e) == EXPR_NEG || expr_op(p->s, e) == EXPR_NEGZERO;
}

static void push_binary(Latex *p, const char *sign, Expr a, int left, Expr b, int right) {
    push_node(p, b, right);
    push_text(p, sign);
    push_node(p, a, left);
}

static void push_list(Latex *p, const char *open, Expr e, const char *between, const char *close) {
    push_text(p, close);
    for (size_t i = expr_count(p->s, e); 0 < i--;) {
        push_node(p, expr_kid(p->s, e, i), LOOSE);
        if (i) push_text(p, between);
    }
    push_text(p, open);
}

/* A product's sign: numbers beside numbers need one, letters a thin space. */
static const char *product_sign(const Latex *p, Expr b) {
    const Store *s = p->s;
    while (expr_op(s, b) == EXPR_MUL || expr_op(s, b) == EXPR_POW) b = expr_kid(s, b, 0);
    return expr_rational(s, b) || expr_op(s, b) == EXPR_NEG ? "\\cdot " : "\\,";
}

/* The table's form with #1, #2, #3 taken from the right to the left: the stack turns it round. */
static void push_form(Latex *p, Expr e, const char *form) {
    const char *end = form + strlen(form);
    for (const char *at = end; form < at;) {
        const char *hash = at;
        while (form < hash && *--hash != '#') {}
        if (*hash != '#') {
            push_part(p, form, (size_t)(at - form));
            return;
        }
        push_part(p, hash + 2, (size_t)(at - hash - 2));
        size_t which = (size_t)(hash[1] - '1');
        bool based = form == hash || (form < hash && hash[-1] == '{' && hash[2] == '}' && hash[3] == '^');
        bool product = strncmp(hash + 2, "\\cdot", 5) == 0 || strncmp(hash + 2, "\\bmod", 5) == 0;
        if (which < expr_count(p->s, e))
            push_node(p, expr_kid(p->s, e, which), based || product ? ATOM : LOOSE);
        at = hash;
    }
}

static void push_function(Latex *p, Expr e) {
    const Function *f = function_at(expr_payload(p->s, e));
    if (f->latex && strchr(f->latex, '#')) {
        push_form(p, e, f->latex);
        return;
    }
    push_list(p, "\\left(", e, ", ", "\\right)");
    push_text(p, f->latex ? f->latex : f->name);
}

static void push_element(Latex *p, Expr e) {
    Expr index[8], root = e;
    int count = 0;
    while (expr_op(p->s, root) == EXPR_ELEM && count < 8) {
        index[count++] = expr_kid(p->s, root, 1);
        root = expr_kid(p->s, root, 0);
    }
    push_text(p, "}");
    for (int i = 0; i < count; i++) {
        push_node(p, index[i], LOOSE);
        push_text(p, i + 1 < count ? "," : "_{");
    }
    push_node(p, root, ATOM);
}

static const char *const index_letters[] = {"i", "j", "k", "l", "p", "q", "r", "s", "t", "u"};

static void write_index(Buf *out, unsigned k) {
    buf_text(out, index_letters[k % 10]);
    buf_fill(out, '\'', k / 10);
}

static void push_loop(Latex *p, Expr e) {
    static const char *const words[] = {"\\sum_{", "\\prod_{", "\\max_{", "\\min_{", "\\arg\\max_{", "\\arg\\min_{",
                                        "\\left("};
    unsigned k = 0;
    uint64_t mask = expr_mask(p->s, e);
    while (k < EXPR_MOST_INDICES - 1 && (p->used[k] || mask >> (32 + k) & 1)) k++;
    ExprOp op = expr_op(p->s, e);
    p->used[k] = true;
    Expr body = expr_open(p->s, e, k), lo = expr_kid(p->s, e, 0), hi = expr_kid(p->s, e, 1), at = expr_free(p->s, k);
    if (op == EXPR_VEC) {
        push(p, (Item){.text = "", .undo = (int)k});
        push_text(p, "}");
        push_node(p, hi, LOOSE);
        push_text(p, ",\\ldots,");
        push_node(p, lo, LOOSE);
        push_text(p, "=");
        push_node(p, at, LOOSE);
        push_text(p, "\\right)_{");
        push_node(p, body, LOOSE);
        push_text(p, words[op - EXPR_SUM]);
        return;
    }
    bool limits = op == EXPR_SUM || op == EXPR_PROD;
    push(p, (Item){.text = "", .undo = (int)k});
    push_node(p, body, TERM);
    push_text(p, "}");
    push_node(p, hi, LOOSE);
    push_text(p, limits ? "}^{" : ",\\ldots,");
    push_node(p, lo, LOOSE);
    push_text(p, "=");
    push_node(p, at, LOOSE);
    push_text(p, words[op - EXPR_SUM]);
}

/* if .. else if ..: one list of cases. */
static void push_choice(Latex *p, Expr e) {
    Expr *row = NULL;
    size_t count = 0, cap = 0;
    for (; expr_op(p->s, e) == EXPR_IF; e = expr_kid(p->s, e, 2)) {
        row = mem_grow(row, &cap, count + 1, sizeof *row);
        row[count++] = e;
    }
    push_text(p, " & \\text{otherwise}\\end{cases}");
    push_node(p, e, LOOSE);
    while (0 < count--) {
        push_text(p, "\\\\ ");
        push_node(p, expr_kid(p->s, row[count], 0), LOOSE);
        push_text(p, " & \\text{if } ");
        push_node(p, expr_kid(p->s, row[count], 1), LOOSE);
    }
    push_text(p, "\\begin{cases}");
    free(row);
}

static void push_array(Latex *p, Expr e) {
    bool rows = expr_rank(p->s, e) == 2;
    for (size_t i = 0; i < expr_count(p->s, e); i++)
        rows = rows && expr_op(p->s, expr_kid(p->s, e, i)) == EXPR_LIST;
    if (!rows) {
        push_list(p, "\\begin{pmatrix}", e, "\\\\ ", "\\end{pmatrix}");
        return;
    }
    push_text(p, "\\end{pmatrix}");
    for (size_t i = expr_count(p->s, e); 0 < i--;)
        push_list(p, i ? "\\\\ " : "\\begin{pmatrix}", expr_kid(p->s, e, i), " & ", "");
}

/* f, f', \partial^2 f / \partial x \partial y. */
static void write_fn(Latex *p, FnId fn) {
    const Names *names = store_names(p->s);
    const char *base = names_text(names, defs_fn_base(p->d, fn));
    const Def *def = defs_function(p->d, defs_fn_base(p->d, fn));
    size_t order = defs_fn_order(p->d, fn);
    bool one = def && def->param_count == 1 && def->param[0].rank == 0;
    if (order == 0 || one || !def) {
        latex_write_name(p->out, base);
        buf_fill(p->out, '\'', order);
        return;
    }
    buf_text(p->out, "\\frac{\\partial");
    if (1 < order) buf_printf(p->out, "^{%zu}", order);
    buf_char(p->out, ' ');
    latex_write_name(p->out, base);
    buf_text(p->out, "}{");
    for (size_t i = 0; i < order;) {
        uint32_t by = defs_fn_by(p->d, fn, i);
        size_t same = 1;
        while (i + same < order && defs_fn_by(p->d, fn, i + same) == by) same++;
        buf_text(p->out, i ? "\\,\\partial " : "\\partial ");
        latex_write_name(p->out, names_text(names, def->param[by].name));
        if (1 < same) buf_printf(p->out, "^{%zu}", same);
        i += same;
    }
    buf_char(p->out, '}');
}

static void push_call(Latex *p, Expr e) {
    push_list(p, "\\left(", e, ", ", "\\right)");
    write_fn(p, expr_payload(p->s, e));
}

static const char *const relations[] = {" < ", " \\le ", " > ", " \\ge ", " = ", " \\ne "};

static void write_leaf(Latex *p, Expr e) {
    switch (expr_op(p->s, e)) {
    case EXPR_PI: buf_text(p->out, "\\pi "); break;
    case EXPR_E: buf_text(p->out, "e"); break;
    case EXPR_INF: buf_text(p->out, "\\infty "); break;
    case EXPR_NEGZERO: buf_text(p->out, "-0"); break;
    case EXPR_SYM: case EXPR_GLOBAL:
        latex_write_name(p->out, names_text(store_names(p->s), expr_payload(p->s, e)));
        break;
    case EXPR_FREE: write_index(p->out, expr_payload(p->s, e)); break;
    default: buf_text(p->out, "\\mathrm{NaN}"); break;
    }
}

/* A sum that ends a term needs no brackets, a sign that begins one needs none. */
static void push_product(Latex *p, Expr e, int level) {
    Expr a = expr_kid(p->s, e, 0), b = expr_kid(p->s, e, 1);
    ExprOp last = expr_op(p->s, b), first = expr_op(p->s, a);
    bool ends = level <= TERM && (last == EXPR_SUM || last == EXPR_PROD);
    push_binary(p, product_sign(p, b), a, first == EXPR_NEG || expr_rational(p->s, a) ? UNARY : POWER, b,
                ends ? TERM : has_sign(p, b) ? ATOM : POWER);
}

static void write_inner(Latex *p, Expr e, int level) {
    Store *s = p->s;
    Expr a = expr_count(s, e) ? expr_kid(s, e, 0) : 0, b = 1 < expr_count(s, e) ? expr_kid(s, e, 1) : 0;
    switch (expr_op(s, e)) {
    case EXPR_ADD: push_binary(p, " + ", a, SUM, b, has_sign(p, b) ? ATOM : TERM); break;
    case EXPR_SUB: push_binary(p, " - ", a, SUM, b, has_sign(p, b) ? ATOM : TERM); break;
    case EXPR_MUL: push_product(p, e, level); break;
    case EXPR_DIV:
        push_text(p, "}");
        push_binary(p, "}{", a, LOOSE, b, LOOSE);
        push_text(p, "\\frac{");
        break;
    case EXPR_POW:
        push_text(p, "}");
        push_binary(p, "^{", a, ATOM, b, LOOSE);
        break;
    case EXPR_NEG: push_node(p, a, POWER); push_text(p, "-"); break;
    case EXPR_REL: push_binary(p, relations[expr_payload(s, e)], a, SUM, b, SUM); break;
    case EXPR_AND: push_binary(p, " \\wedge ", a, AND, b, NOT); break;
    case EXPR_OR: push_binary(p, " \\vee ", a, OR, b, AND); break;
    case EXPR_NOT: push_node(p, a, ATOM); push_text(p, "\\neg "); break;
    case EXPR_IF: push_choice(p, e); break;
    case EXPR_FN: push_function(p, e); break;
    case EXPR_LIST: push_array(p, e); break;
    case EXPR_ELEM: push_element(p, e); break;
    case EXPR_CALL: push_call(p, e); break;
    case EXPR_PREFIX: case EXPR_SUFFIX: push_list(p, "\\mathrm{products}\\left(", e, ", ", "\\right)"); break;
    default:
        if (expr_is_loop(s, e)) push_loop(p, e);
        else write_leaf(p, e);
        break;
    }
}

static void write_node(Latex *p, Expr e, int level) {
    if (expr_rational(p->s, e)) {
        write_constant(p, e, level);
        return;
    }
    /* a product within a product needs no brackets */
    bool chain = level == POWER && expr_op(p->s, e) == EXPR_MUL;
    if (level_of(p, e) < level && !chain) {
        buf_text(p->out, "\\left(");
        push_text(p, "\\right)");
    }
    write_inner(p, e, level_of(p, e) < level && !chain ? LOOSE : level);
}

static void write_expression(Latex *p, Expr e) {
    push_node(p, e, LOOSE);
    while (p->count) {
        Item top = p->item[--p->count];
        if (!top.text) {
            write_node(p, top.node, top.level);
            continue;
        }
        buf_add(p->out, top.text, top.len);
        if (0 <= top.undo) p->used[top.undo] = false;
    }
}

/* ---- the whole ---- */

/* f(x, y), \nabla f(x, y), \frac{\partial f}{\partial x}(x, y). */
static void write_head(Latex *p, const Target *g, const Names *names) {
    const Callee *c = &g->callee;
    Buf *out = p->out;
    if (c->kind == CALLEE_BUILTIN || c->formula) {
        buf_printf(out, "\\mathrm{%s}", g->name);
    } else {
        buf_text(out, c->kind == CALLEE_GRAD ? "\\nabla " : c->kind == CALLEE_HESS ? "\\nabla^{2} " :
                      c->kind == CALLEE_JAC ? "J_{" : "");
        write_fn(p, c->fn);
        buf_text(out, c->kind == CALLEE_JAC ? "}" : "");
    }
    buf_text(out, "\\left(");
    for (size_t i = 0; i < g->param_count; i++) {
        buf_text(out, i ? ", " : "");
        latex_write_name(out, names_text(names, g->param[i].name));
    }
    buf_text(out, "\\right)");
}

bool export_latex(Task *t, const Target *g, Buf *out) {
    Lower l;
    evaluate_init(t, &l);
    Expr e = lower_callee_formula(&l, &g->callee, g->span);
    evaluate_done(&l);
    if (!e) return false;
    Latex p = {.out = out, .d = t->in->defs, .s = t->in->store};
    buf_text(out, "\\begin{aligned}\n");
    write_head(&p, g, t->in->names);
    buf_text(out, " &= ");
    write_expression(&p, e);
    buf_text(out, "\n\\end{aligned}\n");
    free(p.item);
    return true;
}
