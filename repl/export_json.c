/* A function and its gradient as a graph in JSON: every node once, by number, parts before wholes.
 * docs/json.md describes it for readers.  No recursion: what is under way lies on a stack. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/functions.h"
#include "expr/print.h"
#include "parser/ast.h"
#include "repl/export_parts.h"
#include "repl/json.h"

enum { NODE_NONE = UINT32_MAX, NODE_KIDS = 4 };

typedef struct Graph {
    Task *task;
    Store *s;
    Buf *out;
    uint32_t *number; /* by Expr: of its node plus 1; 0: not written yet */
    size_t known;     /* so many Exprs have a place in number */
    uint32_t count;
    Expr *stack;
    size_t depth, cap;
    const Target *target;
    bool bad;         /* a node that has no form here: */
    Expr failed;
} Graph;

static uint32_t number_of(Graph *g, Expr e) {
    return e < g->known && g->number[e] ? g->number[e] - 1 : NODE_NONE;
}

static void set_number(Graph *g, Expr e) {
    if (g->known <= e) {
        size_t cap = g->known, need = (size_t)e + 1;
        g->number = mem_grow(g->number, &cap, need, sizeof *g->number);
        memset(g->number + g->known, 0, (cap - g->known) * sizeof *g->number);
        g->known = cap;
    }
    g->number[e] = ++g->count;
}

/* What a node is made of: its kids; of a loop the index, the ends and the opened body. */
static size_t parts_of(Graph *g, Expr e, Expr loop[NODE_KIDS], const Expr **out) {
    if (!expr_is_loop(g->s, e)) {
        ExprOp op = expr_op(g->s, e);
        bool leaf = op == EXPR_SYM || op == EXPR_GLOBAL || op == EXPR_SLOT;
        *out = leaf ? NULL : expr_kids(g->s, e);
        return leaf ? 0 : expr_count(g->s, e);
    }
    unsigned k = expr_unused_free(g->s, expr_mask(g->s, e));
    loop[0] = expr_free(g->s, k);
    loop[1] = expr_kid(g->s, e, 0);
    loop[2] = expr_kid(g->s, e, 1);
    loop[3] = expr_open(g->s, e, k);
    *out = loop;
    return NODE_KIDS;
}

static const char *name_of(Graph *g, Expr e) {
    return names_text(g->task->in->names, expr_payload(g->s, e));
}

static bool is_parameter(const Graph *g, Expr e) {
    for (size_t i = 0; i < g->target->param_count; i++)
        if (g->target->param[i].symbol == e) return true;
    return false;
}

static void write_number(Graph *g, Expr e) {
    Buf text;
    buf_init(&text);
    expr_print(&text, g->task->in->defs, e, NULL);
    json_string(g->out, "op", "number");
    json_text(g->out, "text", buf_str(&text), text.len);
    json_number(g->out, "value", expr_double_of(g->s, e));
    buf_done(&text);
}

static bool write_leaf(Graph *g, Expr e) {
    static const char letters[] = "ijklmpqrstuvwxyzabcdefghnoABCDE";
    switch (expr_op(g->s, e)) {
    case EXPR_SYM:
        json_string(g->out, "op", is_parameter(g, e) ? "parameter" : "length");
        json_string(g->out, "name", name_of(g, e));
        return true;
    case EXPR_GLOBAL: {
        const Var *var = defs_variable(g->task->in->defs, expr_payload(g->s, e));
        json_string(g->out, "op", "variable");
        json_string(g->out, "name", name_of(g, e));
        json_key(g->out, "value");
        if (var) json_value(g->out, &var->value, true);
        else buf_text(g->out, "null");
        return true;
    }
    case EXPR_FREE: {
        char name[2] = {letters[expr_payload(g->s, e) % (sizeof letters - 1)], '\0'};
        json_string(g->out, "op", "index");
        json_string(g->out, "name", name);
        return true;
    }
    default:
        if (!expr_is_constant(g->s, e)) return false;
        write_number(g, e);
        return true;
    }
}

