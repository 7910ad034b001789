/* Programs as C: names, heads and frames of the functions; see program_c.h. */
#include "eval/program_c.h"

#include <math.h>
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
        "free", "calloc", "malloc", "realloc", "memset", "memcpy", "isnan", "is_inside", "last_of", "j0", "j1",
        "jn", "y0", "y1", "yn", "tgamma", "signgam", "drem", "significand", "nan", "div", "ldiv", "abs", "labs",
        "i", "v", "matrix", "direction", "numbers", "row", "column", "exit", "abort", "system", "rand", "srand", "random", "index", "rindex", "select", "unix", "linux", "i386"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(words[i], text) == 0)
            return true;
    if (strchr("tasLp", text[0]) && text[1] && strspn(text + 1, "0123456789") == strlen(text + 1))
        return true;
    return strncmp(text, "g_", 2) == 0 || strncmp(text, "fn_", 3) == 0 || strncmp(text, "terms_", 6) == 0 ||
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
    buf_text(out, minus ? "(" : "");
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
    buf_text(out, minus ? ")" : "");
}

static const char *text_of(const CWriter *c, Name name) {
    return names_text(store_names(defs_store(c->program->defs)), name);
}

/* Where a length comes from: the first axis of a parameter that has it. */
static bool find_length(const CWriter *c, uint32_t reg, uint32_t *param, int *axis) {
    for (uint32_t i = 0; i < c->sub->params; i++)
        for (int k = 0; k < c->sub->param[i].rank; k++)
            if (c->sub->param[i].dim[k].symbolic && c->sub->param[i].dim[k].reg == reg) {
                *param = i;
                *axis = k;
                return true;
            }
    return false;
}

void c_write_length(CWriter *c, const DimInfo *dim, Buf *out) {
    uint32_t param = 0;
    int axis = 0;
    if (!dim->symbolic)
        buf_printf(out, "%zu", dim->length);
    else if (!c->called)
        c_write_name(out, text_of(c, c->sub->pin[dim->reg].name));
    else if (find_length(c, dim->reg, &param, &axis))
        buf_printf(out, "p%u.%s", param, axis ? "columns" : "rows");
    else
        buf_char(out, '0');
}

/* A length as a number; false if it is not known before the code runs. */
static bool write_size(CWriter *c, Expr e, int depth, Buf *out) {
    const Store *s = defs_store(c->program->defs);
    if (!e || DEEPEST_LENGTH < depth)
        return false;
    if (expr_is_constant(s, e)) {
        c_write_number(out, expr_double_of(s, e));
        return true;
    }
    for (uint32_t i = 0; i < c->sub->pinned; i++)
        if (c->sub->pin[i].e == e && c->sub->pin[i].kind == PIN_DIM) {
            DimInfo dim = {.symbolic = true, .reg = i};
            buf_text(out, "(double)");
            c_write_length(c, &dim, out);
            return true;
        }
    ExprOp op = expr_op(s, e);
    static const char *const signs[] = {" + ", " - ", "*", "/"};
    if (op == EXPR_NEG) {
        buf_text(out, "(-");
        bool res = write_size(c, expr_kid(s, e, 0), depth + 1, out);
        buf_char(out, ')');
        return res;
    }
    if (op < EXPR_ADD || EXPR_DIV < op)
        return false;
    buf_char(out, '(');
    bool res = write_size(c, expr_kid(s, e, 0), depth + 1, out);
    buf_text(out, signs[op - EXPR_ADD]);
    res = res && write_size(c, expr_kid(s, e, 1), depth + 1, out);
    buf_char(out, ')');
    return res;
}

/* ---- heads ---- */

static bool is_new_length(const CWriter *c, uint32_t param, int axis) {
    const DimInfo *dim = &c->sub->param[param].dim[axis];
    uint32_t first = 0;
    int first_axis = 0;
    return dim->symbolic && find_length(c, dim->reg, &first, &first_axis) && first == param && first_axis == axis;
}

/* Lengths, then parameters; what stands before whatever follows is returned. */
static const char *write_own_params(CWriter *c) {
    const char *lead = "";
    for (uint32_t i = 0; i < c->sub->params; i++)
        for (int k = 0; k < c->sub->param[i].rank; k++)
            if (is_new_length(c, i, k)) {
                buf_printf(c->out, "%ssize_t ", lead);
                c_write_length(c, &c->sub->param[i].dim[k], c->out);
                lead = ", ";
            }
    for (uint32_t i = 0; i < c->sub->params; i++) {
        buf_printf(c->out, "%s%s", lead, c->sub->param[i].rank ? "const double *" : "double ");
        c_write_name(c->out, text_of(c, c->sub->param[i].name));
        lead = ", ";
    }
    return lead;
}

