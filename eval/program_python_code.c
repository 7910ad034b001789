/* Statements and operations of exported Python; see program_python.h. */
#include <stdlib.h>
#include <string.h>

#include "eval/program_python_parts.h"
#include "expr/functions.h"

const WriterOp python_ops[OP_CODES] = {
    [OP_MOV] = {"$al", LEVEL_CHOICE},
    [OP_ADD] = {"$as + $bt", LEVEL_SUM}, [OP_ADD_A] = {"$as + $bt", LEVEL_SUM},
    [OP_SUB] = {"$as - $bt", LEVEL_SUM}, [OP_SUB_A] = {"$as - $bt", LEVEL_SUM}, [OP_SUB_B] = {"$as - $bt", LEVEL_SUM},
    [OP_MUL] = {"$at*$bx", LEVEL_TERM}, [OP_MUL_A] = {"$at*$bx", LEVEL_TERM},
    [OP_DIV] = {"$at/$bx", LEVEL_TERM},
    [OP_POW] = {"{power}($al, $bl)", LEVEL_ATOM},
    [OP_NEG] = {"-$ax", LEVEL_SIGN},
    [OP_SQR] = {"{sq}($al)", LEVEL_ATOM}, [OP_SQR_A] = {"{sq}($al)", LEVEL_ATOM},
    [OP_CUBE] = {"{cube}($al)", LEVEL_ATOM}, [OP_CUBE_A] = {"{cube}($al)", LEVEL_ATOM},
    [OP_POW4] = {"{fourth}($al)", LEVEL_ATOM},
    [OP_SQRT] = {"np.sqrt($al)", LEVEL_ATOM}, [OP_ABS] = {"abs($al)", LEVEL_ATOM},
    [OP_MULADD] = {"$cs + $at*$bx", LEVEL_SUM}, [OP_MULADD_A] = {"$cs + $at*$bx", LEVEL_SUM},
    [OP_MULADD_C] = {"$cs + $at*$bx", LEVEL_SUM},
    [OP_MULSUB] = {"$at*$bx - $ct", LEVEL_SUM}, [OP_MULSUB_A] = {"$at*$bx - $ct", LEVEL_SUM},
    [OP_SUBMUL] = {"$cs - $at*$bx", LEVEL_SUM}, [OP_SUBMUL_A] = {"$cs - $at*$bx", LEVEL_SUM},
    [OP_SUBMUL_C] = {"$cs - $at*$bx", LEVEL_SUM},
    [OP_SUBSQR] = {"{sq}($as - $bt)", LEVEL_ATOM}, [OP_ADDSQR] = {"{sq}($as + $bt)", LEVEL_ATOM},
    [OP_FN1] = {"$F($ah)", LEVEL_ATOM}, [OP_FN2] = {"$F($ah, $bh)", LEVEL_ATOM},
    [OP_FN3] = {"$F($ah, $bh, $nh)", LEVEL_ATOM},
    [OP_LT] = {"$as < $bs", LEVEL_COMPARE}, [OP_LE] = {"$as <= $bs", LEVEL_COMPARE},
    [OP_EQ] = {"$as == $bs", LEVEL_COMPARE}, [OP_NE] = {"$as != $bs", LEVEL_COMPARE},
    [OP_NOT] = {"not $ac", LEVEL_NOT}, [OP_BOOL] = {"$ac", LEVEL_NOT},
    [OP_LOADK] = {"$E", LEVEL_ATOM},
    [OP_LOAD1] = {"$C[$ai$O]", LEVEL_ATOM}, [OP_LOAD2] = {"$C[$ai - 1, $bi - 1]", LEVEL_ATOM},
    [OP_LAST] = {"{last_of}($al, $bl)", LEVEL_ATOM},
};

void python_write_function(Writer *w, uint32_t id, Buf *out) {
    const char *name = function_at(id)->name;
    Buf other;
    buf_init(&other);
    buf_printf(&other, "%s_", name); /* max_ beside Python's max */
    if (sources_need(w->sources, buf_str(&other), other.len))
        name = buf_str(&other);
    else if (!sources_need(w->sources, name, strlen(name)))
        writer_fail(w, "a function within cannot be written in");
    buf_text(out, name);
    buf_done(&other);
}

static const char *need(Writer *w, const char *helper) {
    sources_need(w->sources, helper, strlen(helper));
    return helper;
}

/* ---- loops ---- */

