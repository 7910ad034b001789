/* Expressions of exported Python: what is read once stands where it is read; see program_python.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_python_parts.h"
#include "expr/functions.h"

enum { PY_LONGEST = 76 }; /* a value longer than this gets a name */

/* ---- values that wait ---- */

PyText py_text(Buf *b, PyLevel level, bool loads) {
    PyText res = {mem_copy_text(buf_str(b), b->len), level, loads};
    buf_done(b);
    return res;
}

void py_line(PyWriter *w) {
    w->line.web = 0;
    buf_fill(w->out, ' ', 4 * w->indent);
}

/* Does a parameter or a length have this name? */
static bool is_taken(const PyWriter *w, char letter) {
    const Names *names = store_names(defs_store(w->program->defs));
    const char name[2] = {letter, '\0'};
    for (uint32_t i = 0; i < w->sub->params && !w->called; i++)
        if (strcmp(names_text(names, w->sub->param[i].name), name) == 0) return true;
    for (uint32_t i = 0; i < w->sub->pinned && !w->called; i++)
        if (w->sub->pin[i].kind == PIN_DIM && strcmp(names_text(names, w->sub->pin[i].name), name) == 0) return true;
    return false;
}

/* An index by the depth of its loop: i, j, k, ..., i1, j1, ... */
static void write_index(PyWriter *w, uint32_t web, Buf *out) {
    static const char letters[] = "ijklmpqrs";
    uint32_t depth = w->loops;
    for (uint32_t i = 0; !w->number[web]; i++)
        if ((9 <= i || !is_taken(w, letters[i])) && --depth == 0) w->number[web] = i + 1;
    uint32_t k = w->number[web] - 1;
    buf_char(out, letters[k % 9]);
    if (9 <= k) buf_printf(out, "%u", k / 9);
}

void py_write_variable(PyWriter *w, uint32_t web, Buf *out) {
    if (w->webs.web[web].type == WEB_WHOLE) {
        write_index(w, web, out);
        return;
    }
    if (!w->number[web]) w->number[web] = 1 + w->numbers++;
    buf_printf(out, "t%u", w->number[web]);
}

void py_assign(PyWriter *w, uint32_t web, PyText value) {
    free(w->line.value.text);
    w->line = (PyLine){.start = w->out->len, .value = value};
    buf_fill(w->out, ' ', 4 * w->indent);
    py_write_variable(w, web, w->out);
    buf_printf(w->out, " = %s\n", value.text);
    w->line.web = web;
}

/* Is the one read of the web in the same loop, so that it may be computed there? */
static bool may_wait(const PyWriter *w, uint32_t at, uint32_t web, const PyText *value) {
    const Web *x = &w->webs.web[web];
    return x->writes == 1 && x->reads == 1 && at < x->read_at && w->webs.at[at].loop == w->webs.at[x->read_at].loop &&
           strlen(value->text) <= PY_LONGEST;
}

void py_define(PyWriter *w, uint32_t at, uint32_t web, PyText value) {
    if (w->webs.web[web].reads == 0) {
        free(value.text);
    } else if (may_wait(w, at, web, &value)) {
        free(w->waiting[web].text);
        w->waiting[web] = value;
    } else {
        py_assign(w, web, value);
    }
}

void py_settle_loads(PyWriter *w) {
    for (uint32_t i = 1; i < w->webs.count; i++)
        if (w->waiting[i].text && w->waiting[i].loads) {
            PyText value = w->waiting[i];
            w->waiting[i] = (PyText){.text = NULL};
            py_assign(w, i, value);
        }
}

/* ---- operands ---- */

static bool is_literal(const PyWriter *w, uint32_t reg) {
    return reg < w->sub->pinned && (w->sub->pin[reg].kind == PIN_CONST || w->sub->pin[reg].kind == PIN_GLOBAL);
}

static double literal(const PyWriter *w, uint32_t reg) {
    const Pin *pin = &w->sub->pin[reg];
    if (pin->kind == PIN_CONST) return pin->value;
    const Var *var = defs_variable(w->program->defs, pin->name);
    return var && var->value.rank == 0 ? var->value.data[0] : 0;
}

static uint32_t register_of(const PyWriter *w, uint32_t at, int field) {
    const Instr *in = &w->sub->code[at];
    return field == 0 ? in->d : field == 1 ? in->a : field == 2 ? in->b : field == 3 ? in->c : in[1].a;
}

static uint32_t web_of(const PyWriter *w, uint32_t at, int field) {
    return field == 4 ? w->webs.at[at + 1].field[1] : w->webs.at[at].field[field];
}