/* The same as arguments of a call, each followed by a comma. */
static void write_own_arguments(CWriter *c) {
    for (uint32_t i = 0; i < c->sub->params; i++)
        for (int k = 0; k < c->sub->param[i].rank; k++)
            if (is_new_length(c, i, k)) {
                c_write_length(c, &c->sub->param[i].dim[k], c->out);
                buf_text(c->out, ", ");
            }
    for (uint32_t i = 0; i < c->sub->params; i++) {
        c_write_name(c->out, text_of(c, c->sub->param[i].name));
        buf_text(c->out, ", ");
    }
}

static void write_own_head(CWriter *c) {
    const char *lead = write_own_params(c);
    if (c->form == C_TIMES)
        buf_printf(c->out, "%sconst double *v, double *g", lead);
    else if (c->form == C_GRADIENT || (c->sub->slots && c->sub->slot[0].rank))
        buf_printf(c->out, "%sdouble *%s", lead, c->form == C_GRADIENT ? "g" : "out");
    else if (!*lead)
        buf_text(c->out, "void");
}

void c_write_head(CWriter *c) {
    const Sub *u = c->sub;
    if (!c->called) {
        buf_printf(c->out, "%s %s(", c->form == C_TIMES ? "void" : "double", c->name);
        write_own_head(c);
        buf_text(c->out, ")");
        return;
    }
    buf_printf(c->out, "static double %s_part%u(", c->name, (unsigned)(u - c->program->sub));
    for (uint32_t i = 0; i < u->params; i++)
        buf_printf(c->out, "%s p%u, ", u->param[i].rank ? "Array" : "double", i);
    if (u->slots)
        buf_text(c->out, "Array out, ");
    buf_text(c->out, "int depth, int *stopped)");
}

/* ---- frames ---- */

/* The place in g of a parameter's part. */
static void write_place(CWriter *c, uint32_t param) {
    size_t numbers = 0;
    for (uint32_t i = 0; i < param; i++) {
        const ParamInfo *info = &c->sub->param[i];
        if (info->rank == 0) {
            numbers++;
            continue;
        }
        buf_text(c->out, " + ");
        c_write_length(c, &info->dim[0], c->out);
        if (info->rank == 2) {
            buf_char(c->out, '*');
            c_write_length(c, &info->dim[1], c->out);
        }
    }
    if (numbers)
        buf_printf(c->out, " + %zu", numbers);
}

static void write_slot(CWriter *c, uint32_t table, const SlotInfo *slot, uint32_t which, Buf *later) {
    Buf rows, columns;
    buf_init(&rows);
    buf_init(&columns);
    bool known = slot->rank < 1 || write_size(c, slot->dim[0], 0, &rows);
    known = known && (slot->rank < 2 || write_size(c, slot->dim[1], 0, &columns));
    const char *m = slot->rank < 1 || !known ? "1" : buf_str(&rows), *n = slot->rank < 2 || !known ? "1" : buf_str(&columns);
    if (slot->kind == SLOT_TEMP) {
        buf_printf(later, "    if (!array_make(&a%u, %s, %s)) goto fail;\n    array_clear(&a%u);\n", table, m, n, table);
        buf_printf(c->out, "    Array a%u = {0};\n", table);
    } else if (which == 0 && c->form != C_TIMES) {
        buf_printf(c->out, "    Array a%u = {%s, (size_t)%s, (size_t)%s, NULL, 0};\n", table,
                   slot->rank ? "out" : "&value", m, n);
    } else {
        buf_printf(c->out, "    Array a%u = {%s", table, slot->kind == SLOT_INPUT ? "(double *)v" : "g");
        write_place(c, c->form == C_GRADIENT ? which - 1 : which < c->sub->params ? which : which - c->sub->params);
        buf_printf(c->out, ", (size_t)%s, (size_t)%s, NULL, 0};\n", m, n);
    }
    if (slot->zeroed && slot->kind != SLOT_TEMP)
        buf_printf(later, "    array_clear(&a%u);\n", table);
    buf_done(&rows);
    buf_done(&columns);
}

