/* Python modules: names, heads, arrays, what is returned; see program_python.h. */
#include "eval/program_python.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_python_parts.h"
#include "expr/functions.h"

enum { WRITER_DEEPEST_LENGTH = 60 };

/* ---- names and numbers ---- */

static bool is_word(char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
}

/* A function may be called what only variables within are called. */
static bool is_reserved(const Sources *helpers, const char *text, bool function) {
    static const char *const words[] = {"False", "None", "True", "and", "as", "assert", "async", "await", "break",
        "class", "continue", "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if",
        "import", "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while", "with",
        "yield", "np", "math", "scipy", "Fraction", "float", "int", "len", "range", "abs", "max", "min", "value",
        "out", "first", "ValueError", "IndexError", "terms"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], text) == 0) return true;
    size_t digits = strlen(text) - (text[0] != '\0');
    if (!function && strchr("tap", text[0]) && digits && strspn(text + 1, "0123456789") == digits) return true;
    if (!function && (strncmp(text, "terms", 5) == 0 || strncmp(text, "g_", 2) == 0)) return true;
    return sources_define(helpers, text, strlen(text)) || 0 <= function_find(text, strlen(text));
}

/* Python takes letters of all scripts, as plumb does. */
static void write_safe_name(const Sources *helpers, Buf *out, const char *text, bool function) {
    bool plain = !('0' <= text[0] && text[0] <= '9');
    for (const char *at = text; *at; at++) plain = plain && (is_word(*at) || (unsigned char)*at >= 0x80);
    if (plain) {
        buf_printf(out, "%s%s", text, is_reserved(helpers, text, function) ? "_" : "");
        return;
    }
    buf_char(out, 'u');
    for (; *text; text++)
        if (is_word(*text))
            buf_char(out, *text);
        else
            buf_printf(out, "_%02x", (unsigned)(unsigned char)*text);
}

static void python_write_number(Buf *out, double value) {
    if (isnan(value)) {
        buf_text(out, "np.nan");
    } else if (isinf(value)) {
        buf_text(out, value < 0 ? "-np.inf" : "np.inf");
    } else {
        size_t start = out->len;
        buf_double(out, value);
        if (!strpbrk(buf_str(out) + start, ".e")) buf_text(out, ".0");
    }
}

static void python_write_name(Writer *w, const char *text, Buf *out) {
    write_safe_name(w->sources, out, text, false);
}

static void python_write_length(Writer *w, uint32_t reg, Buf *out) {
    uint32_t param = 0;
    int axis = 0;
    if (!w->called)
        python_write_name(w, writer_name(w, w->sub->pin[reg].name), out);
    else if (writer_find_length(w, reg, &param, &axis))
        buf_printf(out, "p%u.shape[%d]", param, axis);
    else
        buf_char(out, '0');
}

/* ---- arrays ---- */

static const SlotInfo *slot_of(const Writer *w, uint32_t table) {
    const TableEntry *t = &w->sub->table[table];
    return !w->called && t->kind == TABLE_SLOT ? &w->sub->slot[t->which] : NULL;
}

bool python_is_number(const Writer *w, uint32_t table) {
    const SlotInfo *slot = slot_of(w, table);
    return slot && slot->rank == 0;
}

void python_write_table(Writer *w, uint32_t table, Buf *out) {
    const TableEntry *t = &w->sub->table[table];
    const SlotInfo *slot = slot_of(w, table);
    if (t->kind == TABLE_PARAM && w->called)
        buf_printf(out, "p%u", t->which);
    else if (t->kind == TABLE_PARAM)
        python_write_name(w, writer_name(w, w->sub->param[t->which].name), out);
    else if (t->kind == TABLE_SLOT && w->called)
        buf_text(out, "out");
    else if (slot && slot->kind != SLOT_TEMP && t->which == 0)
        buf_text(out, "value");
    else if (slot && slot->kind != SLOT_TEMP) {
        buf_text(out, "g_");
        python_write_name(w, writer_name(w, w->sub->param[t->which - 1].name), out);
    } else
        buf_printf(out, "a%u", table);
}

