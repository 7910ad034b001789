/* Statements and operations of exported C; see program_c.h. */
#include <stdlib.h>
#include <string.h>

#include "eval/program_c_parts.h"

const WriterOp c_ops[OP_CODES] = {
    [OP_MOV] = {"$al", LEVEL_CHOICE},
    [OP_ADD] = {"$as + $bt", LEVEL_SUM}, [OP_ADD_A] = {"$as + $bt", LEVEL_SUM},
    [OP_SUB] = {"$as - $bt", LEVEL_SUM}, [OP_SUB_A] = {"$as - $bt", LEVEL_SUM}, [OP_SUB_B] = {"$as - $bt", LEVEL_SUM},
    [OP_MUL] = {"$at*$bx", LEVEL_TERM}, [OP_MUL_A] = {"$at*$bx", LEVEL_TERM},
    [OP_DIV] = {"$at/$bx", LEVEL_TERM},
    [OP_POW] = {"pow($ah, $bh)", LEVEL_ATOM},
    [OP_NEG] = {"-$ax", LEVEL_SIGN},
    [OP_SQR] = {"sq_of($al)", LEVEL_ATOM}, [OP_SQR_A] = {"sq_of($al)", LEVEL_ATOM},
    [OP_CUBE] = {"cube_of($al)", LEVEL_ATOM}, [OP_CUBE_A] = {"cube_of($al)", LEVEL_ATOM},
    [OP_POW4] = {"fourth_of($al)", LEVEL_ATOM},
    [OP_SQRT] = {"sqrt($al)", LEVEL_ATOM}, [OP_ABS] = {"fabs($al)", LEVEL_ATOM},
    [OP_MULADD] = {"$cs + $at*$bx", LEVEL_SUM}, [OP_MULADD_A] = {"$cs + $at*$bx", LEVEL_SUM},
    [OP_MULADD_C] = {"$cs + $at*$bx", LEVEL_SUM},
    [OP_MULSUB] = {"$at*$bx - $ct", LEVEL_SUM}, [OP_MULSUB_A] = {"$at*$bx - $ct", LEVEL_SUM},
    [OP_SUBMUL] = {"$cs - $at*$bx", LEVEL_SUM}, [OP_SUBMUL_A] = {"$cs - $at*$bx", LEVEL_SUM},
    [OP_SUBMUL_C] = {"$cs - $at*$bx", LEVEL_SUM},
    [OP_SUBSQR] = {"sq_of($as - $bt)", LEVEL_ATOM}, [OP_ADDSQR] = {"sq_of($as + $bt)", LEVEL_ATOM},
    [OP_FN1] = {"$F($ah)", LEVEL_ATOM}, [OP_FN2] = {"$F($ah, $bh)", LEVEL_ATOM},
    [OP_FN3] = {"$F($ah, $bh, $nh)", LEVEL_ATOM},
    [OP_LT] = {"$as < $bs", LEVEL_COMPARE}, [OP_LE] = {"$as <= $bs", LEVEL_COMPARE},
    [OP_EQ] = {"$as == $bs", LEVEL_COMPARE}, [OP_NE] = {"$as != $bs", LEVEL_COMPARE},
    [OP_NOT] = {"!$ac", LEVEL_NOT}, [OP_BOOL] = {"$ac", LEVEL_NOT},
    [OP_LOADK] = {"$E", LEVEL_ATOM},
    [OP_LOAD1] = {"$C[$ai$O]", LEVEL_ATOM}, [OP_LOAD2] = {"$C[($ai - 1)*$2 + $bi - 1]", LEVEL_ATOM},
};

/* ---- arrays ---- */

static const char *name_of(const Writer *w, uint32_t param) {
    return names_text(store_names(defs_store(w->program->defs)), w->sub->param[param].name);
}

uint32_t c_param_of(const Writer *w, uint32_t slot) {
    return w->task == WRITE_GRADIENT ? slot - 1 : slot < w->sub->params ? slot : slot - w->sub->params;
}

