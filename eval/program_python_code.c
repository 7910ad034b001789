/* Statements of exported Python: choices, loops, writes to arrays; see program_python.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_python_parts.h"

enum { PY_CHOICE_LONGEST = 90 };

static void write_block(PyWriter *w, uint32_t from, uint32_t to, uint32_t inside);

/* ---- choices ---- */

/* The condition under which the first arm runs. */
static PyText condition_of(PyWriter *w, uint32_t at) {
    static const struct {
        uint16_t op;
        int left, right;
        const char *sign;
    } rows[] = {{OP_JNLT, 0, 1, " < "}, {OP_JNLE, 0, 1, " <= "}, {OP_JNEQ, 0, 1, " == "}, {OP_JNNE, 0, 1, " != "},
                {OP_SKIP, 0, 1, " <= "}};
    uint16_t op = w->sub->code[at].op;
    Buf b;
    buf_init(&b);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].op == op) {
            py_write_operand(w, at, rows[i].left, PY_NUMBER, PY_SUM, &b);
            buf_text(&b, rows[i].sign);
            py_write_operand(w, at, rows[i].right, PY_NUMBER, PY_SUM, &b);
            return py_text(&b, PY_COMPARE, false);
        }
    buf_text(&b, op == OP_JNZ ? "not " : "");
    py_write_operand(w, at, 1, PY_TRUTH, op == OP_JNZ ? PY_NOT : PY_OR, &b);
    return py_text(&b, op == OP_JNZ ? PY_NOT : PY_OR, false);
}

/* An arm written apart. */
typedef struct Arm {
    Buf text;
    PyLine line; /* the one line that it is; web 0 if it is not one assignment */
} Arm;

static Arm write_arm(PyWriter *w, uint32_t from, uint32_t to) {
    Arm res;
    Buf *kept = w->out;
    PyLine line = w->line;
    buf_init(&res.text);
    w->line = (PyLine){.web = 0};
    w->out = &res.text;
    w->indent++;
    write_block(w, from, to, 0);
    w->indent--;
    w->out = kept;
    res.line = w->line;
    if (res.line.start > 0) res.line.web = 0;
    w->line = line;
    return res;
}

static void arm_done(Arm *a) {
    buf_done(&a->text);
    free(a->line.value.text);
}

/* Does it write arrays or loop? */
static bool writes_arrays(const PyWriter *w, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++)
        if (strchr(op_fields[w->sub->code[i].op], 'y') || w->webs.at[i].loop_end) return true;
    return false;
}

static PyText joined(const PyText *a, PyLevel left, const char *between, const PyText *b, PyLevel right, PyLevel level) {
    Buf text;
    buf_init(&text);
    buf_printf(&text, a->level < left ? "(%s)" : "%s", a->text);
    buf_text(&text, between);
    buf_printf(&text, b->level < right ? "(%s)" : "%s", b->text);
    return py_text(&text, level, a->loads || b->loads);
}

/* t = A; if t: t = B is A and B; if not t: t = B is A or B. */
static bool write_logic(PyWriter *w, uint32_t at, const Choice *c, const Arm *arm) {
    uint16_t op = w->sub->code[at].op;
    uint32_t web = w->webs.at[at].field[1];
    bool fits = (op == OP_JZ || op == OP_JNZ) && web && c->other == c->end && w->line.web == web && arm->line.web == web;
    if (!fits || PY_CHOICE_LONGEST < strlen(w->line.value.text) + strlen(arm->line.value.text)) return false;
    PyLevel level = op == OP_JZ ? PY_AND : PY_OR;
    PyText both = joined(&w->line.value, level, op == OP_JZ ? " and " : " or ", &arm->line.value,
                         (PyLevel)(level + 1), level);
    w->out->len = w->line.start;
    w->line.web = 0;
    w->webs.web[web].writes--;
    w->webs.web[web].reads--;
    py_define(w, c->end - 1, web, both);
    return true;
}

