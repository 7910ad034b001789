/* The instructions of a program as C statements; see program_c.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_c_parts.h"

/* $d $a $b $c $n registers, $f the function, $C the elements of array c, $E its element a, $T $U arrays c, b, $1 $2 lengths of
 * array c, $A $O whole numbers (O an addend), $S the reduction's state, $L the jump's label. */
static const char *const c_text[OP_CODES] = {
    [OP_MOV] = "$d = $a;",
    [OP_ADD] = "$d = $a + $b;", [OP_ADD_A] = "$d = $a + $b;",
    [OP_SUB] = "$d = $a - $b;", [OP_SUB_A] = "$d = $a - $b;", [OP_SUB_B] = "$d = $a - $b;",
    [OP_MUL] = "$d = $a*$b;", [OP_MUL_A] = "$d = $a*$b;",
    [OP_DIV] = "$d = $a/$b;",
    [OP_POW] = "$d = pow($a, $b);",
    [OP_NEG] = "$d = -$a;",
    [OP_SQR] = "$d = $a*$a;", [OP_SQR_A] = "$d = $a*$a;",
    [OP_CUBE] = "$d = ($a*$a)*$a;", [OP_CUBE_A] = "$d = ($a*$a)*$a;",
    [OP_POW4] = "$d = ($a*$a)*($a*$a);",
    [OP_SQRT] = "$d = sqrt($a);", [OP_ABS] = "$d = fabs($a);",
    [OP_MULADD] = "$d = $a*$b + $c;", [OP_MULADD_A] = "$d = $a*$b + $c;", [OP_MULADD_C] = "$d = $a*$b + $c;",
    [OP_MULSUB] = "$d = $a*$b - $c;", [OP_MULSUB_A] = "$d = $a*$b - $c;",
    [OP_SUBMUL] = "$d = $c - $a*$b;", [OP_SUBMUL_A] = "$d = $c - $a*$b;", [OP_SUBMUL_C] = "$d = $c - $a*$b;",
    [OP_SUBSQR] = "$d = ($a - $b)*($a - $b);", [OP_ADDSQR] = "$d = ($a + $b)*($a + $b);",
    [OP_FN1] = "$d = $f($a);", [OP_FN2] = "$d = $f($a, $b);", [OP_FN3] = "$d = $f($a, $b, $n);", [OP_ARG] = "",
    [OP_LT] = "$d = $a < $b;", [OP_LE] = "$d = $a <= $b;", [OP_EQ] = "$d = $a == $b;", [OP_NE] = "$d = $a != $b;",
    [OP_NOT] = "$d = $a == 0;", [OP_BOOL] = "$d = $a != 0;",
    [OP_JMP] = "goto $L;", [OP_JZ] = "if ($a == 0) goto $L;", [OP_JNZ] = "if ($a != 0) goto $L;",
    [OP_JNLT] = "if (!($d < $a)) goto $L;", [OP_JNLE] = "if (!($d <= $a)) goto $L;",
    [OP_JNEQ] = "if (!($d == $a)) goto $L;", [OP_JNNE] = "if (!($d != $a)) goto $L;",
    [OP_LOADK] = "$d = $E;",
    [OP_LOAD1] = "$d = $C[(ptrdiff_t)$a$O];",
    [OP_LOAD1C] = "if (!is_inside($a$O, $1)) goto fail;\n$d = $C[(ptrdiff_t)$a$O];",
    [OP_LOAD2] = "$d = $C[((size_t)$a - 1)*$2 + (size_t)$b - 1];",
    [OP_LOAD2C] = "if (!is_inside($a - 1, $1) || !is_inside($b - 1, $2)) goto fail;\n"
                  "$d = $C[((size_t)$a - 1)*$2 + (size_t)$b - 1];",
    [OP_STOREK] = "$E = $d;", [OP_STOREK_D] = "$E = $d;",
    [OP_STORE1] = "$C[(ptrdiff_t)$a$O] = $d;", [OP_STORE1_D] = "$C[(ptrdiff_t)$a$O] = $d;",
    [OP_STORE1C] = "if (!is_inside($a$O, $1)) goto fail;\n$C[(ptrdiff_t)$a$O] = $d;",
    [OP_STORE2] = "$C[((size_t)$a - 1)*$2 + (size_t)$b - 1] = $d;",
    [OP_STORE2C] = "if (!is_inside($a - 1, $1) || !is_inside($b - 1, $2)) goto fail;\n"
                   "$C[((size_t)$a - 1)*$2 + (size_t)$b - 1] = $d;",
    [OP_INCK] = "$E += $d;", [OP_INC1] = "$C[(ptrdiff_t)$a$O] += $d;",
    [OP_INC1C] = "if (!is_inside($a$O, $1)) goto fail;\n$C[(ptrdiff_t)$a$O] += $d;",
    [OP_INC2] = "$C[((size_t)$a - 1)*$2 + (size_t)$b - 1] += $d;",
    [OP_INC2C] = "if (!is_inside($a - 1, $1) || !is_inside($b - 1, $2)) goto fail;\n"
                 "$C[((size_t)$a - 1)*$2 + (size_t)$b - 1] += $d;",
    [OP_TEMP1] = "if (!array_make(&$T, $a, 1)) goto fail;", [OP_TEMP2] = "if (!array_make(&$T, $a, $b)) goto fail;",
    [OP_ROW] = "if (!is_inside($a - 1, $U.rows)) goto fail;\narray_row(&$T, &$U, (size_t)$a - 1);",
    [OP_COPYROW] = "if (!array_copy_row(&$T, (size_t)$a, &$U)) goto fail;",
    [OP_CLEAR] = "array_clear(&$T);",
    [OP_PREFIX] = "array_products(&$T, &$U, 0);", [OP_SUFFIX] = "array_products(&$T, &$U, 1);",
    [OP_LAST] = "$d = last_of($a, $b);\nif (isnan($d)) goto fail;",
    [OP_SKIP] = "if (!(0 <= $a - $d)) goto $L;",
    [OP_NEXT] = "} while ($d < $a ? ($d += 1, 1) : 0);",
    [OP_BEGSUM] = "terms_begin(&$S, $a, $b, -0.0);\n$d = $a;",
    [OP_BEGPROD] = "terms_begin(&$S, $a, $b, 1);\n$d = $a;",
    [OP_BEGBEST] = "terms_begin(&$S, $a, $b, 0);\n$d = $a;",
    [OP_SUM] = "$S.lane[$S.done & $S.mask] += $a;\n} while (terms_more(&$S, 0) ? ($d += 1, 1) : 0);",
    [OP_PROD] = "$S.lane[$S.done & $S.mask] *= $a;\n} while (terms_more(&$S, 1) ? ($d += 1, 1) : 0);",
    [OP_MAX] = "if ($S.done == 0 || ($S.lane[0] == $S.lane[0] && !($a <= $S.lane[0]))) $S.lane[0] = $a, $S.at = $d;\n"
               "} while (terms_more(&$S, 0) ? ($d += 1, 1) : 0);",
    [OP_MIN] = "if ($S.done == 0 || ($S.lane[0] == $S.lane[0] && !($S.lane[0] <= $a))) $S.lane[0] = $a, $S.at = $d;\n"
               "} while (terms_more(&$S, 0) ? ($d += 1, 1) : 0);",
    [OP_ENDSUM] = "$d = terms_end(&$S, 0);", [OP_ENDPROD] = "$d = terms_end(&$S, 1);",
    [OP_ENDBEST] = "$d = $S.lane[0];", [OP_ENDAT] = "$d = $S.at;",
    [OP_EMPTY] = "goto fail;",
    [OP_RET] = "result = $a;\ngoto done;", [OP_END] = "goto done;",
};