static WebType operand_type(const PyWriter *w, uint32_t reg, uint32_t web) {
    if (web) return w->webs.web[web].type;
    if (is_literal(w, reg)) return WEB_PLAIN;
    return w->sub->pin[reg].kind == PIN_DIM ? WEB_WHOLE : w->called ? WEB_PLAIN : WEB_DOUBLE;
}

/* The operand as it stands, with its level. */
static PyText raw_operand(PyWriter *w, uint32_t reg, uint32_t web, PyForm form) {
    if (web && w->waiting[web].text) {
        PyText res = w->waiting[web];
        w->waiting[web] = (PyText){.text = NULL};
        return res;
    }
    Buf b;
    buf_init(&b);
    PyLevel level = PY_ATOM;
    if (web) {
        py_write_variable(w, web, &b);
    } else if (is_literal(w, reg)) {
        double value = literal(w, reg);
        bool whole = form != PY_NUMBER && value == floor(value) && fabs(value) < 1e15;
        if (whole)
            buf_printf(&b, "%.0f", value);
        else
            py_write_number(&b, value);
        level = signbit(value) ? PY_SIGN : PY_ATOM;
    } else if (w->sub->pin[reg].kind == PIN_DIM) {
        py_write_length(w, reg, &b);
    } else if (w->called) {
        buf_printf(&b, "p%u", w->sub->pin[reg].param);
    } else {
        py_write_name(w->sources, &b, names_text(store_names(defs_store(w->program->defs)),
                                     w->sub->param[w->sub->pin[reg].param].name));
    }
    return py_text(&b, level, false);
}

static void write_raw(const PyText *t, const char *before, PyLevel level, Buf *out) {
    bool brackets = *before || t->level < level;
    buf_printf(out, "%s%s%s%s", before, brackets ? "(" : "", t->text, brackets ? ")" : "");
}

static void write_in_form(PyWriter *w, uint32_t reg, uint32_t web, PyForm form, PyLevel level, Buf *out, bool *loads) {
    WebType type = operand_type(w, reg, web);
    PyText t = raw_operand(w, reg, web, form);
    const char *before = "";
    if (form == PY_NUMBER && (type == WEB_WHOLE || type == WEB_TRUTH)) before = "float";
    if (form == PY_INDEX && type != WEB_WHOLE && !is_literal(w, reg)) before = "int";
    if (form == PY_LENGTH && type != WEB_WHOLE && !is_literal(w, reg)) before = py_need(w, "room");
    if (form == PY_TRUTH && type != WEB_TRUTH) {
        t.level = PY_COMPARE > t.level ? t.level : PY_COMPARE;
        buf_text(out, level > PY_COMPARE ? "(" : "");
        write_raw(&t, "", PY_SUM, out);
        buf_text(out, level > PY_COMPARE ? " != 0)" : " != 0");
    } else {
        write_raw(&t, before, level, out);
    }
    if (loads) *loads = *loads || t.loads;
    free(t.text);
}

void py_write_operand(PyWriter *w, uint32_t at, int field, PyForm form, PyLevel level, Buf *out) {
    write_in_form(w, register_of(w, at, field), web_of(w, at, field), form, level, out, NULL);
}

void py_write_argument(PyWriter *w, uint32_t at, uint32_t i, Buf *out) {
    const CallSite *site = &w->sub->site[w->sub->code[at].a];
    if (site->arg[i].array)
        py_write_table(w, site->arg[i].at, out);
    else
        write_in_form(w, site->arg[i].at, w->webs.at[at].argument[i], PY_NUMBER, PY_CHOICE, out, NULL);
}

/* ---- values ---- */

/* The value of an instruction.  $ and a field, then how tightly it must hold together there: s sum,
 * t term, x atom, l anything; c a condition, i an index; $F the function, $C the array, $O the addend
 * to an index.  A name in braces is a helper. */
typedef struct PyOp {
    const char *text;
    PyLevel level;
} PyOp;