/* The words for nodes; NULL: it has another form. */
static const char *word_of(Graph *g, Expr e) {
    static const char *const words[EXPR_OPS] = {
        [EXPR_ADD] = "add", [EXPR_SUB] = "subtract", [EXPR_MUL] = "multiply", [EXPR_DIV] = "divide",
        [EXPR_POW] = "power", [EXPR_NEG] = "negate", [EXPR_AND] = "and", [EXPR_OR] = "or", [EXPR_NOT] = "not",
        [EXPR_IF] = "if", [EXPR_SUM] = "sum", [EXPR_PROD] = "product", [EXPR_MAX] = "max", [EXPR_MIN] = "min",
        [EXPR_ARGMAX] = "argmax", [EXPR_ARGMIN] = "argmin", [EXPR_VEC] = "vector", [EXPR_LIST] = "list",
        [EXPR_ELEM] = "element", [EXPR_FN] = "function", [EXPR_PREFIX] = "products_before",
        [EXPR_SUFFIX] = "products_after",
    };
    static const char *const relations[] = {"less", "less_equal", "greater", "greater_equal", "equal", "not_equal"};
    return expr_op(g->s, e) == EXPR_REL ? relations[expr_payload(g->s, e)] : words[expr_op(g->s, e)];
}

static void write_inner(Graph *g, Expr e, size_t count, const Expr *part) {
    static const char *const keys[NODE_KIDS] = {"index", "from", "to", "body"};
    json_string(g->out, "op", word_of(g, e));
    if (expr_op(g->s, e) == EXPR_FN) json_string(g->out, "name", function_at(expr_payload(g->s, e))->name);
    if (expr_is_loop(g->s, e)) {
        for (size_t i = 0; i < NODE_KIDS; i++) json_count(g->out, keys[i], number_of(g, part[i]));
        return;
    }
    json_key(g->out, "args");
    buf_char(g->out, '[');
    for (size_t i = 0; i < count; i++) buf_printf(g->out, "%s%u", i ? "," : "", number_of(g, part[i]));
    buf_char(g->out, ']');
}

static void write_node(Graph *g, Expr e, size_t count, const Expr *part) {
    buf_text(g->out, g->count ? ",\n{" : "{");
    if (word_of(g, e))
        write_inner(g, e, count, part);
    else if (!write_leaf(g, e))
        g->failed = e, g->bad = true;
    buf_char(g->out, '}');
    set_number(g, e);
}

/* Writes the node and all that it is made of, as far as that is not written yet; its number. */
static uint32_t write_graph(Graph *g, Expr e) {
    g->stack = mem_grow(g->stack, &g->cap, 1, sizeof *g->stack);
    g->stack[g->depth++] = e;
    while (g->depth && !g->bad) {
        Expr top = g->stack[g->depth - 1], loop[NODE_KIDS];
        const Expr *part;
        size_t count = parts_of(g, top, loop, &part), before = g->depth;
        if (number_of(g, top) != NODE_NONE) {
            g->depth--;
            continue;
        }
        g->stack = mem_grow(g->stack, &g->cap, g->depth + count, sizeof *g->stack);
        for (size_t i = count; 0 < i--;)
            if (number_of(g, part[i]) == NODE_NONE) g->stack[g->depth++] = part[i];
        if (g->depth > before) continue;
        write_node(g, top, count, part);
        g->depth--;
    }
    return number_of(g, e);
}

static void write_params(Graph *g) {
    json_key(g->out, "params");
    buf_char(g->out, '[');
    for (size_t i = 0; i < g->target->param_count; i++) {
        const Param *p = &g->target->param[i];
        buf_text(g->out, i ? ",{" : "{");
        json_string(g->out, "name", names_text(g->task->in->names, p->name));
        json_key(g->out, "shape");
        buf_char(g->out, '[');
        for (int k = 0; k < p->rank; k++) {
            long n = 0;
            buf_text(g->out, k ? "," : "");
            if (expr_is_integer(g->s, p->dim[k], &n)) {
                buf_printf(g->out, "%ld", n);
            } else {
                const char *name = name_of(g, p->dim[k]);
                buf_json_string(g->out, name, strlen(name));
            }
        }
        buf_text(g->out, "]}");
    }
    buf_char(g->out, ']');
}