/* if C: t = A, else: t = B is t = A if C else B. */
static bool write_value_choice(PyWriter *w, const Choice *c, const PyText *condition, const Arm *a, const Arm *b) {
    uint32_t web = a->line.web;
    if (!web || b->line.web != web) return false;
    const PyText *x = &a->line.value, *y = &b->line.value;
    if (PY_CHOICE_LONGEST < strlen(condition->text) + strlen(x->text) + strlen(y->text)) return false;
    PyText first = joined(x, PY_OR, " if ", condition, PY_OR, PY_OR);
    PyText whole = joined(&first, PY_OR, " else ", y, PY_OR, PY_CHOICE);
    whole.loads = whole.loads || condition->loads;
    free(first.text);
    w->webs.web[web].writes--;
    py_define(w, c->end - 1, web, whole);
    return true;
}

static void write_arms(PyWriter *w, const PyText *condition, const Arm *a, const Arm *b) {
    py_line(w);
    if (a->text.len) {
        buf_printf(w->out, "if %s:\n%s", condition->text, buf_str(&a->text));
        if (!b->text.len) return;
        py_line(w);
        buf_printf(w->out, "else:\n%s", buf_str(&b->text));
    } else {
        buf_printf(w->out, "if not (%s):\n%s", condition->text, buf_str(&b->text));
    }
}

static uint32_t write_choice(PyWriter *w, uint32_t at, uint32_t to) {
    Choice c = webs_choice(w->sub, at, to);
    uint32_t end = c.end;
    if (writes_arrays(w, at, c.end)) py_settle_loads(w);
    PyText condition = condition_of(w, at);
    condition.loads = true; /* it may */
    Arm a = write_arm(w, at + 1, c.then_end), b = write_arm(w, c.other, c.end);
    if (!write_logic(w, at, &c, &a) && !write_value_choice(w, &c, &condition, &a, &b) && (a.text.len || b.text.len))
        write_arms(w, &condition, &a, &b);
    arm_done(&a);
    arm_done(&b);
    free(condition.text);
    return end;
}

/* ---- loops ---- */

static bool is_reduction(uint16_t op) {
    return op == OP_SUM || op == OP_PROD || op == OP_MAX || op == OP_MIN;
}

/* LAST, SKIP, BEG.. or MOV, the body, its end: a loop with nothing between.  Returns where the code
 * goes on, 0 if it is none. */
static uint32_t plain_loop_end(const PyWriter *w, uint32_t at) {
    const Instr *code = w->sub->code;
    if (w->sub->length <= at + 3 || code[at].op != OP_LAST || code[at + 1].op != OP_SKIP) return 0;
    uint32_t body = at + 3, end = w->webs.at[body].loop_end, other = code[at + 1].b;
    bool begins = end && (op_fields[code[at + 2].op][3] == 's' || code[at + 2].op == OP_MOV) &&
                  w->webs.at[at + 2].field[0] == w->webs.at[end].field[0];
    if (!begins) return 0;
    uint16_t op = code[end].op;
    if (op == OP_NEXT) return other == end + 1 ? other : 0;
    if (op == OP_SUM || op == OP_PROD) return other == end + 2 ? other : 0;
    bool empty = code[end + 2].op == OP_JMP && other == end + 3 && code[other].op == OP_EMPTY && code[end + 2].b == other + 1;
    return empty ? other + 1 : 0;
}

static void write_terms(PyWriter *w, uint32_t end, Buf *out) {
    uint32_t state = w->sub->code[end].c;
    buf_text(out, "terms");
    if (state) buf_printf(out, "%u", state + 1);
}

/* The loop whose body begins at `body`, over a range that is written already. */
static void write_body(PyWriter *w, uint32_t body, const char *range) {
    uint32_t end = w->webs.at[body].loop_end;
    py_settle_loads(w);
    if (is_reduction(w->sub->code[end].op)) {
        py_line(w);
        write_terms(w, end, w->out);
        buf_text(w->out, " = []\n");
    }
    w->loops++;
    py_line(w);
    buf_text(w->out, "for ");
    py_write_variable(w, w->webs.at[end].field[0], w->out);
    buf_printf(w->out, " in %s:\n", range);
    size_t before = w->out->len;
    w->indent++;
    write_block(w, body, end, body + 1);
    if (is_reduction(w->sub->code[end].op)) {
        Buf term;
        buf_init(&term);
        py_write_operand(w, end, 1, PY_NUMBER, PY_CHOICE, &term);
        py_line(w);
        write_terms(w, end, w->out);
        buf_printf(w->out, ".append(%s)\n", buf_str(&term));
        buf_done(&term);
    } else if (w->out->len == before) {
        py_line(w);
        buf_text(w->out, "pass\n");
    }
    w->indent--;
    w->loops--;
    w->line.web = 0;
}