void c_write_elements(Writer *w, uint32_t table, Buf *out) {
    const TableEntry *t = &w->sub->table[table];
    if (w->called && t->kind == TABLE_PARAM) {
        buf_printf(out, "p%u.at", t->which);
    } else if (w->called && t->kind == TABLE_SLOT) {
        buf_text(out, "out.at");
    } else if (t->kind == TABLE_PARAM) {
        c_write_name(out, name_of(w, t->which));
    } else if (t->kind == TABLE_SLOT && w->sub->slot[t->which].kind != SLOT_TEMP) {
        bool value = t->which == 0 && w->task != WRITE_TIMES;
        if (value) {
            buf_text(out, "out");
        } else {
            buf_text(out, w->sub->slot[t->which].kind == SLOT_INPUT ? "v_" : "g_");
            c_write_name(out, name_of(w, c_param_of(w, t->which)));
        }
    } else {
        buf_printf(out, "a%u.at", table);
    }
}

void c_write_array(Writer *w, uint32_t table, Buf *out) {
    const TableEntry *t = &w->sub->table[table];
    if (w->called && t->kind == TABLE_PARAM)
        buf_printf(out, "p%u", t->which);
    else if (w->called && t->kind == TABLE_SLOT)
        buf_text(out, "out");
    else
        buf_printf(out, "a%u", table);
}

/* A length of the array: of an own parameter, and of its part of g or v, by its name. */
static void write_side(Writer *w, uint32_t table, int axis, Buf *out) {
    const TableEntry *t = &w->sub->table[table];
    bool part = !w->called && t->kind == TABLE_SLOT && w->sub->slot[t->which].kind != SLOT_TEMP &&
                (t->which > 0 || w->task == WRITE_TIMES);
    if (part || (!w->called && t->kind == TABLE_PARAM)) {
        uint32_t param = part ? c_param_of(w, t->which) : t->which;
        c_write_length(w, &w->sub->param[param].dim[axis], out);
        return;
    }
    c_write_array(w, table, out);
    buf_text(out, axis ? ".columns" : ".rows");
}

void c_write_columns(Writer *w, uint32_t table, Buf *out) {
    write_side(w, table, 1, out);
}

bool c_is_number(const Writer *w, uint32_t table) {
    const TableEntry *t = &w->sub->table[table];
    return !w->called && t->kind == TABLE_SLOT && w->sub->slot[t->which].rank == 0;
}

/* A number of the value, of g or of v stands there itself; that of a temporary is a variable. */
void c_write_element(Writer *w, uint32_t table, uint32_t k, Buf *out) {
    const TableEntry *t = &w->sub->table[table];
    if (!c_is_number(w, table)) {
        c_write_elements(w, table, out);
        buf_printf(out, "[%u]", k);
    } else if (w->sub->slot[t->which].kind == SLOT_TEMP) {
        buf_printf(out, "a%u", table);
    } else if (t->which == 0 && w->task != WRITE_TIMES) {
        buf_text(out, "value");
    } else {
        Buf place;
        buf_init(&place);
        c_write_place(w, c_param_of(w, t->which), &place);
        char array = w->sub->slot[t->which].kind == SLOT_INPUT ? 'v' : 'g';
        buf_printf(out, "%c[%s]", array, place.len ? buf_str(&place) : "0");
        buf_done(&place);
    }
}

/* ---- loops ---- */

static void write_check(Writer *w, const char *condition) {
    writer_line(w);
    buf_printf(w->out, "if (%s) goto fail;\n", condition);
}

static void write_for(Writer *w, const WriterLoop *loop, const char *first, const char *condition) {
    Buf name;
    buf_init(&name);
    w->loops++;
    writer_variable(w, w->webs.at[loop->end].field[0], &name);
    writer_line(w);
    buf_printf(w->out, "for (ptrdiff_t %s = %s; ", buf_str(&name), first);
    buf_printf(w->out, condition, buf_str(&name));
    buf_printf(w->out, "; %s++) {\n", buf_str(&name));
    buf_done(&name);
    w->indent++;
    writer_block(w, loop->body, loop->end, loop->body + 1);
}

static void end_for(Writer *w) {
    w->indent--;
    w->loops--;
    writer_line(w);
    buf_text(w->out, "}\n");
}