/* The derivative by parameter i as its name alone prints it; 0 where there is none. */
static Expr derivative_by(Graph *g, size_t i, Diags *quiet) {
    Defs *d = g->task->in->defs;
    Callee c = g->target->callee;
    uint32_t by[34];
    size_t order = c.kind == CALLEE_FN && !c.formula ? defs_fn_order(d, c.fn) : 33;
    if (32 < order) return 0;
    for (size_t k = 0; k < order; k++) by[k] = defs_fn_by(d, c.fn, k);
    by[order] = (uint32_t)i;
    c.fn = defs_fn(d, defs_fn_base(d, c.fn), order + 1, by);
    Lower l;
    evaluate_init(g->task, &l);
    l.diags = quiet;
    Expr res = lower_callee_formula(&l, &c, g->target->span);
    evaluate_done(&l);
    return quiet->errors ? 0 : defs_expand(d, res, EXPORT_EXPAND);
}

/* Of functions whose value is a number: a node for each parameter, or why there are none. */
static void write_gradient(Graph *g, Buf *tail) {
    Diags quiet;
    diags_init(&quiet, g->task->arena);
    uint32_t *node = mem_new(g->target->param_count + 1, sizeof *node);
    bool made = true;
    for (size_t i = 0; i < g->target->param_count && made; i++) {
        Expr e = derivative_by(g, i, &quiet);
        made = e != 0;
        if (made) node[i] = write_graph(g, e);
    }
    json_key(tail, made ? "gradient" : "no_gradient");
    if (made) {
        buf_char(tail, '[');
        for (size_t i = 0; i < g->target->param_count; i++) buf_printf(tail, "%s%u", i ? "," : "", node[i]);
        buf_char(tail, ']');
    } else {
        const char *why = quiet.count ? quiet.item[quiet.count - 1].message : "there is none in closed form";
        buf_json_string(tail, why, strlen(why));
    }
    free(node);
}

static bool finish(Graph *g) {
    Task *t = g->task;
    free(g->number);
    free(g->stack);
    if (!g->bad) return true;
    bool call = expr_op(g->s, g->failed) == EXPR_CALL;
    Buf name;
    buf_init(&name);
    if (call) print_fn(&name, t->in->defs, expr_payload(g->s, g->failed));
    diag_error(t->diags, g->target->span, NULL,
               call ? "%s calls itself or is too large: as a graph it has no end" : "%s cannot be written as a graph",
               call ? buf_str(&name) : g->target->name);
    buf_done(&name);
    return false;
}

bool export_json(Task *t, const Target *target, Buf *out) {
    Expr body = export_body(t, target);
    if (!body) {
        diag_error(t->diags, target->span, NULL, "%s is too large to be written as a graph", target->name);
        return false;
    }
    Graph g = {.task = t, .s = t->in->store, .out = out, .target = target};
    Buf comment, tail;
    buf_init(&comment), buf_init(&tail);
    export_comment(t, target, &comment);
    buf_char(out, '{');
    json_string(out, "format", "plumb graph 1");
    json_string(out, "name", target->name);
    json_text(out, "text", buf_str(&comment), comment.len);
    write_params(&g);
    json_key(out, "nodes");
    buf_text(out, "[\n");
    buf_char(&tail, '{'); /* so that its first key has no comma; left out below */
    json_count(&tail, "value", write_graph(&g, body));
    bool formula = target->callee.kind == CALLEE_FN && !target->callee.formula;
    if (expr_rank(g.s, body) == 0 && formula && !g.bad) write_gradient(&g, &tail);
    buf_printf(out, "\n],%s}\n", buf_str(&tail) + 1);
    buf_done(&comment), buf_done(&tail);
    return finish(&g);
}