/* A length as Python; false if it is not known before the code runs. */
static bool write_size(Writer *w, Expr e, int depth, Buf *out) {
    const Store *s = defs_store(w->program->defs);
    if (!e || WRITER_DEEPEST_LENGTH < depth) return false;
    if (expr_is_constant(s, e)) {
        buf_printf(out, "%.0f", expr_double_of(s, e));
        return true;
    }
    for (uint32_t i = 0; i < w->sub->pinned; i++)
        if (w->sub->pin[i].e == e && w->sub->pin[i].kind == PIN_DIM) {
            python_write_length(w, i, out);
            return true;
        }
    ExprOp op = expr_op(s, e);
    static const char *const signs[] = {" + ", " - ", "*", "/"};
    buf_char(out, '(');
    bool res = op == EXPR_NEG || (EXPR_ADD <= op && op <= EXPR_DIV);
    if (op == EXPR_NEG) buf_char(out, '-');
    res = res && write_size(w, expr_kid(s, e, 0), depth + 1, out);
    if (res && op != EXPR_NEG) {
        buf_text(out, signs[op - EXPR_ADD]);
        res = write_size(w, expr_kid(s, e, 1), depth + 1, out);
    }
    buf_char(out, ')');
    return res;
}

static const char *need_room(Writer *w) {
    sources_need(w->sources, "room", 4);
    return "room";
}

static void write_zeros(Writer *w, uint32_t table, const SlotInfo *slot) {
    writer_line(w);
    python_write_table(w, table, w->out);
    if (slot->rank == 0) {
        buf_text(w->out, " = 0.0\n");
        return;
    }
    buf_printf(w->out, " = np.zeros(%s", slot->rank == 2 ? "(" : "");
    for (int k = 0; k < slot->rank; k++) {
        Buf size;
        buf_init(&size);
        bool known = write_size(w, slot->dim[k], 0, &size), simple = buf_str(&size)[0] != '(';
        buf_printf(w->out, simple ? "%s%s%s" : "%s%s(%s)", k ? ", " : "", simple ? "" : need_room(w),
                   known ? buf_str(&size) : "1");
        buf_done(&size);
    }
    buf_printf(w->out, "%s)\n", slot->rank == 2 ? ")" : "");
}

static void write_global(Writer *w, uint32_t table, const TableEntry *t) {
    const Var *var = defs_variable(w->program->defs, t->name);
    writer_line(w);
    buf_printf(w->out, "a%u = np.array([", table);
    for (size_t i = 0; var && i < var->value.count; i++) {
        buf_text(w->out, i == 0 ? "" : i % 8 ? ", " : ",\n        ");
        python_write_number(w->out, var->value.data[i]);
    }
    buf_text(w->out, "])");
    if (var && t->rank == 2) buf_printf(w->out, ".reshape(%zu, %zu)", var->value.dim[0], var->value.dim[1]);
    buf_printf(w->out, "  # %s\n", writer_name(w, t->name));
}

/* Does the code write it before it is read?  The value always is. */
static void write_tables(Writer *w) {
    for (uint32_t i = 0; i < w->sub->tables; i++) {
        const TableEntry *t = &w->sub->table[i];
        const SlotInfo *slot = slot_of(w, i);
        if (t->kind == TABLE_GLOBAL)
            write_global(w, i, t);
        else if (slot && !(t->which == 0 && slot->rank == 0) &&
                 (slot->zeroed || slot->kind == SLOT_TEMP || slot->rank > 0))
            write_zeros(w, i, slot);
    }
}

/* ---- parameters ---- */

static void write_params(Writer *w, Buf *out) {
    for (uint32_t i = 0; i < w->sub->params; i++) {
        buf_text(out, i ? ", " : "");
        python_write_name(w, writer_name(w, w->sub->param[i].name), out);
    }
}

/* Does the length come from this axis? */
static bool is_new_length(const Writer *w, uint32_t param, int axis) {
    const DimInfo *dim = &w->sub->param[param].dim[axis];
    uint32_t first = 0;
    int first_axis = 0;
    return dim->symbolic && writer_find_length(w, dim->reg, &first, &first_axis) && first == param && first_axis == axis;
}

/* Lengths are taken where they come first, and compared after that. */
static void write_shape(Writer *w, uint32_t param, const char *name) {
    const ParamInfo *info = &w->sub->param[param];
    Buf shape;
    buf_init(&shape);
    bool fresh = true;
    for (int k = 0; k < info->rank; k++) {
        fresh = fresh && is_new_length(w, param, k);
        buf_text(&shape, k ? ", " : "");
        if (info->dim[k].symbolic)
            python_write_length(w, info->dim[k].reg, &shape);
        else
            buf_printf(&shape, "%zu", info->dim[k].length);
    }
    writer_line(w);
    if (fresh) {
        buf_printf(w->out, info->rank == 1 ? "%s = len(%s)\n" : "%s = %s.shape\n", buf_str(&shape), name);
    } else {
        for (int k = 0; k < info->rank; k++)
            if (is_new_length(w, param, k)) {
                python_write_length(w, info->dim[k].reg, w->out);
                buf_printf(w->out, " = %s.shape[%d]\n", name, k);
                writer_line(w);
            }
        buf_printf(w->out, "if %s.shape != (%s%s):\n", name, buf_str(&shape), info->rank == 1 ? "," : "");
        writer_line(w);
        buf_printf(w->out, "    raise ValueError(\"%s must have the shape (%s%s)\")\n", name, buf_str(&shape),
                   info->rank == 1 ? "," : "");
    }
    buf_done(&shape);
}