static const PyOp py_ops[OP_CODES] = {
    [OP_MOV] = {"$al", PY_CHOICE},
    [OP_ADD] = {"$as + $bt", PY_SUM}, [OP_ADD_A] = {"$as + $bt", PY_SUM},
    [OP_SUB] = {"$as - $bt", PY_SUM}, [OP_SUB_A] = {"$as - $bt", PY_SUM}, [OP_SUB_B] = {"$as - $bt", PY_SUM},
    [OP_MUL] = {"$at*$bx", PY_TERM}, [OP_MUL_A] = {"$at*$bx", PY_TERM},
    [OP_DIV] = {"$at/$bx", PY_TERM},
    [OP_POW] = {"{power}($al, $bl)", PY_ATOM},
    [OP_NEG] = {"-$ax", PY_SIGN},
    [OP_SQR] = {"{sq}($al)", PY_ATOM}, [OP_SQR_A] = {"{sq}($al)", PY_ATOM},
    [OP_CUBE] = {"{cube}($al)", PY_ATOM}, [OP_CUBE_A] = {"{cube}($al)", PY_ATOM},
    [OP_POW4] = {"{fourth}($al)", PY_ATOM},
    [OP_SQRT] = {"np.sqrt($al)", PY_ATOM}, [OP_ABS] = {"abs($al)", PY_ATOM},
    [OP_MULADD] = {"$cs + $at*$bx", PY_SUM}, [OP_MULADD_A] = {"$cs + $at*$bx", PY_SUM},
    [OP_MULADD_C] = {"$cs + $at*$bx", PY_SUM},
    [OP_MULSUB] = {"$at*$bx - $ct", PY_SUM}, [OP_MULSUB_A] = {"$at*$bx - $ct", PY_SUM},
    [OP_SUBMUL] = {"$cs - $at*$bx", PY_SUM}, [OP_SUBMUL_A] = {"$cs - $at*$bx", PY_SUM},
    [OP_SUBMUL_C] = {"$cs - $at*$bx", PY_SUM},
    [OP_SUBSQR] = {"{sq}($as - $bt)", PY_ATOM}, [OP_ADDSQR] = {"{sq}($as + $bt)", PY_ATOM},
    [OP_FN1] = {"$F($al)", PY_ATOM}, [OP_FN2] = {"$F($al, $bl)", PY_ATOM}, [OP_FN3] = {"$F($al, $bl, $nl)", PY_ATOM},
    [OP_LT] = {"$as < $bs", PY_COMPARE}, [OP_LE] = {"$as <= $bs", PY_COMPARE},
    [OP_EQ] = {"$as == $bs", PY_COMPARE}, [OP_NE] = {"$as != $bs", PY_COMPARE},
    [OP_NOT] = {"not $ac", PY_NOT}, [OP_BOOL] = {"$ac", PY_NOT},
    [OP_LOADK] = {"$E", PY_ATOM},
    [OP_LOAD1] = {"$C[$ai$O]", PY_ATOM}, [OP_LOAD2] = {"$C[$ai - 1, $bi - 1]", PY_ATOM},
    [OP_LAST] = {"{last_of}($al, $bl)", PY_ATOM},
    [OP_ENDSUM] = {"{sum_of}($S)", PY_ATOM}, [OP_ENDPROD] = {"{product_of}($S)", PY_ATOM},
};

static void write_function(PyWriter *w, uint32_t id, Buf *out) {
    Buf name;
    buf_init(&name);
    buf_printf(&name, "%s_", function_at(id)->name); /* pow_ beside Python's pow */
    bool underscore = sources_need(w->sources, buf_str(&name), name.len);
    if (!underscore) {
        name.len--;
        buf_clear(&name);
        buf_text(&name, function_at(id)->name);
        if (!sources_need(w->sources, buf_str(&name), name.len)) {
            if (!w->failed) buf_printf(w->why, "%s cannot be written in Python", function_at(id)->name);
            w->failed = true;
        }
    }
    buf_text(out, buf_str(&name));
    buf_done(&name);
}

static PyForm form_of(char c) {
    return c == 'c' ? PY_TRUTH : c == 'i' ? PY_INDEX : PY_NUMBER;
}

static PyLevel level_of(char c) {
    return c == 's' ? PY_SUM : c == 't' ? PY_TERM : c == 'x' ? PY_ATOM : c == 'c' ? PY_AND : c == 'i' ? PY_SUM : PY_CHOICE;
}

/* A right operand that begins with a sign stands in brackets. */
static void write_part(PyWriter *w, uint32_t at, const char *mark, Buf *out, bool *loads) {
    const Instr *in = &w->sub->code[at];
    size_t start = out->len;
    switch (*mark) {
    case 'F': write_function(w, in->c, out); return;
    case 'S': buf_printf(out, "terms%.0u", in->c ? in->c + 1 : 0); return;
    case 'C': py_write_table(w, in->c, out); return;
    case 'E':
        py_write_table(w, in->c, out);
        if (!py_is_number(w, in->c)) buf_printf(out, "[%u]", in->a);
        return;
    case 'O':
        if (in->b) buf_printf(out, " %c %d", (int32_t)in->b < 0 ? '-' : '+', abs((int32_t)in->b));
        return;
    default: break;
    }
    int field = *mark == 'n' ? 4 : *mark == 'd' ? 0 : *mark - 'a' + 1;
    Buf part;
    buf_init(&part);
    write_in_form(w, register_of(w, at, field), web_of(w, at, field), form_of(mark[1]), level_of(mark[1]), &part, loads);
    bool right = 0 < start && buf_str(out)[start - 1] != '(' && buf_str(&part)[0] == '-';
    buf_printf(out, right ? "(%s)" : "%s", buf_str(&part));
    buf_done(&part);
}