static void write_terms(Writer *w, uint32_t end, Buf *out) {
    uint32_t state = w->sub->code[end].c;
    buf_text(out, "terms");
    if (state) buf_printf(out, "%u", state + 1);
}

/* A loop's range; `first` (may be NULL) gets its beginning. */
static WriterText range_of(Writer *w, uint32_t lo_at, uint32_t hi_at, int hi, Buf *first) {
    Buf b, lo;
    buf_init(&b), buf_init(&lo);
    writer_operand(w, lo_at, 1, FORM_ENDS, LEVEL_CHOICE, &lo);
    buf_printf(&b, "%s(%s, ", need(w, "span"), buf_str(&lo));
    writer_operand(w, hi_at, hi, FORM_ENDS, LEVEL_CHOICE, &b);
    buf_char(&b, ')');
    if (first) buf_text(first, buf_str(&lo));
    buf_done(&lo);
    return writer_text(&b, LEVEL_ATOM, false);
}

/* What the terms come to; the position of the best counts from the loop's first index. */
static void write_reduced(Writer *w, uint32_t at, uint32_t end, const Buf *first) {
    const Instr *in = &w->sub->code[at];
    Buf b;
    buf_init(&b);
    bool largest = w->sub->code[end].op == OP_MAX;
    const char *helper = in->op == OP_ENDSUM ? "sum_of" : in->op == OP_ENDPROD ? "product_of"
                         : in->op == OP_ENDBEST ? (largest ? "largest_of" : "smallest_of")
                                                : (largest ? "place_of_largest" : "place_of_smallest");
    buf_printf(&b, "%s(", need(w, helper));
    write_terms(w, end, &b);
    if (in->op == OP_ENDAT) buf_printf(&b, ", %s", buf_str(first));
    buf_char(&b, ')');
    writer_define(w, at, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, true)); /* the next loop takes the list */
}

void python_write_loop(Writer *w, const WriterLoop *loop) {
    Buf first;
    buf_init(&first);
    WriterText range = range_of(w, loop->lo_at, loop->hi_at, loop->hi, &first);
    writer_settle_loads(w);
    if (loop->result) {
        writer_line(w);
        write_terms(w, loop->end, w->out);
        buf_text(w->out, " = []\n");
    }
    w->loops++;
    writer_line(w);
    buf_text(w->out, "for ");
    writer_variable(w, w->webs.at[loop->end].field[0], w->out);
    buf_printf(w->out, " in %s:\n", range.text);
    size_t before = w->out->len;
    w->indent++;
    writer_block(w, loop->body, loop->end, loop->body + 1);
    if (loop->result) {
        Buf term;
        buf_init(&term);
        writer_operand(w, loop->end, 1, FORM_NUMBER, LEVEL_CHOICE, &term);
        writer_line(w);
        write_terms(w, loop->end, w->out);
        buf_printf(w->out, ".append(%s)\n", buf_str(&term));
        buf_done(&term);
    } else if (w->out->len == before) {
        writer_line(w);
        buf_text(w->out, "pass\n");
    }
    w->indent--;
    w->loops--;
    w->line.web = 0;
    if (loop->result) write_reduced(w, loop->result, loop->end, &first);
    free(range.text);
    buf_done(&first);
}

/* ---- statements ---- */

static void write_target(Writer *w, uint32_t at, Buf *out) {
    const Instr *in = &w->sub->code[at];
    python_write_table(w, in->c, out);
    bool element = in->op == OP_STOREK || in->op == OP_STOREK_D || in->op == OP_INCK;
    bool checked = in->op == OP_STORE1C || in->op == OP_INC1C || in->op == OP_STORE2C || in->op == OP_INC2C ||
                   in->op == OP_LOAD1C || in->op == OP_LOAD2C;
    bool matrix = in->op == OP_STORE2 || in->op == OP_STORE2C || in->op == OP_INC2 || in->op == OP_INC2C ||
                  in->op == OP_LOAD2C;
    if (element) {
        if (!python_is_number(w, in->c)) buf_printf(out, "[%u]", in->a);
        return;
    }
    const char *inside = checked ? need(w, "inside") : "";
    for (int axis = 0; axis < (matrix ? 2 : 1); axis++) {
        Buf index;
        buf_init(&index);
        writer_operand(w, at, axis + 1, checked ? FORM_ENDS : FORM_INDEX, LEVEL_SUM, &index);
        writer_offset(&index, matrix ? -1 : (int32_t)in->b);
        buf_printf(out, "%s%s%s%s", axis ? ", " : "[", inside, checked ? "(" : "", buf_str(&index));
        buf_done(&index);
        if (checked) {
            buf_text(out, ", ");
            python_write_table(w, in->c, out);
            buf_printf(out, ".shape[%d])", axis);
        }
    }
    buf_char(out, ']');
}