/* The reduction's value is known after the loop. */
static void write_reduced(Writer *w, const WriterLoop *loop, uint32_t state) {
    const Instr *in = &w->sub->code[loop->result];
    Buf b;
    buf_init(&b);
    if (in->op == OP_ENDSUM || in->op == OP_ENDPROD) {
        buf_printf(&b, in->op == OP_ENDSUM ? "terms_sum(&s%u)" : "terms_product(&s%u)", state);
    } else {
        buf_printf(&b, "s%u.count == 0", state);
        write_check(w, buf_str(&b));
        buf_clear(&b);
        buf_printf(&b, in->op == OP_ENDBEST ? "s%u.lane[0]" : "(double)s%u.at", state);
    }
    writer_define(w, loop->result, w->webs.at[loop->result].field[0], writer_text(&b, LEVEL_ATOM, true));
}

static void write_reduction(Writer *w, const WriterLoop *loop, const char *lo, const char *hi) {
    const Instr *end = &w->sub->code[loop->end];
    const char *add = end->op == OP_SUM ? "add" : end->op == OP_PROD ? "times" : end->op == OP_MAX ? "max" : "min";
    Buf b, first;
    buf_init(&b), buf_init(&first);
    buf_printf(&b, "terms_begin(&s%u, %s, %s, %s)", end->c, lo, hi, end->op == OP_SUM ? "-0.0" : "1.0");
    writer_line(w);
    buf_printf(w->out, loop->known ? "%s;\n" : "if (!%s) goto fail;\n", buf_str(&b));
    buf_clear(&b);
    buf_printf(&first, "s%u.first", end->c);
    buf_printf(&b, "s%u.done < s%u.count", end->c, end->c);
    write_for(w, loop, buf_str(&first), buf_str(&b));
    buf_clear(&b);
    writer_operand(w, loop->end, 1, FORM_NUMBER, LEVEL_CHOICE, &b);
    writer_line(w);
    buf_printf(w->out, "terms_%s(&s%u, %s);\n", add, end->c, buf_str(&b));
    end_for(w);
    buf_done(&b), buf_done(&first);
    write_reduced(w, loop, end->c);
}

/* Does it read as one word, so that a cast needs no brackets? */
static bool is_word(const char *text) {
    return !text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")];
}

static bool is_digits(const char *text) {
    return !text[strspn(text, "0123456789")];
}

void c_write_loop(Writer *w, const WriterLoop *loop) {
    Buf lo, hi, first, b;
    buf_init(&lo), buf_init(&hi), buf_init(&first), buf_init(&b);
    writer_operand(w, loop->lo_at, 1, FORM_ENDS, LEVEL_CHOICE, &lo);
    writer_operand(w, loop->hi_at, loop->hi, FORM_ENDS, LEVEL_CHOICE, &hi);
    writer_settle_loads(w);
    if (loop->result) {
        Buf last; /* a length as a number */
        buf_init(&last);
        buf_printf(&last, is_word(buf_str(&hi)) && !is_digits(buf_str(&hi)) ? "(double)%s" : "%s", buf_str(&hi));
        write_reduction(w, loop, buf_str(&lo), buf_str(&last));
        buf_done(&last);
    } else {
        if (!loop->known) {
            buf_printf(&b, "!is_range(%s, %s)", buf_str(&lo), buf_str(&hi));
            write_check(w, buf_str(&b));
            buf_clear(&b);
        }
        const char *low = buf_str(&lo), *high = buf_str(&hi);
        buf_printf(&first, is_digits(low) ? "%s" : is_word(low) ? "(ptrdiff_t)%s" : "(ptrdiff_t)(%s)", low);
        buf_printf(&b, is_digits(high) ? "%%s <= %s" : is_word(high) ? "%%s <= (ptrdiff_t)%s"
                                                                   : "%%s <= (ptrdiff_t)(%s)", high);
        write_for(w, loop, buf_str(&first), buf_str(&b));
        end_for(w);
    }
    buf_done(&lo), buf_done(&hi), buf_done(&first), buf_done(&b);
}