static void write_param_array(CWriter *c, uint32_t table, const ParamInfo *info) {
    if (c->called) {
        buf_printf(c->out, "    Array a%u = {p%u.at, p%u.rows, p%u.columns, NULL, 0};\n", table,
                   c->sub->table[table].which, c->sub->table[table].which, c->sub->table[table].which);
        return;
    }
    buf_printf(c->out, "    Array a%u = {(double *)", table);
    c_write_name(c->out, text_of(c, info->name));
    buf_text(c->out, ", ");
    c_write_length(c, &info->dim[0], c->out);
    buf_text(c->out, ", ");
    if (info->rank == 2)
        c_write_length(c, &info->dim[1], c->out);
    else
        buf_char(c->out, '1');
    buf_text(c->out, ", NULL, 0};\n");
}

static void write_global(CWriter *c, uint32_t table, const TableEntry *t) {
    const Var *var = defs_variable(c->program->defs, t->name);
    buf_printf(c->out, "    static const double v%u[] = {", table);
    for (size_t i = 0; var && i < var->value.count; i++) {
        buf_text(c->out, i == 0 ? "" : i % 8 ? ", " : ",\n        ");
        c_write_number(c->out, var->value.data[i]);
    }
    buf_printf(c->out, "%s}; /* %s */\n", var && var->value.count ? "" : "0", text_of(c, t->name));
    buf_printf(c->out, "    Array a%u = {(double *)v%u, %zu, %zu, NULL, 0};\n", table, table, var ? var->value.dim[0] : 0,
               var && t->rank == 2 ? var->value.dim[1] : 1);
}

static void write_table(CWriter *c, uint32_t i, Buf *later) {
    const TableEntry *t = &c->sub->table[i];
    switch (t->kind) {
    case TABLE_PARAM: write_param_array(c, i, &c->sub->param[t->which]); break;
    case TABLE_GLOBAL: write_global(c, i, t); break;
    case TABLE_SLOT:
        if (c->called)
            buf_printf(c->out, "    Array a%u = {out.at, out.rows, out.columns, NULL, 0};\n", i);
        else
            write_slot(c, i, &c->sub->slot[t->which], t->which, later);
        break;
    default: buf_printf(c->out, "    Array a%u = {0};\n", i); break;
    }
    buf_printf(c->out, "    (void)a%u;\n", i);
}

static void write_frame(CWriter *c) {
    const Sub *u = c->sub;
    if (c->called)
        buf_text(c->out, "    double result = 0;\n    int failed = 0;\n    if (10000 < depth) goto fail;\n");
    else
        buf_printf(c->out, "%s%s", c->form == C_TIMES ? "" : "    double value = 0;\n", u->sites ? "    int failed = 0;\n    const int depth = 0;\n" : "");
    for (uint32_t i = u->pinned; i < u->registers; i++)
        buf_printf(c->out, "%st%u%s", i == u->pinned ? "    double " : (i - u->pinned) % 16 ? ", " : ";\n    double ",
                   i - u->pinned + 1, i + 1 == u->registers ? ";\n" : "");
    for (uint32_t i = 0; i < u->states; i++)
        buf_printf(c->out, "    Terms s%u;\n", i);
}

static bool can_fail(const CWriter *c) {
    static const OpCode ops[] = {OP_LOAD1C, OP_LOAD2C, OP_STORE1C, OP_STORE2C, OP_INC1C, OP_INC2C, OP_TEMP1, OP_TEMP2,
                                 OP_ROW, OP_COPYROW, OP_LAST, OP_EMPTY, OP_CALL, OP_CALLARRAY};
    const Sub *u = c->sub;
    for (size_t i = 0; i < u->length; i++)
        for (size_t k = 0; k < sizeof ops / sizeof *ops; k++)
            if (u->code[i].op == ops[k])
                return true;
    for (size_t i = 0; i < u->slots; i++)
        if (u->slot[i].kind == SLOT_TEMP)
            return true;
    return c->called;
}

static void write_numbers_of(CWriter *c, Buf *out) { /* how many numbers g holds */
    Buf *kept = c->out;
    Buf place;
    buf_init(&place);
    c->out = &place;
    write_place(c, c->sub->params);
    c->out = kept;
    buf_text(out, place.len ? buf_str(&place) + 3 : "0"); /* without the first " + " */
    buf_done(&place);
}