/* A loop's range; `first` (may be NULL) gets its beginning. */
static PyText range_of(PyWriter *w, uint32_t lo_at, uint32_t hi_at, int hi, Buf *first) {
    Buf b, lo;
    buf_init(&b), buf_init(&lo);
    py_write_operand(w, lo_at, 1, PY_ENDS, PY_CHOICE, &lo);
    buf_printf(&b, "%s(%s, ", py_need(w, "span"), buf_str(&lo));
    py_write_operand(w, hi_at, hi, PY_ENDS, PY_CHOICE, &b);
    buf_char(&b, ')');
    if (first) buf_text(first, buf_str(&lo));
    buf_done(&lo);
    return py_text(&b, PY_ATOM, false);
}

/* What the terms come to; the position of the best counts from the loop's first index. */
static void write_reduced(PyWriter *w, uint32_t at, uint32_t end, const Buf *first) {
    const Instr *in = &w->sub->code[at];
    Buf b;
    buf_init(&b);
    bool largest = w->sub->code[end].op == OP_MAX;
    const char *helper = in->op == OP_ENDSUM ? "sum_of" : in->op == OP_ENDPROD ? "product_of"
                         : in->op == OP_ENDBEST ? (largest ? "largest_of" : "smallest_of")
                                                : (largest ? "place_of_largest" : "place_of_smallest");
    buf_printf(&b, "%s(", py_need(w, helper));
    write_terms(w, end, &b);
    if (in->op == OP_ENDAT) buf_printf(&b, ", %s", buf_str(first));
    buf_char(&b, ')');
    py_define(w, at, w->webs.at[at].field[0], py_text(&b, PY_ATOM, true)); /* the next loop takes the list */
}

static uint32_t write_plain_loop(PyWriter *w, uint32_t at, uint32_t next) {
    uint32_t end = w->webs.at[at + 3].loop_end;
    bool reduces = is_reduction(w->sub->code[end].op);
    uint32_t result = reduces ? w->webs.at[end + 1].field[0] : 0;
    if (reduces && w->line.web == result) { /* what an empty loop comes to: so it does anyway */
        w->out->len = w->line.start;
        w->webs.web[result].writes--;
    }
    w->line.web = 0;
    Buf first;
    buf_init(&first);
    PyText range = range_of(w, at, at, 2, &first);
    write_body(w, at + 3, range.text);
    if (reduces) write_reduced(w, end + 1, end, &first);
    free(range.text);
    buf_done(&first);
    return next;
}

/* A loop with code between its guard and its body: of one that begins with MOV the last index stands at
 * the end. */
static uint32_t write_guarded_loop(PyWriter *w, uint32_t at) {
    uint32_t end = w->webs.at[at + 1].loop_end;
    const Instr *in = &w->sub->code[at];
    bool reduces = op_fields[in->op][3] == 's';
    if (!reduces && in->op != OP_MOV) {
        if (!w->failed) buf_text(w->why, "a loop of this form cannot be written in Python");
        w->failed = true;
        return end + 1;
    }
    Buf first;
    buf_init(&first);
    PyText range = range_of(w, at, reduces ? at : end, reduces ? 2 : 1, &first);
    write_body(w, at + 1, range.text);
    if (reduces) write_reduced(w, end + 1, end, &first);
    free(range.text);
    buf_done(&first);
    return end + (reduces ? 2 : 1);
}

/* ---- statements ---- */