static void write_inputs(Writer *w) {
    for (uint32_t i = 0; i < w->sub->params; i++) {
        const ParamInfo *info = &w->sub->param[i];
        Buf name;
        buf_init(&name);
        python_write_name(w, writer_name(w, info->name), &name);
        writer_line(w);
        buf_printf(w->out, info->rank ? "%s = np.asarray(%s, dtype=np.float64)\n" : "%s = np.float64(%s)\n",
                   buf_str(&name), buf_str(&name));
        if (info->rank) write_shape(w, i, buf_str(&name));
        buf_done(&name);
    }
}

/* ---- what is returned ---- */

/* Numbers alone make one vector, a single array its own shape, several parameters a tuple. */
static void write_gradient_value(Writer *w) {
    const Sub *u = w->sub;
    bool numbers = true;
    for (uint32_t i = 0; i < u->params; i++) numbers = numbers && u->param[i].rank == 0;
    bool one = u->params == 1 && !numbers;
    buf_text(w->out, numbers ? "np.array([" : one ? "" : "(");
    for (uint32_t i = 0; i < u->params; i++) {
        buf_text(w->out, i ? ", g_" : "g_");
        python_write_name(w, writer_name(w, u->param[i].name), w->out);
        buf_text(w->out, numbers ? "" : " + 0.0");
    }
    buf_text(w->out, numbers ? "]) + 0.0" : one ? "" : ")");
}

static bool has_table(const Writer *w, uint32_t slot) {
    for (uint32_t i = 0; i < w->sub->tables; i++)
        if (w->sub->table[i].kind == TABLE_SLOT && w->sub->table[i].which == slot) return true;
    return false;
}

static void write_body(Writer *w) {
    w->indent = 1;
    w->numbers = w->loops = 0;
    if (!w->called) write_inputs(w);
    write_tables(w);
    for (uint32_t i = 0; (w->task == WRITE_GRADIENT) && i < w->sub->params; i++) /* parameters that do not occur */
        if (!has_table(w, i + 1)) {
            writer_line(w);
            buf_text(w->out, "g_");
            python_write_name(w, writer_name(w, w->sub->param[i].name), w->out);
            buf_text(w->out, " = ");
            if (w->sub->param[i].rank) {
                buf_text(w->out, "np.zeros_like(");
                python_write_name(w, writer_name(w, w->sub->param[i].name), w->out);
                buf_text(w->out, ")\n");
            } else {
                buf_text(w->out, "0.0\n");
            }
        }
    size_t before = w->out->len;
    writer_code(w, NULL);
    writer_number(w->out, before, w->numbers);
    if (w->called) return;
    w->indent = 1;
    size_t at = w->out->len ? w->out->len - 1 : 0; /* where the last line begins */
    while (before < at && buf_str(w->out)[at - 1] != '\n') at--;
    const char *last = buf_str(w->out) + at;
    if (!(w->task == WRITE_GRADIENT) && strncmp(last, "    value = ", 12) == 0) { /* the last line is the value */
        Buf value;
        buf_init(&value);
        buf_text(&value, last + 12);
        w->out->len = at;
        buf_printf(w->out, "    return %s", buf_str(&value));
        buf_done(&value);
        return;
    }
    buf_text(w->out, w->task == WRITE_GRADIENT ? "    return value, " : "    return value");
    if (w->task == WRITE_GRADIENT) write_gradient_value(w);
    buf_char(w->out, '\n');
}

/* ---- the module ---- */

static void python_write_element(Writer *w, uint32_t table, uint32_t k, Buf *out) {
    python_write_table(w, table, out);
    if (!python_is_number(w, table)) buf_printf(out, "[%u]", k);
}

static const Language python = {
    .name = "Python", .op = python_ops, .conjunction = " and ", .disjunction = " or ", .negation = "not ",
    .to_number = "float", .to_index = "int", .write_number = python_write_number, .write_name = python_write_name,
    .write_length = python_write_length, .write_elements = python_write_table, .write_columns = python_write_table,
    .write_element = python_write_element, .write_array = python_write_table, .write_function = python_write_function,
    .write_loop = python_write_loop, .write_statement = python_write_statement,
};