static void write_store(Writer *w, uint32_t at, bool add) {
    Buf value, to;
    buf_init(&value);
    buf_init(&to);
    writer_operand(w, at, 0, FORM_NUMBER, LEVEL_CHOICE, &value);
    write_target(w, at, &to);
    writer_settle_loads(w);
    w->used[w->sub->code[at].c] = true;
    writer_line(w);
    buf_printf(w->out, "%s %s %s\n", buf_str(&to), add ? "+=" : "=", buf_str(&value));
    buf_done(&value);
    buf_done(&to);
}

static void write_checked_load(Writer *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    write_target(w, at, &b);
    writer_define(w, at, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, true));
}

static void write_call(Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    const CallSite *site = &w->sub->site[in->a];
    Buf b;
    buf_init(&b);
    buf_printf(&b, "_%s_part%u(", w->name, site->sub);
    for (uint32_t i = 0; i < site->count; i++) {
        buf_text(&b, i ? ", " : "");
        writer_argument(w, at, i, &b);
    }
    if (in->op == OP_CALL) {
        buf_char(&b, ')');
        writer_assign(w, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, false));
        return;
    }
    buf_text(&b, site->count ? ", " : "");
    python_write_table(w, in->c, &b);
    w->used[in->c] = true;
    writer_settle_loads(w);
    writer_line(w);
    buf_printf(w->out, "%s)\n", buf_str(&b));
    buf_done(&b);
}

/* A statement about arrays: # stands for arrays c, b and operands a, b. */
static void write_array(Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    if (in->op == OP_CLEAR && !w->used[in->c] && w->indent == 1) return; /* it is 0 still */
    w->used[in->c] = true;
    Buf to, from, a, b;
    buf_init(&to), buf_init(&from), buf_init(&a), buf_init(&b);
    python_write_table(w, in->c, &to);
    if (strchr(op_fields[in->op], 'x')) python_write_table(w, in->b, &from);
    bool index = in->op == OP_ROW || in->op == OP_COPYROW;
    if (op_fields[in->op][1] == 'r') writer_operand(w, at, 1, index ? FORM_INDEX : FORM_LENGTH, LEVEL_SUM, &a);
    if (op_fields[in->op][2] == 'r') writer_operand(w, at, 2, FORM_LENGTH, LEVEL_CHOICE, &b);
    writer_settle_loads(w);
    writer_line(w);
    const char *t = buf_str(&to), *f = buf_str(&from);
    switch (in->op) {
    case OP_TEMP1: buf_printf(w->out, "%s = np.zeros(%s)\n", t, buf_str(&a)); break;
    case OP_TEMP2: buf_printf(w->out, "%s = np.zeros((%s, %s))\n", t, buf_str(&a), buf_str(&b)); break;
    case OP_ROW:
        buf_printf(w->out, "%s = %s[%s(%s - 1, %s.shape[0])]\n", t, f, need(w, "inside"), buf_str(&a), f);
        break;
    case OP_COPYROW: buf_printf(w->out, "%s(%s, %s, %s)\n", need(w, "copy_row"), t, buf_str(&a), f); break;
    case OP_CLEAR: buf_printf(w->out, python_is_number(w, in->c) ? "%s = 0.0\n" : "%s.fill(0.0)\n", t); break;
    default:
        buf_printf(w->out, "%s(%s, %s)\n", need(w, in->op == OP_PREFIX ? "products_before" : "products_after"), t, f);
        break;
    }
    buf_done(&to), buf_done(&from), buf_done(&a), buf_done(&b);
}

static void write_return(Writer *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    writer_operand(w, at, 1, FORM_NUMBER, LEVEL_CHOICE, &b);
    writer_line(w);
    buf_printf(w->out, "return %s\n", buf_str(&b));
    buf_done(&b);
}

void python_write_statement(Writer *w, uint32_t at) {
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
    case OP_EMPTY:
        writer_line(w);
        buf_text(w->out, "raise ValueError(\"max or min of nothing\")\n");
        break;
    default: write_return(w, at); break;
    }
}