/* ---- statements ---- */

/* The element with a check, where it needs one, on the line before; indices are written once as text. */
static void write_target(Writer *w, uint32_t at, bool matrix, bool checked, Buf *out) {
    const Instr *in = &w->sub->code[at];
    Buf index[2], b;
    bool cast[2] = {false, false};
    for (int axis = 0; axis < 1 + matrix; axis++) {
        buf_init(&index[axis]);
        cast[axis] = checked && !writer_is_whole(w, at, axis + 1);
        writer_operand(w, at, axis + 1, checked ? FORM_ENDS : FORM_INDEX, LEVEL_SUM, &index[axis]);
        writer_offset(&index[axis], matrix ? -1 : (int32_t)in->b);
    }
    buf_init(&b);
    for (int axis = 0; checked && axis < 1 + matrix; axis++) {
        buf_printf(&b, "%s!is_inside(%s, ", axis ? " || " : "", buf_str(&index[axis]));
        write_side(w, in->c, axis, &b);
        buf_char(&b, ')');
    }
    if (checked) write_check(w, buf_str(&b));
    c_write_elements(w, in->c, out);
    buf_char(out, '[');
    if (matrix) {
        buf_printf(out, cast[0] ? "(ptrdiff_t)(%s)*" : "(%s)*", buf_str(&index[0]));
        write_side(w, in->c, 1, out);
        buf_text(out, " + ");
    }
    buf_printf(out, cast[matrix] ? "(ptrdiff_t)(%s)]" : "%s]", buf_str(&index[matrix]));
    for (int axis = 0; axis < 1 + matrix; axis++) buf_done(&index[axis]);
    buf_done(&b);
}

static bool is_checked(uint16_t op) {
    return op == OP_STORE1C || op == OP_STORE2C || op == OP_INC1C || op == OP_INC2C || op == OP_LOAD1C ||
           op == OP_LOAD2C;
}

static bool is_matrix(uint16_t op) {
    return op == OP_STORE2 || op == OP_STORE2C || op == OP_INC2 || op == OP_INC2C || op == OP_LOAD2C;
}

static void write_store(Writer *w, uint32_t at, bool add) {
    const Instr *in = &w->sub->code[at];
    Buf value, to;
    buf_init(&value), buf_init(&to);
    writer_operand(w, at, 0, FORM_NUMBER, LEVEL_CHOICE, &value);
    if (in->op == OP_STOREK || in->op == OP_STOREK_D || in->op == OP_INCK)
        c_write_element(w, in->c, in->a, &to);
    else
        write_target(w, at, is_matrix(in->op), is_checked(in->op), &to);
    writer_settle_loads(w);
    w->used[in->c] = true;
    writer_line(w);
    buf_printf(w->out, "%s %s %s;\n", buf_str(&to), add ? "+=" : "=", buf_str(&value));
    buf_done(&value), buf_done(&to);
}

static void write_checked_load(Writer *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    write_target(w, at, is_matrix(w->sub->code[at].op), true, &b);
    writer_define(w, at, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, true));
}

static void write_call(Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    const CallSite *site = &w->sub->site[in->a];
    Buf b;
    buf_init(&b);
    buf_printf(&b, "%s_part%u(", w->name, site->sub);
    for (uint32_t i = 0; i < site->count; i++) {
        writer_argument(w, at, i, &b);
        buf_text(&b, ", ");
    }
    if (in->op == OP_CALLARRAY) {
        c_write_array(w, in->c, &b);
        buf_text(&b, ", ");
        w->used[in->c] = true;
    }
    buf_text(&b, "depth + 1, &failed)");
    writer_settle_loads(w);
    if (in->op == OP_CALL) {
        writer_assign(w, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, false));
    } else {
        writer_line(w);
        buf_printf(w->out, "%s;\n", buf_str(&b));
        buf_done(&b);
    }
    write_check(w, "failed");
}