static void write_called_head(Writer *w) {
    buf_printf(w->out, "\n\ndef _%s_part%u(", w->name, (unsigned)(w->sub - w->program->sub));
    for (uint32_t i = 0; i < w->sub->params; i++) buf_printf(w->out, "%sp%u", i ? ", " : "", i);
    buf_printf(w->out, "%s%s):\n", w->sub->params && w->sub->slots ? ", " : "", w->sub->slots ? "out" : "");
}

static bool write_program(const Program *p, const char *name, bool gradient, Sources *sources, Buf *out, Buf *why) {
    Writer w = {.lang = &python, .program = p, .name = name, .out = out, .why = why, .sources = sources};
    for (size_t i = p->subs; 0 < i-- && !w.failed;) {
        w.called = 0 < i;
        w.task = gradient && i == 0 ? WRITE_GRADIENT : WRITE_VALUE;
        w.sub = &p->sub[i];
        if (w.called) {
            write_called_head(&w);
        } else {
            buf_printf(out, "\n\n@np.errstate(all=\"ignore\")\ndef %s(", name);
            write_params(&w, out);
            buf_text(out, "):\n");
            if (gradient) buf_text(out, "    \"\"\"The value and the gradient.\"\"\"\n");
        }
        write_body(&w);
    }
    return !w.failed;
}

static void write_gradient_alone(const Program *p, const char *name, Sources *sources, Buf *out) {
    Writer w = {.lang = &python, .program = p, .sub = &p->sub[0], .name = name, .out = out, .sources = sources};
    buf_printf(out, "\n\ndef grad_%s(", name);
    write_params(&w, out);
    buf_printf(out, "):\n    return %s_and_grad(", name);
    write_params(&w, out);
    buf_text(out, ")[1]\n");
}

static void write_comment(const PythonExport *e, const char *name, const Sources *sources, Buf *out) {
    buf_text(out, "# ");
    for (const char *at = e->comment; *at; at++) {
        buf_char(out, *at);
        if (*at == '\n') buf_text(out, "# ");
    }
    buf_printf(out, "\n#\n# Written by plumb.  Needs NumPy%s, nothing else.  It computes what plumb computes, in the same\n"
                    "# order: with + - * / and sqrt alone to the last bit, else within a few units in the last place.\n",
               sources_mention(sources, "scipy.special.") ? " and SciPy (for Bessel functions)" : "");
    if (!e->gradient) return;
    bool numbers = true;
    const Sub *u = &e->gradient->sub[0];
    for (uint32_t i = 0; i < u->params; i++) numbers = numbers && u->param[i].rank == 0;
    buf_printf(out, "# grad_%s gives the gradient%s; %s_and_grad both in one pass.\n", name,
               numbers          ? " as a vector"
               : u->params == 1 ? " in the shape of its parameter"
                                : ", one part for each parameter",
               name);
    if (u->params == 1 && !numbers) buf_printf(out, "# For example scipy.optimize.minimize(%s_and_grad, x0, jac=True).\n", name);
}

bool program_write_python(const PythonExport *e, Buf *out, Buf *why) {
    Buf safe, both, code;
    buf_init(&safe), buf_init(&both), buf_init(&code);
    Sources *sources = sources_new(".py");
    write_safe_name(sources, &safe, e->name, true);
    buf_printf(&both, "%s_and_grad", buf_str(&safe));
    bool res = write_program(e->value, buf_str(&safe), false, sources, &code, why) &&
               (!e->gradient || write_program(e->gradient, buf_str(&both), true, sources, &code, why));
    if (res && e->gradient) write_gradient_alone(e->gradient, buf_str(&safe), sources, &code);
    if (res) {
        write_comment(e, buf_str(&safe), sources, out);
        buf_text(out, sources_mention(sources, "math") ? "import math\n" : "");
        buf_text(out, sources_mention(sources, "Fraction(") ? "from fractions import Fraction\n" : "");
        buf_text(out, "\nimport numpy as np\n");
        buf_text(out, sources_mention(sources, "scipy.special.") ? "import scipy.special\n" : "");
        buf_char(out, '\n');
        sources_write(sources, "", out);
        while (out->len && out->text[out->len - 1] == '\n') out->len--;
        buf_char(out, '\n');
        buf_add(out, buf_str(&code), code.len);
    }
    sources_free(sources);
    buf_done(&safe), buf_done(&both), buf_done(&code);
    return res;
}