static void write_template(PyWriter *w, uint32_t at, const char *text, Buf *out, bool *loads) {
    for (; *text; text++) {
        if (*text == '{') {
            char helper[24] = "";
            size_t len = strcspn(text, "}") - 1;
            memcpy(helper, text + 1, len);
            buf_text(out, py_need(w, helper));
            text += len + 1;
        } else if (*text == '$') {
            write_part(w, at, ++text, out, loads);
            text += *text != 'F' && *text != 'S' && *text != 'C' && *text != 'E' && *text != 'O';
        } else {
            buf_char(out, *text);
        }
    }
}

/* a + b where only b is a sum, a*2 where only b is a number: with sides exchanged it reads better, and
 * is the same. */
static const char *exchanged(const PyWriter *w, uint32_t at, const char *text) {
    static const char *const forms[][2] = {{"$at*$bx", "$bt*$ax"}, {"$cs + $at*$bx", "$cs + $bt*$ax"},
                                           {"$at*$bx - $ct", "$bt*$ax - $ct"}, {"$cs - $at*$bx", "$cs - $bt*$ax"}};
    const Instr *in = &w->sub->code[at];
    const WebPlace *p = &w->webs.at[at];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i][0], text) == 0) return is_literal(w, in->b) && !is_literal(w, in->a) ? forms[i][1] : text;
    if (in->op != OP_ADD && in->op != OP_ADD_A) return text;
    const PyText *a = &w->waiting[p->field[1]], *b = &w->waiting[p->field[2]];
    bool better = p->field[2] && b->text && b->level == PY_SUM && !(p->field[1] && a->text && a->level == PY_SUM);
    return better ? "$bs + $at" : text;
}

/* Python itself would raise an error at 1/0. */
static bool is_plain_quotient(const PyWriter *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    return in->op == OP_DIV && operand_type(w, in->a, w->webs.at[at].field[1]) != WEB_DOUBLE &&
           operand_type(w, in->b, w->webs.at[at].field[2]) != WEB_DOUBLE;
}

/* A copy keeps the level of what is copied; a truth copied to numbers becomes one. */
static PyText copy_value(PyWriter *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    uint32_t web = w->webs.at[at].field[1], to = w->webs.at[at].field[0];
    bool truth = in->op == OP_BOOL || (to && w->webs.web[to].type == WEB_TRUTH);
    WebType type = operand_type(w, in->a, web);
    if (truth == (type == WEB_TRUTH) && type != WEB_WHOLE) return raw_operand(w, in->a, web, PY_NUMBER);
    Buf b;
    buf_init(&b);
    bool loads = false;
    write_in_form(w, in->a, web, truth ? PY_TRUTH : PY_NUMBER, PY_CHOICE, &b, &loads);
    return py_text(&b, truth ? PY_COMPARE : PY_ATOM, loads);
}

bool py_value(PyWriter *w, uint32_t at, PyText *out) {
    uint16_t op = w->sub->code[at].op;
    PyOp form = py_ops[op];
    if (!form.text) return false;
    if (is_plain_quotient(w, at)) form = (PyOp){"{quotient}($al, $bl)", PY_ATOM};
    form.text = exchanged(w, at, form.text);
    Buf b;
    buf_init(&b);
    bool loads = op == OP_LOADK || op == OP_LOAD1 || op == OP_LOAD2;
    uint32_t to = w->webs.at[at].field[0];
    bool truth = (OP_LT <= op && op <= OP_NE) || op == OP_NOT || op == OP_BOOL;
    bool number = truth && to && w->webs.web[to].type != WEB_TRUTH;
    buf_text(&b, number ? "float(" : "");
    if (op == OP_MOV || op == OP_BOOL) {
        PyText copied = copy_value(w, at);
        buf_text(&b, copied.text);
        form.level = copied.level;
        loads = copied.loads;
        free(copied.text);
    } else {
        write_template(w, at, form.text, &b, &loads);
    }
    buf_text(&b, number ? ")" : "");
    *out = py_text(&b, number ? PY_ATOM : form.level, loads);
    return true;
}