static void write_target(PyWriter *w, uint32_t at, Buf *out) {
    const Instr *in = &w->sub->code[at];
    py_write_table(w, in->c, out);
    bool element = in->op == OP_STOREK || in->op == OP_STOREK_D || in->op == OP_INCK;
    bool checked = in->op == OP_STORE1C || in->op == OP_INC1C || in->op == OP_STORE2C || in->op == OP_INC2C ||
                   in->op == OP_LOAD1C || in->op == OP_LOAD2C;
    bool matrix = in->op == OP_STORE2 || in->op == OP_STORE2C || in->op == OP_INC2 || in->op == OP_INC2C ||
                  in->op == OP_LOAD2C;
    if (element) {
        if (!py_is_number(w, in->c)) buf_printf(out, "[%u]", in->a);
        return;
    }
    const char *inside = checked ? py_need(w, "inside") : "";
    for (int axis = 0; axis < (matrix ? 2 : 1); axis++) {
        buf_printf(out, "%s%s%s", axis ? ", " : "[", inside, checked ? "(" : "");
        py_write_operand(w, at, axis + 1, checked ? PY_ENDS : PY_INDEX, PY_SUM, out);
        int offset = matrix ? -1 : (int32_t)in->b;
        if (offset) buf_printf(out, " %c %d", offset < 0 ? '-' : '+', abs(offset));
        if (checked) {
            buf_text(out, ", ");
            py_write_table(w, in->c, out);
            buf_printf(out, ".shape[%d])", axis);
        }
    }
    buf_char(out, ']');
}

static void write_store(PyWriter *w, uint32_t at, bool add) {
    Buf value, to;
    buf_init(&value);
    buf_init(&to);
    py_write_operand(w, at, 0, PY_NUMBER, PY_CHOICE, &value);
    write_target(w, at, &to);
    py_settle_loads(w);
    w->used[w->sub->code[at].c] = true;
    py_line(w);
    buf_printf(w->out, "%s %s %s\n", buf_str(&to), add ? "+=" : "=", buf_str(&value));
    buf_done(&value);
    buf_done(&to);
}

static void write_checked_load(PyWriter *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    write_target(w, at, &b);
    py_define(w, at, w->webs.at[at].field[0], py_text(&b, PY_ATOM, true));
}

static void write_call(PyWriter *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    const CallSite *site = &w->sub->site[in->a];
    Buf b;
    buf_init(&b);
    buf_printf(&b, "_%s_part%u(", w->name, site->sub);
    for (uint32_t i = 0; i < site->count; i++) {
        buf_text(&b, i ? ", " : "");
        py_write_argument(w, at, i, &b);
    }
    if (in->op == OP_CALL) {
        buf_char(&b, ')');
        py_assign(w, w->webs.at[at].field[0], py_text(&b, PY_ATOM, false));
        return;
    }
    buf_text(&b, site->count ? ", " : "");
    py_write_table(w, in->c, &b);
    w->used[in->c] = true;
    py_settle_loads(w);
    py_line(w);
    buf_printf(w->out, "%s)\n", buf_str(&b));
    buf_done(&b);
}

/* A statement about arrays: # stands for arrays c, b and operands a, b. */
static void write_array(PyWriter *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    if (in->op == OP_CLEAR && !w->used[in->c] && w->indent == 1) return; /* it is 0 still */
    w->used[in->c] = true;
    Buf to, from, a, b;
    buf_init(&to), buf_init(&from), buf_init(&a), buf_init(&b);
    py_write_table(w, in->c, &to);
    if (strchr(op_fields[in->op], 'x')) py_write_table(w, in->b, &from);
    bool index = in->op == OP_ROW || in->op == OP_COPYROW;
    if (op_fields[in->op][1] == 'r') py_write_operand(w, at, 1, index ? PY_INDEX : PY_LENGTH, PY_SUM, &a);
    if (op_fields[in->op][2] == 'r') py_write_operand(w, at, 2, PY_LENGTH, PY_CHOICE, &b);
    py_settle_loads(w);
    py_line(w);
    const char *t = buf_str(&to), *f = buf_str(&from);
    switch (in->op) {
    case OP_TEMP1: buf_printf(w->out, "%s = np.zeros(%s)\n", t, buf_str(&a)); break;
    case OP_TEMP2: buf_printf(w->out, "%s = np.zeros((%s, %s))\n", t, buf_str(&a), buf_str(&b)); break;
    case OP_ROW: buf_printf(w->out, "%s = %s[%s(%s - 1, %s.shape[0])]\n", t, f, py_need(w, "inside"), buf_str(&a), f); break;
    case OP_COPYROW: buf_printf(w->out, "%s(%s, %s, %s)\n", py_need(w, "copy_row"), t, buf_str(&a), f); break;
    case OP_CLEAR: buf_printf(w->out, py_is_number(w, in->c) ? "%s = 0.0\n" : "%s.fill(0.0)\n", t); break;
    default:
        buf_printf(w->out, "%s(%s, %s)\n", py_need(w, in->op == OP_PREFIX ? "products_before" : "products_after"), t, f);
        break;
    }
    buf_done(&to), buf_done(&from), buf_done(&a), buf_done(&b);
}