void c_write_line(CWriter *c) {
    buf_fill(c->out, ' ', 4 * c->indent);
}

static bool is_literal(const CWriter *c, uint32_t reg) {
    return reg < c->sub->pinned && (c->sub->pin[reg].kind == PIN_CONST || c->sub->pin[reg].kind == PIN_GLOBAL);
}

static double literal(const CWriter *c, const Pin *pin) {
    if (pin->kind == PIN_CONST)
        return pin->value;
    const Var *var = defs_variable(c->program->defs, pin->name);
    return var && var->value.rank == 0 ? var->value.data[0] : 0;
}

/* A register: a constant, a length, a parameter, or a variable of the C function. */
static void write_register(CWriter *c, uint32_t reg) {
    const Sub *u = c->sub;
    if (u->pinned <= reg) {
        buf_printf(c->out, "t%u", reg - u->pinned + 1);
        return;
    }
    const Pin *pin = &u->pin[reg];
    if (is_literal(c, reg)) {
        c_write_number(c->out, literal(c, pin));
    } else if (pin->kind == PIN_DIM) {
        DimInfo dim = {.symbolic = true, .reg = reg};
        buf_text(c->out, "(double)");
        c_write_length(c, &dim, c->out);
    } else if (c->called) {
        buf_printf(c->out, "p%u", pin->param);
    } else {
        c_write_name(c->out, names_text(store_names(defs_store(c->program->defs)), u->param[pin->param].name));
    }
}

static bool is_own_param(const CWriter *c, uint32_t table) {
    return !c->called && c->sub->table[table].kind == TABLE_PARAM;
}

/* The number that a slot of rank 0 of the function itself is. */
static bool is_value(const CWriter *c, uint32_t table) {
    const TableEntry *t = &c->sub->table[table];
    return !c->called && c->form != C_TIMES && t->kind == TABLE_SLOT && t->which == 0 && c->sub->slot[0].rank == 0;
}

static void write_elements(CWriter *c, uint32_t table) {
    if (is_own_param(c, table))
        c_write_name(c->out, names_text(store_names(defs_store(c->program->defs)),
                                        c->sub->param[c->sub->table[table].which].name));
    else
        buf_printf(c->out, "a%u.at", table);
}

static void write_element(CWriter *c, const Instr *in) {
    if (is_value(c, in->c))
        buf_text(c->out, "value");
    else {
        write_elements(c, in->c);
        buf_printf(c->out, "[%u]", in->a);
    }
}

