/* Programs as C: names, heads and frames of the functions; see program_c.h. */
#include "eval/program_c.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_c_parts.h"
#include "eval/program_source.h"
#include "expr/functions.h"

enum { DEEPEST_LENGTH = 60 };

/* ---- names and numbers ---- */

static bool is_reserved(const char *text) {
    static const char *const words[] = {"auto", "break", "case", "char", "const", "continue", "default", "do",
        "double", "else", "enum", "extern", "float", "for", "goto", "if", "inline", "int", "long", "register",
        "restrict", "return", "short", "signed", "sizeof", "static", "struct", "switch", "typedef", "union",
        "unsigned", "void", "volatile", "while", "asm", "typeof", "main", "g", "value", "out", "number", "failed",
        "depth", "fail", "done", "result", "Array", "Terms", "NAN", "INFINITY", "size_t", "ptrdiff_t", "uint64_t",
        "free", "calloc", "malloc", "realloc", "memset", "memcpy", "isnan", "is_inside", "is_range", "last_of",
        "sq_of", "cube_of", "fourth_of", "j0", "j1",
        "jn", "y0", "y1", "yn", "tgamma", "signgam", "drem", "significand", "nan", "div", "ldiv", "abs", "labs",
        "i", "v", "matrix", "direction", "numbers", "row", "column", "exit", "abort", "system",
        "rand", "srand", "random", "index", "rindex", "select", "unix", "linux", "i386"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    if (strchr("tasLp", text[0]) && text[1] && strspn(text + 1, "0123456789") == strlen(text + 1))
        return true;
    return strncmp(text, "g_", 2) == 0 || strncmp(text, "v_", 2) == 0 || strncmp(text, "fn_", 3) == 0 ||
           strncmp(text, "terms_", 6) == 0 ||
           strncmp(text, "array_", 6) == 0 || 0 <= function_find(text, strlen(text));
}

void c_write_name(Buf *out, const char *text) {
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    if (strspn(text, plain) == strlen(text) && !('0' <= text[0] && text[0] <= '9')) {
        buf_printf(out, "%s%s", text, is_reserved(text) ? "_" : "");
        return;
    }
    buf_char(out, 'u');
    for (; *text; text++)
        if (strchr(plain, *text))
            buf_char(out, *text);
        else
            buf_printf(out, "_%02x", (unsigned)(unsigned char)*text);
}

void c_write_number(Buf *out, double value) {
    bool minus = signbit(value) && !isnan(value);
    if (isnan(value)) {
        buf_text(out, "NAN");
    } else if (isinf(value)) {
        buf_text(out, minus ? "-INFINITY" : "INFINITY");
    } else {
        size_t start = out->len;
        buf_double(out, value);
        if (!strpbrk(buf_str(out) + start, ".e"))
            buf_text(out, ".0");
    }
}

/* ---- lengths ---- */

void c_write_length(Writer *w, const DimInfo *dim, Buf *out) {
    uint32_t param = 0;
    int axis = 0;
    if (!dim->symbolic)
        buf_printf(out, "%zu", dim->length);
    else if (!w->called)
        c_write_name(out, writer_name(w, w->sub->pin[dim->reg].name));
    else if (writer_find_length(w, dim->reg, &param, &axis))
        buf_printf(out, "p%u.%s", param, axis ? "columns" : "rows");
    else
        buf_char(out, '0');
}

static void write_pinned_length(Writer *w, uint32_t reg, Buf *out) {
    DimInfo dim = {.symbolic = true, .reg = reg};
    c_write_length(w, &dim, out);
}

/* A length as a number; false if it is not known before the code runs. */
static bool write_size(Writer *w, Expr e, int depth, Buf *out) {
    const Store *s = defs_store(w->program->defs);
    if (!e || DEEPEST_LENGTH < depth)
        return false;
    if (expr_is_constant(s, e)) {
        c_write_number(out, expr_double_of(s, e));
        return true;
    }
    for (uint32_t i = 0; i < w->sub->pinned; i++)
        if (w->sub->pin[i].e == e && w->sub->pin[i].kind == PIN_DIM) {
            buf_text(out, "(double)");
            write_pinned_length(w, i, out);
            return true;
        }
    ExprOp op = expr_op(s, e);
    static const char *const signs[] = {" + ", " - ", "*", "/"};
    if (op != EXPR_NEG && (op < EXPR_ADD || EXPR_DIV < op))
        return false;
    buf_text(out, op == EXPR_NEG ? "(-" : "(");
    bool res = write_size(w, expr_kid(s, e, 0), depth + 1, out);
    if (op != EXPR_NEG) {
        buf_text(out, signs[op - EXPR_ADD]);
        res = res && write_size(w, expr_kid(s, e, 1), depth + 1, out);
    }
    buf_char(out, ')');
    return res;
}

/* ---- heads ---- */

static bool is_new_length(const Writer *w, uint32_t param, int axis) {
    const DimInfo *dim = &w->sub->param[param].dim[axis];
    uint32_t first = 0;
    int first_axis = 0;
    return dim->symbolic && writer_find_length(w, dim->reg, &first, &first_axis) && first == param && first_axis == axis;
}

/* Lengths, then parameters; what stands before whatever follows is returned. */
static const char *write_own_params(Writer *w) {
    const char *lead = "";
    for (uint32_t i = 0; i < w->sub->params; i++)
        for (int k = 0; k < w->sub->param[i].rank; k++)
            if (is_new_length(w, i, k)) {
                buf_printf(w->out, "%ssize_t ", lead);
                c_write_length(w, &w->sub->param[i].dim[k], w->out);
                lead = ", ";
            }
    for (uint32_t i = 0; i < w->sub->params; i++) {
        buf_printf(w->out, "%s%s", lead, w->sub->param[i].rank ? "const double *" : "double ");
        c_write_name(w->out, writer_name(w, w->sub->param[i].name));
        lead = ", ";
    }
    return lead;
}

/* The same as arguments of a call, each followed by a comma. */
static void write_own_arguments(Writer *w) {
    for (uint32_t i = 0; i < w->sub->params; i++)
        for (int k = 0; k < w->sub->param[i].rank; k++)
            if (is_new_length(w, i, k)) {
                c_write_length(w, &w->sub->param[i].dim[k], w->out);
                buf_text(w->out, ", ");
            }
    for (uint32_t i = 0; i < w->sub->params; i++) {
        c_write_name(w->out, writer_name(w, w->sub->param[i].name));
        buf_text(w->out, ", ");
    }
}

static bool has_array_value(const Writer *w) {
    return w->task == WRITE_VALUE && w->sub->slots && w->sub->slot[0].rank;
}

static void write_head(Writer *w) {
    const Sub *u = w->sub;
    if (!w->called) {
        buf_printf(w->out, "%s %s(", w->task == WRITE_TIMES ? "void" : "double", w->name);
        const char *lead = write_own_params(w);
        if (w->task == WRITE_TIMES)
            buf_printf(w->out, "%sconst double *v, double *g", lead);
        else if (w->task == WRITE_GRADIENT || has_array_value(w))
            buf_printf(w->out, "%sdouble *%s", lead, w->task == WRITE_GRADIENT ? "g" : "out");
        else if (!*lead)
            buf_text(w->out, "void");
        buf_text(w->out, ")");
        return;
    }
    buf_printf(w->out, "static double %s_part%u(", w->name, (unsigned)(u - w->program->sub));
    for (uint32_t i = 0; i < u->params; i++)
        buf_printf(w->out, "%s p%u, ", u->param[i].rank ? "Array" : "double", i);
    if (u->slots)
        buf_text(w->out, "Array out, ");
    buf_text(w->out, "int depth, int *stopped)");
}

/* ---- arrays ---- */

void c_write_place(Writer *w, uint32_t param, Buf *out) {
    size_t numbers = 0;
    for (uint32_t i = 0; i < param; i++) {
        const ParamInfo *info = &w->sub->param[i];
        if (info->rank == 0) {
            numbers++;
            continue;
        }
        buf_text(out, out->len ? " + " : "");
        c_write_length(w, &info->dim[0], out);
        if (info->rank == 2) {
            buf_char(out, '*');
            c_write_length(w, &info->dim[1], out);
        }
    }
    if (numbers)
        buf_printf(out, "%s%zu", out->len ? " + " : "", numbers);
}

/* Rows and columns of an array's struct. */
static void write_sides(Writer *w, uint32_t table, const char *text[2], Buf side[2]) {
    const TableEntry *t = &w->sub->table[table];
    for (int k = 0; k < 2; k++) {
        buf_init(&side[k]);
        text[k] = "1";
        if (t->kind == TABLE_PARAM && k < w->sub->param[t->which].rank) {
            c_write_length(w, &w->sub->param[t->which].dim[k], &side[k]);
            text[k] = buf_str(&side[k]);
        } else if (t->kind == TABLE_SLOT && k < w->sub->slot[t->which].rank) {
            if (write_size(w, w->sub->slot[t->which].dim[k], 0, &side[k]))
                text[k] = buf_str(&side[k]);
        }
    }
}

static void write_global(Writer *w, uint32_t table, const TableEntry *t, Buf *out) {
    const Var *var = defs_variable(w->program->defs, t->name);
    buf_printf(out, "    static const double v%u[] = {", table);
    for (size_t i = 0; var && i < var->value.count; i++) {
        buf_text(out, i == 0 ? "" : i % 8 ? ", " : ",\n        ");
        c_write_number(out, var->value.data[i]);
    }
    buf_printf(out, "%s}; /* %s */\n", var && var->value.count ? "" : "0", writer_name(w, t->name));
    buf_printf(out, "    Array a%u = {(double *)v%u, %zu, %zu, NULL, 0};\n", table, table, var ? var->value.dim[0] : 0,
               var && t->rank == 2 ? var->value.dim[1] : 1);
}

/* A pointer to a part of g or v, where the code uses it. */
static void write_part(Writer *w, uint32_t table, const char *code, Buf *out) {
    const SlotInfo *slot = &w->sub->slot[w->sub->table[table].which];
    Buf name, place;
    buf_init(&name), buf_init(&place);
    c_write_elements(w, table, &name);
    c_write_place(w, c_param_of(w, w->sub->table[table].which), &place);
    bool input = slot->kind == SLOT_INPUT;
    if (writer_mentions(code, buf_str(&name)))
        buf_printf(out, "    %sdouble *%s = %c%s%s;\n", input ? "const " : "", buf_str(&name), input ? 'v' : 'g',
                   place.len ? " + " : "", buf_str(&place));
    buf_done(&name), buf_done(&place);
}

/* What the code names of an array: the pointer, the struct, a number. */
static void write_table(Writer *w, uint32_t i, const char *code, Buf *out, Buf *later) {
    const TableEntry *t = &w->sub->table[i];
    const SlotInfo *slot = t->kind == TABLE_SLOT && !w->called ? &w->sub->slot[t->which] : NULL;
    bool part = slot && slot->kind != SLOT_TEMP && (t->which > 0 || w->task == WRITE_TIMES);
    if (part && slot->rank) write_part(w, i, code, out);
    char name[16];
    snprintf(name, sizeof name, "a%u", i);
    if (!writer_mentions(code, name) || (w->called && t->kind != TABLE_TEMP && t->kind != TABLE_GLOBAL)) return;
    if (t->kind == TABLE_GLOBAL) {
        write_global(w, i, t, out);
    } else if (t->kind == TABLE_TEMP) {
        buf_printf(out, "    Array a%u = {0};\n", i);
    } else if (slot && slot->rank == 0) {
        buf_printf(out, "    double a%u = 0;\n", i);
    } else {
        Buf side[2], at;
        const char *text[2];
        write_sides(w, i, text, side);
        buf_init(&at);
        if (slot && slot->kind == SLOT_TEMP) {
            buf_printf(out, "    Array a%u = {0};\n", i);
            buf_printf(later, "    if (!array_make(&a%u, %s, %s)) goto fail;\n    array_clear(&a%u);\n", i, text[0],
                       text[1], i);
        } else {
            if (part) { /* the pointer may not be there */
                buf_char(&at, slot->kind == SLOT_INPUT ? 'v' : 'g');
                Buf place;
                buf_init(&place);
                c_write_place(w, c_param_of(w, t->which), &place);
                if (place.len) buf_printf(&at, " + %s", buf_str(&place));
                buf_done(&place);
            } else {
                c_write_elements(w, i, &at);
            }
            buf_printf(out, "    Array a%u = {(double *)(%s), (size_t)(%s), (size_t)(%s), NULL, 0};\n", i,
                       buf_str(&at), text[0], text[1]);
        }
        buf_done(&at), buf_done(&side[0]), buf_done(&side[1]);
    }
}

static void write_numbers_of(Writer *w, Buf *out) { /* how many numbers g holds */
    size_t before = out->len;
    c_write_place(w, w->sub->params, out);
    if (out->len == before) buf_char(out, '0');
}

/* ---- bodies ---- */

/* Frees what the body owns; true if it owns anything. */
static bool write_frees(const Writer *w, const char *code, Buf *out) {
    size_t before = out->len;
    for (uint32_t i = 0; i < w->sub->tables; i++) {
        const TableEntry *t = &w->sub->table[i];
        char name[16];
        snprintf(name, sizeof name, "a%u", i);
        const SlotInfo *slot = t->kind == TABLE_SLOT && !w->called ? &w->sub->slot[t->which] : NULL;
        bool temp = t->kind == TABLE_TEMP || (slot && slot->kind == SLOT_TEMP && slot->rank);
        if (temp && writer_mentions(code, name))
            buf_printf(out, "    free(a%u.own);\n", i);
    }
    return out->len > before;
}

/* Where the code ends: failures are NaN, a gradient's -0 is 0, arrays are given back. */
static void write_end(Writer *w, bool fails, const Buf *frees) {
    Buf count;
    buf_init(&count);
    write_numbers_of(w, &count);
    const char *result = w->called ? "result" : "value";
    bool numbers = w->task != WRITE_VALUE;
    if (fails) {
        buf_text(w->out, "    goto done;\nfail:\n");
        buf_text(w->out, w->called ? "    *stopped = 1;\n" : w->task == WRITE_TIMES ? "" : "    value = NAN;\n");
        if (numbers)
            buf_printf(w->out, "    for (size_t i = 0; i < %s; i++) g[i] = NAN;\n", buf_str(&count));
        buf_text(w->out, "done:\n");
    }
    if (numbers)
        buf_printf(w->out, "    for (size_t i = 0; i < %s; i++) g[i] += 0.0;\n", buf_str(&count));
    buf_text(w->out, buf_str(frees));
    if (w->task != WRITE_TIMES || w->called)
        buf_printf(w->out, "    return %s;\n", result);
    buf_text(w->out, "}\n");
    buf_done(&count);
}

/* Parameters and lengths that the code does not name. */
static void write_unused(Writer *w, const char *code) {
    Buf name;
    buf_init(&name);
    for (uint32_t i = 0; i < w->sub->params && !w->called; i++) {
        for (int k = 0; k <= w->sub->param[i].rank; k++) {
            buf_clear(&name);
            if (k < w->sub->param[i].rank && !is_new_length(w, i, k)) continue;
            if (k < w->sub->param[i].rank)
                c_write_length(w, &w->sub->param[i].dim[k], &name);
            else
                c_write_name(&name, writer_name(w, w->sub->param[i].name));
            if (!writer_mentions(code, buf_str(&name)) && !writer_mentions(buf_str(w->out), buf_str(&name)))
                buf_printf(w->out, "    (void)%s;\n", buf_str(&name));
        }
    }
    buf_done(&name);
}

static void write_frame(Writer *w, const char *code, const Buf *declared, Buf *later) {
    const Sub *u = w->sub;
    if (w->called)
        buf_text(w->out, "    double result = 0;\n");
    else if (w->task != WRITE_TIMES)
        buf_text(w->out, "    double value = 0;\n");
    if (u->sites)
        buf_printf(w->out, "    int failed = 0;\n%s", w->called ? "" : "    const int depth = 0;\n");
    for (uint32_t i = 0; i < u->states; i++)
        buf_printf(w->out, "    Terms s%u;\n", i);
    buf_text(w->out, buf_str(declared));
    for (uint32_t i = 0; i < u->tables; i++)
        write_table(w, i, code, w->out, later);
    if (w->called)
        buf_text(later, "    if (10000 < depth) goto fail;\n");
    if (w->task != WRITE_VALUE) { /* parameters that do not occur have no code */
        Buf count;
        buf_init(&count);
        write_numbers_of(w, &count);
        buf_printf(w->out, "    for (size_t i = 0; i < %s; i++) g[i] = 0;\n", buf_str(&count));
        buf_done(&count);
    }
    write_unused(w, code);
}

/* A value alone in one line needs no variable. */
static bool write_plain_value(Writer *w, const Buf *code) {
    static const char lead[] = "    value = ";
    const char *last = buf_str(code) + code->len;
    if (w->called || w->task != WRITE_VALUE || has_array_value(w) || !code->len) return false;
    do last--;
    while (last > buf_str(code) && last[-1] != '\n');
    if (strncmp(last, lead, sizeof lead - 1) != 0) return false;
    buf_add(w->out, buf_str(code), (size_t)(last - buf_str(code)));
    buf_printf(w->out, "    return %s}\n", last + sizeof lead - 1);
    return true;
}

static void write_body(Writer *w) {
    Buf *out = w->out, code, declared, later, frees, frame;
    buf_init(&code), buf_init(&declared), buf_init(&later), buf_init(&frees), buf_init(&frame);
    w->out = &code;
    w->indent = 1;
    w->numbers = w->loops = 0;
    writer_code(w, &declared);
    w->out = &frame;
    write_frame(w, buf_str(&code), &declared, &later);
    w->out = out;
    buf_text(out, "\n");
    write_head(w);
    buf_text(out, " {\n");
    bool fails = w->called || later.len || strstr(buf_str(&code), "goto fail;");
    write_frees(w, buf_str(&code), &frees);
    size_t start = out->len;
    bool plain = !fails && !frees.len;
    Buf value;
    buf_init(&value);
    w->out = &value;
    plain = plain && write_plain_value(w, &code);
    w->out = out;
    if (plain) {
        const char *body = buf_str(&frame);
        static const char zero[] = "    double value = 0;\n";
        buf_text(out, strncmp(body, zero, sizeof zero - 1) == 0 ? body + sizeof zero - 1 : body);
        buf_add(out, buf_str(&value), value.len);
    } else {
        buf_add(out, buf_str(&frame), frame.len);
        buf_add(out, buf_str(&later), later.len);
        buf_add(out, buf_str(&code), code.len);
        write_end(w, fails, &frees);
    }
    writer_number(out, start, w->numbers);
    buf_done(&value);
    buf_done(&code), buf_done(&declared), buf_done(&later), buf_done(&frees), buf_done(&frame);
}

/* ---- files ---- */

static void write_name(Writer *w, const char *text, Buf *out) {
    (void)w;
    c_write_name(out, text);
}

static const Language c_language = {
    .name = "C", .op = c_ops, .conjunction = " && ", .disjunction = " || ", .negation = "!", .braces = true,
    .to_number = "(double)", .to_index = "(ptrdiff_t)", .hidden = "number", .write_number = c_write_number,
    .write_name = write_name, .write_length = write_pinned_length, .write_elements = c_write_elements,
    .write_columns = c_write_columns, .write_element = c_write_element, .write_array = c_write_array,
    .write_function = c_write_function, .write_loop = c_write_loop, .write_statement = c_write_statement,
};

static bool write_program(const Program *p, const char *name, WriterTask task, Buf *out, Buf *why) {
    static const char *const tail[] = {"", "_gradient", "_hessian_times"};
    Buf part;
    buf_init(&part);
    buf_printf(&part, "%s%s", name, tail[task]);
    Writer w = {.lang = &c_language, .program = p, .name = buf_str(&part), .out = out, .why = why};
    w.called = true;
    for (size_t i = 1; i < p->subs; i++) { /* called functions may call each other: heads first */
        w.sub = &p->sub[i];
        write_head(&w);
        buf_text(out, ";\n");
    }
    for (size_t i = p->subs; 0 < i-- && !w.failed;) {
        w.called = 0 < i;
        w.task = w.called ? WRITE_VALUE : task;
        w.sub = &p->sub[i];
        write_body(&w);
    }
    buf_done(&part);
    return !w.failed;
}

/* The whole matrix: a column is the Hessian times a coordinate's direction, as where plumb makes it. */
static void write_hessian(const Program *times, const char *name, Buf *out) {
    Writer w = {.lang = &c_language, .program = times, .sub = &times->sub[0], .name = name, .out = out,
                .task = WRITE_TIMES};
    Buf count;
    buf_init(&count);
    write_numbers_of(&w, &count);
    buf_printf(out, "\nvoid %s_hessian(", name);
    const char *lead = write_own_params(&w);
    buf_printf(out, "%sdouble *matrix) {\n    size_t numbers = %s;\n", lead, buf_str(&count));
    buf_printf(out, "    double *direction = calloc(2*numbers + 1, sizeof *direction), *column = direction + numbers;\n"
                    "    for (size_t i = 0; i < numbers; i++) {\n"
                    "        if (direction) {\n            direction[i] = 1;\n            %s_hessian_times(", name);
    write_own_arguments(&w);
    buf_text(out, "direction, column);\n            direction[i] = 0;\n        }\n"
                  "        for (size_t row = 0; row < numbers; row++)\n"
                  "            matrix[row*numbers + i] = direction ? column[row] : NAN;\n    }\n"
                  "    free(direction);\n}\n");
    buf_done(&count);
}

static void write_comment(const CExport *e, Buf *out) {
    buf_text(out, "/* ");
    for (const char *at = e->comment; *at; at++) { /* a comment must not end within */
        buf_char(out, *at);
        if (*at == '*' && at[1] == '/')
            buf_char(out, ' ');
    }
    buf_printf(out, "\n *\n * Written by plumb.  With cc -O2 -ffp-contract=off and -lm the results are plumb's, bit for bit.\n"
                    " * %s%s\n", e->value->sub[0].slot[0].rank ? "The value goes to out, rows first."
                                                              : "The function returns the value.",
               e->gradient ? "  The gradient goes to g, in the order of the parameters." : "");
    if (e->times)
        buf_text(out, " * The Hessian goes to matrix, rows first; ..._hessian_times gives its product with v.\n");
    buf_text(out, " * NaN where an index is outside its array. */\n");
}

bool program_write_c(const CExport *e, Buf *out, Buf *why) {
    const Program *all[] = {e->value, e->gradient, e->times};
    Buf safe;
    buf_init(&safe);
    bool local = strncmp(e->name, "g_", 2) == 0 || strncmp(e->name, "v_", 2) == 0 || (e->name[0] && !e->name[1]);
    bool plain = !e->name[strspn(e->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")];
    if (local && plain) /* g, v, i, g_x: variables of that name within hide it, which does no harm */
        buf_text(&safe, e->name);
    else
        c_write_name(&safe, e->name);
    Sources *taken = sources_new(".c"); /* names that the file may define itself */
    buf_text(&safe, sources_define(taken, buf_str(&safe), safe.len) ? "_" : "");
    sources_free(taken);
    Buf code;
    buf_init(&code);
    bool res = write_program(e->value, buf_str(&safe), WRITE_VALUE, &code, why) &&
               (!e->gradient || write_program(e->gradient, buf_str(&safe), WRITE_GRADIENT, &code, why)) &&
               (!e->times || write_program(e->times, buf_str(&safe), WRITE_TIMES, &code, why));
    if (res && e->times) write_hessian(e->times, buf_str(&safe), &code);
    write_comment(e, out);
    res = res && c_write_preamble(all, 3, buf_str(&code), out, why);
    buf_add(out, buf_str(&code), code.len);
    buf_done(&code);
    buf_done(&safe);
    return res;
}