static void write_return(PyWriter *w, uint32_t at) {
    Buf b;
    buf_init(&b);
    py_write_operand(w, at, 1, PY_NUMBER, PY_CHOICE, &b);
    py_line(w);
    buf_printf(w->out, "return %s\n", buf_str(&b));
    buf_done(&b);
}

static void write_statement(PyWriter *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    PyText value;
    switch (in->op) {
    case OP_STOREK: case OP_STOREK_D: case OP_STORE1: case OP_STORE1_D: case OP_STORE1C: case OP_STORE2: case OP_STORE2C:
        write_store(w, at, false);
        break;
    case OP_INCK: case OP_INC1: case OP_INC1C: case OP_INC2: case OP_INC2C: write_store(w, at, true); break;
    case OP_LOAD1C: case OP_LOAD2C: write_checked_load(w, at); break;
    case OP_CALL: case OP_CALLARRAY: write_call(w, at); break;
    case OP_TEMP1: case OP_TEMP2: case OP_ROW: case OP_COPYROW: case OP_CLEAR: case OP_PREFIX: case OP_SUFFIX:
        write_array(w, at);
        break;
    case OP_EMPTY:
        py_line(w);
        buf_text(w->out, "raise ValueError(\"max or min of nothing\")\n");
        break;
    case OP_RET: write_return(w, at); break;
    case OP_END: case OP_ARG: case OP_JMP: break;
    default:
        if (py_value(w, at, &value)) {
            py_define(w, at, w->webs.at[at].field[0], value);
        } else {
            if (!w->failed) buf_text(w->why, "the gradient of an update rule cannot be written in Python");
            w->failed = true;
        }
        break;
    }
}

/* `inside`: the number of the loop whose body this is, 0 none.  Depth is bounded by WEBS_DEEPEST. */
static void write_block(PyWriter *w, uint32_t from, uint32_t to, uint32_t inside) {
    for (uint32_t i = from; i < to && !w->failed;) {
        uint32_t next = plain_loop_end(w, i);
        bool begins = i + 1 < to && w->webs.at[i + 1].loop_end && inside != i + 2;
        if (next)
            i = write_plain_loop(w, i, next);
        else if (begins)
            i = write_guarded_loop(w, i);
        else if (webs_is_choice(w->sub->code[i].op))
            i = write_choice(w, i, to);
        else
            write_statement(w, i++);
    }
}

void py_write_code(PyWriter *w) {
    if (!webs_find(w->sub, w->called, &w->webs)) {
        buf_text(w->why, "choices and sums are nested too deeply to be written in Python");
        w->failed = true;
    } else {
        w->waiting = mem_new(w->webs.count + 1, sizeof *w->waiting);
        w->number = mem_new(w->webs.count + 1, sizeof *w->number);
        w->used = mem_new(w->sub->tables + 1, sizeof *w->used);
        write_block(w, 0, (uint32_t)w->sub->length, 0);
    }
    for (uint32_t i = 0; w->waiting && i < w->webs.count; i++) free(w->waiting[i].text);
    free(w->waiting);
    free(w->number);
    free(w->used);
    free(w->line.value.text);
    webs_done(&w->webs);
    w->waiting = NULL;
    w->number = NULL;
    w->used = NULL;
    w->line = (PyLine){.web = 0};
}