/* Where the code ends: failures are NaN, a gradient's -0 is 0, arrays are given back. */
static void write_end(CWriter *c) {
    const Sub *u = c->sub;
    bool fails = can_fail(c);
    Buf count;
    buf_init(&count);
    write_numbers_of(c, &count);
    buf_text(c->out, "    goto done;\n");
    if (fails)
        buf_printf(c->out, "fail:\n    %s\n", c->called ? "*stopped = 1;" : c->form == C_TIMES ? ";" : "value = NAN;");
    if (fails && c->form != C_VALUE)
        buf_printf(c->out, "    for (size_t i = 0; i < %s; i++) g[i] = NAN;\n", buf_str(&count));
    buf_text(c->out, "done:\n");
    if (c->form != C_VALUE)
        buf_printf(c->out, "    for (size_t i = 0; i < %s; i++) g[i] += 0.0;\n", buf_str(&count));
    for (uint32_t i = 0; i < u->tables; i++)
        if (u->table[i].kind == TABLE_TEMP || (u->table[i].kind == TABLE_SLOT && !c->called &&
                                               u->slot[u->table[i].which].kind == SLOT_TEMP))
            buf_printf(c->out, "    free(a%u.own);\n", i);
    if (c->form == C_TIMES)
        buf_text(c->out, "}\n");
    else
        buf_printf(c->out, "    return %s;\n}\n", c->called ? "result" : "value");
    buf_done(&count);
}

/* g starts at 0: parameters that do not occur have no code. */
static void write_zeros(CWriter *c) {
    Buf count;
    buf_init(&count);
    write_numbers_of(c, &count);
    buf_printf(c->out, "    for (size_t i = 0; i < %s; i++) g[i] = 0;\n", buf_str(&count));
    buf_done(&count);
}

static bool write_body(CWriter *c) {
    buf_text(c->out, "\n");
    c_write_head(c);
    buf_text(c->out, " {\n");
    c->indent = 1;
    write_frame(c);
    if (c->form != C_VALUE)
        write_zeros(c);
    Buf later; /* made once all are declared: a failure gives them all back */
    buf_init(&later);
    for (uint32_t i = 0; i < c->sub->tables; i++)
        write_table(c, i, &later);
    buf_text(c->out, buf_str(&later));
    buf_done(&later);
    bool res = c_write_code(c);
    write_end(c);
    return res;
}

static bool write_program(const Program *p, const char *name, CForm form, Buf *out, Buf *why) {
    static const char *const tail[] = {"", "_gradient", "_hessian_times"};
    Buf part;
    buf_init(&part);
    buf_printf(&part, "%s%s", name, tail[form]);
    CWriter c = {.program = p, .name = buf_str(&part), .out = out, .why = why};
    for (size_t i = 1; i < p->subs; i++) { /* called functions may call each other: heads first */
        c.called = true;
        c.sub = &p->sub[i];
        c_write_head(&c);
        buf_text(out, ";\n");
    }
    bool res = true;
    for (size_t i = p->subs; 0 < i-- && res;) {
        c.called = 0 < i;
        c.form = c.called ? C_VALUE : form;
        c.sub = &p->sub[i];
        res = write_body(&c);
    }
    buf_done(&part);
    return res;
}

/* The whole matrix: a column is the Hessian times a coordinate's direction, as where plumb makes it. */
static void write_hessian(const Program *times, const char *name, Buf *out) {
    CWriter c = {.program = times, .sub = &times->sub[0], .name = name, .out = out};
    Buf count;
    buf_init(&count);
    write_numbers_of(&c, &count);
    buf_printf(out, "\nvoid %s_hessian(", name);
    const char *lead = write_own_params(&c);
    buf_printf(out, "%sdouble *matrix) {\n    size_t numbers = %s;\n", lead, buf_str(&count));
    buf_printf(out, "    double *direction = calloc(2*numbers + 1, sizeof *direction), *column = direction + numbers;\n"
                    "    for (size_t i = 0; i < numbers; i++) {\n"
                    "        if (direction) {\n            direction[i] = 1;\n            %s_hessian_times(", name);
    write_own_arguments(&c);
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
    bool letter = e->name[0] && !e->name[1] && (e->name[0] < '0' || '9' < e->name[0]) && (unsigned char)e->name[0] < 0x80;
    if (letter) /* g, v, i: parameters of that name hide it, which does no harm */
        buf_text(&safe, e->name);
    else
        c_write_name(&safe, e->name);
    Sources *taken = sources_new(".c"); /* names that the file may define itself */
    buf_text(&safe, sources_define(taken, buf_str(&safe), safe.len) ? "_" : "");
    sources_free(taken);
    write_comment(e, out);
    bool res = c_write_preamble(all, 3, out, why) && write_program(e->value, buf_str(&safe), C_VALUE, out, why) &&
               (!e->gradient || write_program(e->gradient, buf_str(&safe), C_GRADIENT, out, why)) &&
               (!e->times || write_program(e->times, buf_str(&safe), C_TIMES, out, why));
    if (res && e->times) write_hessian(e->times, buf_str(&safe), out);
    buf_done(&safe);
    return res;
}