static void write_array(Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    if (in->op == OP_CLEAR && !w->used[in->c] && w->indent == 1 && !w->called) return; /* it is 0 still */
    w->used[in->c] = true;
    Buf to, from, a, b;
    buf_init(&to), buf_init(&from), buf_init(&a), buf_init(&b);
    c_write_array(w, in->c, &to);
    if (strchr(op_fields[in->op], 'x')) c_write_array(w, in->b, &from);
    bool index = in->op == OP_ROW || in->op == OP_COPYROW;
    if (op_fields[in->op][1] == 'r') writer_operand(w, at, 1, index ? FORM_ENDS : FORM_LENGTH, LEVEL_SUM, &a);
    if (op_fields[in->op][2] == 'r') writer_operand(w, at, 2, FORM_LENGTH, LEVEL_CHOICE, &b);
    writer_settle_loads(w);
    const char *t = buf_str(&to), *f = buf_str(&from), *x = buf_str(&a);
    if (in->op == OP_ROW) {
        Buf check;
        buf_init(&check);
        buf_printf(&check, "!is_inside(%s - 1, %s.rows)", x, f);
        write_check(w, buf_str(&check));
        buf_done(&check);
    }
    writer_line(w);
    switch (in->op) {
    case OP_TEMP1: case OP_TEMP2:
        buf_printf(w->out, "if (!array_make(&%s, (double)(%s), %s)) goto fail;\n", t, x,
                   in->op == OP_TEMP1 ? "1" : buf_str(&b));
        break;
    case OP_ROW: buf_printf(w->out, "array_row(&%s, &%s, (size_t)(%s) - 1);\n", t, f, x); break;
    case OP_COPYROW: buf_printf(w->out, "if (!array_copy_row(&%s, (size_t)(%s), &%s)) goto fail;\n", t, x, f); break;
    case OP_CLEAR:
        if (c_is_number(w, in->c)) {
            c_write_element(w, in->c, 0, w->out);
            buf_text(w->out, " = 0;\n");
        } else {
            buf_printf(w->out, "array_clear(&%s);\n", t);
        }
        break;
    default: buf_printf(w->out, "array_products(&%s, &%s, %d);\n", t, f, in->op == OP_SUFFIX); break;
    }
    buf_done(&to), buf_done(&from), buf_done(&a), buf_done(&b);
}

static void write_last(Writer *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    buf_text(&b, "last_of(");
    writer_operand(w, at, 1, FORM_NUMBER, LEVEL_CHOICE, &b);
    buf_text(&b, ", ");
    writer_operand(w, at, 2, FORM_NUMBER, LEVEL_CHOICE, &b);
    buf_char(&b, ')');
    uint32_t web = w->webs.at[at].field[0];
    writer_assign(w, web, writer_text(&b, LEVEL_ATOM, false));
    buf_init(&b);
    buf_text(&b, "isnan(");
    writer_variable(w, web, &b);
    buf_char(&b, ')');
    write_check(w, buf_str(&b));
    buf_done(&b);
}

static void write_result(Writer *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    writer_operand(w, at, 1, FORM_NUMBER, LEVEL_CHOICE, &b);
    writer_line(w);
    buf_printf(w->out, "result = %s;\n", buf_str(&b));
    buf_done(&b);
}

void c_write_statement(Writer *w, uint32_t at) {
    switch (w->sub->code[at].op) {
    case OP_STOREK: case OP_STOREK_D: case OP_STORE1: case OP_STORE1_D: case OP_STORE1C:
    case OP_STORE2: case OP_STORE2C:
        write_store(w, at, false);
        break;
    case OP_INCK: case OP_INC1: case OP_INC1C: case OP_INC2: case OP_INC2C: write_store(w, at, true); break;
    case OP_LOAD1C: case OP_LOAD2C: write_checked_load(w, at); break;
    case OP_CALL: case OP_CALLARRAY: write_call(w, at); break;
    case OP_TEMP1: case OP_TEMP2: case OP_ROW: case OP_COPYROW: case OP_CLEAR: case OP_PREFIX: case OP_SUFFIX:
        write_array(w, at);
        break;
    case OP_LAST: write_last(w, at); break;
    case OP_EMPTY:
        writer_line(w);
        buf_text(w->out, "goto fail;\n");
        break;
    default: write_result(w, at); break;
    }
}
