/* Statements in other languages: choices and loops found again in the code; see program_write.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_write.h"

enum { WRITER_CHOICE_LONGEST = 90 };

/* ---- choices ---- */

/* The condition under which the first arm runs. */
static WriterText condition_of(Writer *w, uint32_t at) {
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
            writer_operand(w, at, rows[i].left, FORM_NUMBER, LEVEL_SUM, &b);
            buf_text(&b, rows[i].sign);
            writer_operand(w, at, rows[i].right, FORM_NUMBER, LEVEL_SUM, &b);
            return writer_text(&b, LEVEL_COMPARE, false);
        }
    buf_text(&b, op == OP_JNZ ? w->lang->negation : "");
    writer_operand(w, at, 1, FORM_TRUTH, op == OP_JNZ ? LEVEL_ATOM : LEVEL_OR, &b);
    return writer_text(&b, op == OP_JNZ ? LEVEL_NOT : LEVEL_OR, false);
}

/* An arm written apart. */
typedef struct Arm {
    Buf text;
    WriterLine line; /* the one line that it is; web 0 if it is not one assignment */
} Arm;

static Arm write_arm(Writer *w, uint32_t from, uint32_t to) {
    Arm res;
    Buf *kept = w->out;
    WriterLine line = w->line;
    buf_init(&res.text);
    w->line = (WriterLine){.web = 0};
    w->out = &res.text;
    w->indent++;
    writer_block(w, from, to, 0);
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
static bool writes_arrays(const Writer *w, uint32_t from, uint32_t to) {
    for (uint32_t i = from; i < to; i++)
        if (strchr(op_fields[w->sub->code[i].op], 'y') || w->webs.at[i].loop_end) return true;
    return false;
}

static WriterText joined(const WriterText *a, WriterLevel left, const char *between, const WriterText *b,
                         WriterLevel right, WriterLevel level) {
    Buf text;
    buf_init(&text);
    buf_printf(&text, a->level < left ? "(%s)" : "%s", a->text);
    buf_text(&text, between);
    buf_printf(&text, b->level < right ? "(%s)" : "%s", b->text);
    return writer_text(&text, level, a->loads || b->loads);
}

/* t = A; if t: t = B is A and B; if not t: t = B is A or B. */
static bool write_logic(Writer *w, uint32_t at, const Choice *c, const Arm *arm) {
    uint16_t op = w->sub->code[at].op;
    uint32_t web = w->webs.at[at].field[1];
    bool fits = (op == OP_JZ || op == OP_JNZ) && web && c->other == c->end && w->line.web == web &&
                arm->line.web == web;
    if (!fits || WRITER_CHOICE_LONGEST < strlen(w->line.value.text) + strlen(arm->line.value.text)) return false;
    WriterLevel level = op == OP_JZ ? LEVEL_AND : LEVEL_OR;
    WriterText both = joined(&w->line.value, op == OP_JNZ && w->lang->braces ? LEVEL_NOT : level,
                              op == OP_JZ ? w->lang->conjunction : w->lang->disjunction, &arm->line.value,
                              (WriterLevel)(w->lang->braces ? LEVEL_NOT : level + 1), level);
    w->out->len = w->line.start;
    w->line.web = 0;
    w->webs.web[web].writes--;
    w->webs.web[web].reads--;
    writer_define(w, c->end - 1, web, both);
    return true;
}

/* if C: t = A, else: t = B is t = A if C else B. */
static bool write_value_choice(Writer *w, const Choice *c, const WriterText *condition, const Arm *a, const Arm *b) {
    uint32_t web = a->line.web;
    if (!web || b->line.web != web) return false;
    const WriterText *x = &a->line.value, *y = &b->line.value;
    if (WRITER_CHOICE_LONGEST < strlen(condition->text) + strlen(x->text) + strlen(y->text)) return false;
    bool c_like = w->lang->braces;
    WriterText first = joined(c_like ? condition : x, LEVEL_OR, c_like ? " ? " : " if ", c_like ? x : condition,
                              LEVEL_OR, LEVEL_OR);
    WriterText whole = joined(&first, LEVEL_OR, c_like ? " : " : " else ", y, LEVEL_OR, LEVEL_CHOICE);
    whole.loads = whole.loads || condition->loads;
    free(first.text);
    w->webs.web[web].writes--;
    writer_define(w, c->end - 1, web, whole);
    return true;
}

static void write_arms(Writer *w, const WriterText *condition, const Arm *a, const Arm *b) {
    bool braces = w->lang->braces;
    writer_line(w);
    const char *c_form = a->text.len ? "if (%s) {\n" : "if (!(%s)) {\n";
    buf_printf(w->out, braces ? c_form : a->text.len ? "if %s:\n" : "if not (%s):\n", condition->text);
    buf_text(w->out, buf_str(a->text.len ? &a->text : &b->text));
    if (a->text.len && b->text.len) {
        writer_line(w);
        buf_printf(w->out, "%s\n%s", braces ? "} else {" : "else:", buf_str(&b->text));
    }
    if (!braces) return;
    writer_line(w);
    buf_text(w->out, "}\n");
}

static uint32_t write_choice(Writer *w, uint32_t at, uint32_t to) {
    Choice c = webs_choice(w->sub, at, to);
    uint32_t end = c.end;
    if (writes_arrays(w, at, c.end)) writer_settle_loads(w);
    WriterText condition = condition_of(w, at);
    condition.loads = true; /* it may */
    if (webs_is_dead(w->sub, &c)) {
        Arm none = {.line = {.web = 0}}, empty = write_arm(w, c.other, c.end);
        write_arms(w, &condition, &none, &empty);
        arm_done(&empty);
        free(condition.text);
        writer_block(w, at + 1, c.then_end, 0);
        return end;
    }
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
static uint32_t plain_loop_end(const Writer *w, uint32_t at) {
    const Instr *code = w->sub->code;
    if (w->sub->length <= at + 3 || code[at].op != OP_LAST || code[at + 1].op != OP_SKIP) return 0;
    uint32_t body = at + 3, end = w->webs.at[body].loop_end, other = code[at + 1].b;
    bool begins = end && (op_fields[code[at + 2].op][3] == 's' || code[at + 2].op == OP_MOV) &&
                  w->webs.at[at + 2].field[0] == w->webs.at[end].field[0];
    if (!begins) return 0;
    uint16_t op = code[end].op;
    if (op == OP_NEXT) return other == end + 1 ? other : 0;
    if (op == OP_SUM || op == OP_PROD) return other == end + 2 ? other : 0;
    bool empty = code[end + 2].op == OP_JMP && other == end + 3 && code[other].op == OP_EMPTY &&
                 code[end + 2].b == other + 1;
    return empty ? other + 1 : 0;
}

static uint32_t write_plain_loop(Writer *w, uint32_t at, uint32_t next) {
    uint32_t end = w->webs.at[at + 3].loop_end;
    WriterLoop loop = {.body = at + 3, .end = end, .lo_at = at, .hi_at = at, .hi = 2};
    loop.result = is_reduction(w->sub->code[end].op) ? end + 1 : 0;
    uint32_t result = loop.result ? w->webs.at[end + 1].field[0] : 0;
    if (result && w->line.web == result) { /* what an empty loop comes to: so it does anyway */
        w->out->len = w->line.start;
        w->webs.web[result].writes--;
    }
    w->line.web = 0;
    loop.known = writer_is_known_range(w, at, at, 2);
    w->lang->write_loop(w, &loop);
    return next;
}

/* A loop with code between its guard and its body: of one that begins with MOV the last index stands at
 * the end. */
static uint32_t write_guarded_loop(Writer *w, uint32_t at) {
    uint32_t end = w->webs.at[at + 1].loop_end;
    const Instr *in = &w->sub->code[at];
    bool reduces = op_fields[in->op][3] == 's';
    if (!reduces && in->op != OP_MOV) {
        writer_fail(w, "a loop of this form cannot be written in");
        return end + 1;
    }
    WriterLoop loop = {.body = at + 1, .end = end, .lo_at = at, .hi_at = reduces ? at : end, .hi = reduces ? 2 : 1,
                       .result = reduces ? end + 1 : 0, .known = true};
    w->lang->write_loop(w, &loop);
    return end + (reduces ? 2 : 1);
}

/* ---- statements ---- */

/* The last index of a range: with ends that are whole the upper one, which may lie below the first. */
static bool write_last(Writer *w, uint32_t at) {
    if (!writer_is_known_range(w, at, at, 2)) return false;
    Buf b;
    buf_init(&b);
    writer_operand(w, at, 2, FORM_NUMBER, LEVEL_ATOM, &b);
    writer_define(w, at, w->webs.at[at].field[0], writer_text(&b, LEVEL_ATOM, false));
    return true;
}

static void write_statement(Writer *w, uint32_t at) {
    uint16_t op = w->sub->code[at].op;
    WriterText value;
    if (op == OP_END || op == OP_ARG || op == OP_JMP || (op == OP_LAST && write_last(w, at))) return;
    if (writer_value(w, at, &value))
        writer_define(w, at, w->webs.at[at].field[0], value);
    else if (op == OP_GRAD)
        writer_fail(w, "the gradient of an update rule cannot be written in");
    else
        w->lang->write_statement(w, at);
}

void writer_fail(Writer *w, const char *sentence) {
    if (!w->failed) buf_printf(w->why, "%s %s", sentence, w->lang->name);
    w->failed = true;
}

/* Depth is bounded by WEBS_DEEPEST. */
void writer_block(Writer *w, uint32_t from, uint32_t to, uint32_t inside) {
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

/* Numbers and truths that are assigned in more than one place. */
static void declare(Writer *w, Buf *out) {
    for (int type = 0; type < 2; type++) {
        const char *lead = type ? "    int " : "    double ";
        size_t start = out->len;
        for (uint32_t i = 1; i < w->webs.count; i++) {
            const Web *web = &w->webs.web[i];
            if (!w->number[i] || web->writes < 2 || web->type == WEB_WHOLE) continue;
            if ((web->type == WEB_TRUTH) != type) continue;
            buf_text(out, lead);
            writer_variable(w, i, out);
            lead = ", ";
        }
        buf_text(out, out->len > start ? ";\n" : "");
    }
}

void writer_code(Writer *w, Buf *declared) {
    if (!webs_find(w->sub, w->called, &w->webs)) {
        writer_fail(w, "choices and sums are nested too deeply to be written in");
    } else {
        w->waiting = mem_new(w->webs.count + 1, sizeof *w->waiting);
        w->number = mem_new(w->webs.count + 1, sizeof *w->number);
        w->used = mem_new(w->sub->tables + 1, sizeof *w->used);
        writer_block(w, 0, (uint32_t)w->sub->length, 0);
        if (declared) declare(w, declared);
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
    w->line = (WriterLine){.web = 0};
}

void writer_number(Buf *out, size_t from, uint32_t most) {
    Buf text;
    buf_init(&text);
    buf_add(&text, buf_str(out) + from, out->len - from);
    out->len = from;
    uint32_t *name = mem_new((size_t)most + 1, sizeof *name), names = 0;
    const char *word = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.\"";
    for (const char *at = buf_str(&text); *at;) {
        size_t len = strspn(at, word), digits = *at == 't' ? strspn(at + 1, "0123456789") : 0;
        if (digits == 0 || digits + 1 != len) {
            len = len ? len : 1;
            buf_add(out, at, len);
        } else {
            unsigned long number = strtoul(at + 1, NULL, 10);
            assert(number <= most);
            if (!name[number]) name[number] = ++names;
            buf_printf(out, "t%u", name[number]);
        }
        at += len;
    }
    free(name);
    buf_done(&text);
}

const char *writer_name(const Writer *w, Name name) {
    return names_text(store_names(defs_store(w->program->defs)), name);
}

bool writer_find_length(const Writer *w, uint32_t reg, uint32_t *param, int *axis) {
    for (uint32_t i = 0; i < w->sub->params; i++)
        for (int k = 0; k < w->sub->param[i].rank; k++)
            if (w->sub->param[i].dim[k].symbolic && w->sub->param[i].dim[k].reg == reg) {
                *param = i;
                *axis = k;
                return true;
            }
    return false;
}