/* Compilers work out what functions are worth at constants, in another way than the library. */
static void write_operand(CWriter *c, const Instr *in, uint32_t reg) {
    bool hidden = is_literal(c, reg) && (in->op == OP_POW || in->op == OP_FN1 || in->op == OP_FN2 || in->op == OP_FN3 ||
                                         in->op == OP_MOV || in->op == OP_BEGSUM || in->op == OP_BEGPROD ||
                                         in->op == OP_BEGBEST);
    buf_text(c->out, hidden ? "number(" : "");
    write_register(c, reg);
    buf_text(c->out, hidden ? ")" : "");
}

static void write_offset(CWriter *c, int32_t offset) {
    if (offset)
        buf_printf(c->out, " %c %d", offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
}

static void write_part(CWriter *c, const Instr *in, char what) {
    switch (what) {
    case 'd': write_register(c, in->d); break;
    case 'a': write_operand(c, in, in->a); break;
    case 'b': write_operand(c, in, in->b); break;
    case 'c': write_operand(c, in, in->c); break;
    case 'n': write_operand(c, in, in[1].a); break;
    case 'f': c_write_function_name(in->c, c->out); break;
    case 'E': write_element(c, in); break;
    case 'C': write_elements(c, in->c); break;
    case 'T': buf_printf(c->out, "a%u", in->c); break;
    case 'U': buf_printf(c->out, "a%u", in->b); break;
    case '1': buf_printf(c->out, "a%u.rows", in->c); break;
    case '2': buf_printf(c->out, "a%u.columns", in->c); break;
    case 'A': buf_printf(c->out, "%u", in->a); break;
    case 'O': write_offset(c, (int32_t)in->b); break;
    case 'S': buf_printf(c->out, "s%u", in->c); break;
    default: buf_printf(c->out, "L%u", in->b); break;
    }
}

static void write_template(CWriter *c, const Instr *in, const char *text) {
    bool fresh = true;
    for (; *text; text++) {
        if (fresh && *text == '}')
            c->indent--;
        if (fresh)
            c_write_line(c);
        fresh = *text == '\n';
        if (*text == '$')
            write_part(c, in, *++text);
        else
            buf_char(c->out, *text);
    }
    buf_char(c->out, '\n');
}

static void write_call(CWriter *c, const Instr *in) {
    const CallSite *site = &c->sub->site[in->a];
    c_write_line(c);
    if (in->op == OP_CALL) {
        write_register(c, in->d);
        buf_text(c->out, " = ");
    }
    buf_printf(c->out, "%s_part%u(", c->name, site->sub);
    for (uint32_t i = 0; i < site->count; i++) {
        if (site->arg[i].array)
            buf_printf(c->out, "a%u, ", site->arg[i].at);
        else {
            write_register(c, site->arg[i].at);
            buf_text(c->out, ", ");
        }
    }
    if (in->op == OP_CALLARRAY)
        buf_printf(c->out, "a%u, ", in->c);
    buf_printf(c->out, "depth + 1, &failed);\n");
    c_write_line(c);
    buf_text(c->out, "if (failed) goto fail;\n");
}

static bool is_backward(uint16_t op) {
    return op == OP_NEXT || op == OP_SUM || op == OP_PROD || op == OP_MAX || op == OP_MIN;
}

static bool is_forward(uint16_t op) {
    return op == OP_SKIP || strchr(op_fields[op], 'j');
}

static void find_jumps(CWriter *c) {
    for (size_t i = 0; i < c->sub->length; i++) {
        const Instr *in = &c->sub->code[i];
        if (is_backward(in->op))
            c->begins[in->b]++;
        else if (is_forward(in->op))
            c->label[in->b] = true;
    }
}

static bool write_instruction(CWriter *c, size_t i) {
    const Instr *in = &c->sub->code[i];
    if (c->label[i])
        buf_printf(c->out, "L%zu:;\n", i);
    for (unsigned k = 0; k < c->begins[i]; k++) {
        c_write_line(c);
        buf_text(c->out, "do {\n");
        c->indent++;
    }
    if (in->op == OP_CALL || in->op == OP_CALLARRAY) {
        write_call(c, in);
    } else if (!c_text[in->op]) {
        buf_text(c->why, "the gradient of an update rule cannot be written in C");
        return false;
    } else if (c_text[in->op][0] && !(in->op == OP_END && i + 1 == c->sub->length)) {
        write_template(c, in, c_text[in->op]);
    }
    return true;
}

bool c_write_code(CWriter *c) {
    bool res = true;
    c->begins = mem_new(c->sub->length + 1, sizeof *c->begins);
    c->label = mem_new(c->sub->length + 1, sizeof *c->label);
    find_jumps(c);
    for (size_t i = 0; i < c->sub->length && res; i++)
        res = write_instruction(c, i);
    if (c->label[c->sub->length])
        buf_printf(c->out, "L%zu:;\n", c->sub->length);
    free(c->begins);
    free(c->label);
    return res;
}
