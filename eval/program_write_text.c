/* Expressions in other languages: what is read once stands where it is read; see program_write.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_write.h"
#include "expr/functions.h"

enum { WRITER_LONGEST = 76 }; /* a value longer than this gets a name */

/* ---- values that wait ---- */

WriterText writer_text(Buf *b, WriterLevel level, bool loads) {
    WriterText res = {mem_copy_text(buf_str(b), b->len), level, loads};
    buf_done(b);
    return res;
}

void writer_line(Writer *w) {
    w->line.web = 0;
    buf_fill(w->out, ' ', 4 * w->indent);
}

/* Does a parameter or a length have this name? */
static bool is_taken(const Writer *w, char letter) {
    const Names *names = store_names(defs_store(w->program->defs));
    const char name[2] = {letter, '\0'};
    for (uint32_t i = 0; i < w->sub->params && !w->called; i++)
        if (strcmp(names_text(names, w->sub->param[i].name), name) == 0) return true;
    for (uint32_t i = 0; i < w->sub->pinned && !w->called; i++)
        if (w->sub->pin[i].kind == PIN_DIM && strcmp(names_text(names, w->sub->pin[i].name), name) == 0) return true;
    return false;
}

/* An index by the depth of its loop: i, j, k, ..., i1, j1, ... */
static void write_index(Writer *w, uint32_t web, Buf *out) {
    static const char letters[] = "ijklmpqrs";
    uint32_t depth = w->loops;
    for (uint32_t i = 0; !w->number[web]; i++)
        if ((9 <= i || !is_taken(w, letters[i])) && --depth == 0) w->number[web] = i + 1;
    uint32_t k = w->number[web] - 1;
    buf_char(out, letters[k % 9]);
    if (9 <= k) buf_printf(out, "%u", k / 9);
}

void writer_variable(Writer *w, uint32_t web, Buf *out) {
    if (w->webs.web[web].type == WEB_WHOLE) {
        write_index(w, web, out);
        return;
    }
    if (!w->number[web]) w->number[web] = 1 + w->numbers++;
    buf_printf(out, "t%u", w->number[web]);
}

void writer_assign(Writer *w, uint32_t web, WriterText value) {
    free(w->line.value.text);
    w->line = (WriterLine){.start = w->out->len, .value = value};
    buf_fill(w->out, ' ', 4 * w->indent);
    if (w->lang->braces && w->webs.web[web].writes == 1)
        buf_text(w->out, w->webs.web[web].type == WEB_TRUTH ? "int " : "double ");
    writer_variable(w, web, w->out);
    buf_printf(w->out, " = %s%s\n", value.text, w->lang->braces ? ";" : "");
    w->line.web = web;
}

/* Is the one read of the web in the same loop, so that it may be computed there? */
static bool may_wait(const Writer *w, uint32_t at, uint32_t web, const WriterText *value) {
    const Web *x = &w->webs.web[web];
    return x->writes == 1 && x->reads == 1 && at < x->read_at && w->webs.at[at].loop == w->webs.at[x->read_at].loop &&
           strlen(value->text) <= WRITER_LONGEST;
}

void writer_define(Writer *w, uint32_t at, uint32_t web, WriterText value) {
    if (w->webs.web[web].reads == 0) {
        free(value.text);
    } else if (may_wait(w, at, web, &value)) {
        free(w->waiting[web].text);
        w->waiting[web] = value;
    } else {
        writer_assign(w, web, value);
    }
}

void writer_settle_loads(Writer *w) {
    for (uint32_t i = 1; i < w->webs.count; i++)
        if (w->waiting[i].text && w->waiting[i].loads) {
            WriterText value = w->waiting[i];
            w->waiting[i] = (WriterText){.text = NULL};
            writer_assign(w, i, value);
        }
}

/* ---- operands ---- */

static bool is_literal(const Writer *w, uint32_t reg) {
    return reg < w->sub->pinned && (w->sub->pin[reg].kind == PIN_CONST || w->sub->pin[reg].kind == PIN_GLOBAL);
}

static double literal(const Writer *w, uint32_t reg) {
    const Pin *pin = &w->sub->pin[reg];
    if (pin->kind == PIN_CONST) return pin->value;
    const Var *var = defs_variable(w->program->defs, pin->name);
    return var && var->value.rank == 0 ? var->value.data[0] : 0;
}

static uint32_t register_of(const Writer *w, uint32_t at, int field) {
    const Instr *in = &w->sub->code[at];
    return field == 0 ? in->d : field == 1 ? in->a : field == 2 ? in->b : field == 3 ? in->c : in[1].a;
}

static uint32_t web_of(const Writer *w, uint32_t at, int field) {
    return field == 4 ? w->webs.at[at + 1].field[1] : w->webs.at[at].field[field];
}

static WebType operand_type(const Writer *w, uint32_t reg, uint32_t web) {
    if (web) return w->webs.web[web].type;
    if (is_literal(w, reg)) return WEB_PLAIN;
    return w->sub->pin[reg].kind == PIN_DIM ? WEB_WHOLE : w->called ? WEB_PLAIN : WEB_DOUBLE;
}

/* The operand as it stands, with its level. */
static WriterText raw_operand(Writer *w, uint32_t reg, uint32_t web, WriterForm form) {
    if (web && w->waiting[web].text) {
        WriterText res = w->waiting[web];
        w->waiting[web] = (WriterText){.text = NULL};
        return res;
    }
    Buf b;
    buf_init(&b);
    WriterLevel level = LEVEL_ATOM;
    if (web) {
        writer_variable(w, web, &b);
    } else if (is_literal(w, reg)) {
        double value = literal(w, reg);
        bool whole = form != FORM_NUMBER && form != FORM_ARGUMENT && value == floor(value) && fabs(value) < 1e15;
        if (whole)
            buf_printf(&b, "%.0f", value);
        else
            w->lang->write_number(&b, value);
        level = signbit(value) ? LEVEL_SIGN : LEVEL_ATOM;
    } else if (w->sub->pin[reg].kind == PIN_DIM) {
        w->lang->write_length(w, reg, &b);
    } else if (w->called) {
        buf_printf(&b, "p%u", w->sub->pin[reg].param);
    } else {
        Name name = w->sub->param[w->sub->pin[reg].param].name;
        w->lang->write_name(w, names_text(store_names(defs_store(w->program->defs)), name), &b);
    }
    return writer_text(&b, level, false);
}

static void write_raw(const WriterText *t, const char *before, WriterLevel level, Buf *out) {
    bool cast = *before == '(' && t->level == LEVEL_ATOM;
    bool brackets = (*before && !cast) || t->level < level;
    buf_printf(out, "%s%s%s%s", before, brackets ? "(" : "", t->text, brackets ? ")" : "");
}

static void write_in_form(Writer *w, uint32_t reg, uint32_t web, WriterForm form, WriterLevel level, Buf *out,
                          bool *loads) {
    WebType type = operand_type(w, reg, web);
    WriterText t = raw_operand(w, reg, web, form);
    const char *before = "";
    bool number = form == FORM_NUMBER || form == FORM_ARGUMENT;
    if (number && (type == WEB_WHOLE || type == WEB_TRUTH)) before = w->lang->to_number;
    if (form == FORM_INDEX && type != WEB_WHOLE && !is_literal(w, reg)) before = w->lang->to_index;
    if (form == FORM_LENGTH && type != WEB_WHOLE && !is_literal(w, reg) && !w->lang->braces) {
        before = "room";
        sources_need(w->sources, before, strlen(before));
    }
    bool hidden = form == FORM_ARGUMENT && w->lang->hidden && type != WEB_DOUBLE;
    if (hidden) buf_printf(out, "%s(", w->lang->hidden);
    if (form == FORM_TRUTH && type != WEB_TRUTH) {
        t.level = LEVEL_COMPARE > t.level ? t.level : LEVEL_COMPARE;
        buf_text(out, level > LEVEL_COMPARE ? "(" : "");
        write_raw(&t, "", LEVEL_SUM, out);
        buf_text(out, level > LEVEL_COMPARE ? " != 0)" : " != 0");
    } else {
        write_raw(&t, before, hidden ? LEVEL_CHOICE : level, out);
    }
    buf_text(out, hidden ? ")" : "");
    if (loads) *loads = *loads || t.loads;
    free(t.text);
}

void writer_operand(Writer *w, uint32_t at, int field, WriterForm form, WriterLevel level, Buf *out) {
    write_in_form(w, register_of(w, at, field), web_of(w, at, field), form, level, out, NULL);
}

void writer_argument(Writer *w, uint32_t at, uint32_t i, Buf *out) {
    const CallSite *site = &w->sub->site[w->sub->code[at].a];
    if (site->arg[i].array)
        w->lang->write_array(w, site->arg[i].at, out);
    else
        write_in_form(w, site->arg[i].at, w->webs.at[at].argument[i], FORM_NUMBER, LEVEL_CHOICE, out, NULL);
}

/* ---- values ---- */

static WriterForm form_of(char c) {
    return c == 'c' ? FORM_TRUTH : c == 'i' ? FORM_INDEX : c == 'h' ? FORM_ARGUMENT : FORM_NUMBER;
}

static WriterLevel level_of(char c) {
    switch (c) {
    case 's': case 'i': return LEVEL_SUM;
    case 't': return LEVEL_TERM;
    case 'x': case 'c': return LEVEL_ATOM;
    default: return LEVEL_CHOICE;
    }
}

/* A right operand that begins with a sign stands in brackets. */
static void write_part(Writer *w, uint32_t at, const char *mark, Buf *out, bool *loads) {
    const Instr *in = &w->sub->code[at];
    size_t start = out->len;
    switch (*mark) {
    case 'F': w->lang->write_function(w, in->c, out); return;
    case 'C': w->lang->write_elements(w, in->c, out); return;
    case '2': w->lang->write_columns(w, in->c, out); return;
    case 'E': w->lang->write_element(w, in->c, in->a, out); return;
    case 'O':
        if (in->b) buf_printf(out, " %c %d", (int32_t)in->b < 0 ? '-' : '+', abs((int32_t)in->b));
        return;
    default: break;
    }
    int field = *mark == 'n' ? 4 : *mark == 'd' ? 0 : *mark - 'a' + 1;
    Buf part;
    buf_init(&part);
    uint32_t reg = register_of(w, at, field), web = web_of(w, at, field);
    write_in_form(w, reg, web, form_of(mark[1]), level_of(mark[1]), &part, loads);
    bool right = 0 < start && buf_str(out)[start - 1] != '(' && buf_str(&part)[0] == '-';
    buf_printf(out, right ? "(%s)" : "%s", buf_str(&part));
    buf_done(&part);
}

static void write_template(Writer *w, uint32_t at, const char *text, Buf *out, bool *loads) {
    for (; *text; text++) {
        if (*text == '{') {
            size_t len = strcspn(text, "}") - 1;
            if (w->sources) sources_need(w->sources, text + 1, len);
            buf_add(out, text + 1, len);
            text += len + 1;
        } else if (*text == '$') {
            write_part(w, at, ++text, out, loads);
            text += !strchr("FC2EO", *text);
        } else {
            buf_char(out, *text);
        }
    }
}

/* a + b where only b is a sum, a*2 where only b is a number: with sides exchanged it reads better, and
 * is the same. */
static const char *exchanged(const Writer *w, uint32_t at, const char *text) {
    static const char *const forms[][2] = {{"$at*$bx", "$bt*$ax"}, {"$cs + $at*$bx", "$cs + $bt*$ax"},
                                           {"$at*$bx - $ct", "$bt*$ax - $ct"}, {"$cs - $at*$bx", "$cs - $bt*$ax"}};
    const Instr *in = &w->sub->code[at];
    const WebPlace *p = &w->webs.at[at];
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i][0], text) == 0) return is_literal(w, in->b) && !is_literal(w, in->a) ? forms[i][1] : text;
    if (in->op != OP_ADD && in->op != OP_ADD_A) return text;
    const WriterText *a = &w->waiting[p->field[1]], *b = &w->waiting[p->field[2]];
    bool better = p->field[2] && b->text && b->level == LEVEL_SUM && !(p->field[1] && a->text && a->level == LEVEL_SUM);
    return better ? "$bs + $at" : text;
}

/* Python itself would raise an error at 1/0. */
static bool is_plain_quotient(const Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    return !w->lang->braces && in->op == OP_DIV && operand_type(w, in->a, w->webs.at[at].field[1]) != WEB_DOUBLE &&
           operand_type(w, in->b, w->webs.at[at].field[2]) != WEB_DOUBLE;
}

/* A copy keeps the level of what is copied; a truth copied to numbers becomes one. */
static WriterText copy_value(Writer *w, uint32_t at) {
    const Instr *in = &w->sub->code[at];
    uint32_t web = w->webs.at[at].field[1], to = w->webs.at[at].field[0];
    bool truth = in->op == OP_BOOL || (to && w->webs.web[to].type == WEB_TRUTH);
    WebType type = operand_type(w, in->a, web);
    if (truth == (type == WEB_TRUTH) && type != WEB_WHOLE) return raw_operand(w, in->a, web, FORM_NUMBER);
    Buf b;
    buf_init(&b);
    bool loads = false;
    write_in_form(w, in->a, web, truth ? FORM_TRUTH : FORM_NUMBER, LEVEL_CHOICE, &b, &loads);
    return writer_text(&b, truth ? LEVEL_COMPARE : LEVEL_ATOM, loads);
}

bool writer_value(Writer *w, uint32_t at, WriterText *out) {
    uint16_t op = w->sub->code[at].op;
    WriterOp form = w->lang->op[op];
    if (!form.text) return false;
    if (is_plain_quotient(w, at)) form = (WriterOp){"{quotient}($al, $bl)", LEVEL_ATOM};
    form.text = exchanged(w, at, form.text);
    Buf b;
    buf_init(&b);
    bool loads = op == OP_LOADK || op == OP_LOAD1 || op == OP_LOAD2;
    uint32_t to = w->webs.at[at].field[0];
    bool truth = (OP_LT <= op && op <= OP_NE) || op == OP_NOT || op == OP_BOOL;
    bool number = truth && to && w->webs.web[to].type != WEB_TRUTH;
    if (number) buf_printf(&b, "%s(", w->lang->to_number);
    if (op == OP_MOV || op == OP_BOOL) {
        WriterText copied = copy_value(w, at);
        buf_text(&b, copied.text);
        form.level = copied.level;
        loads = copied.loads;
        free(copied.text);
    } else {
        write_template(w, at, form.text, &b, &loads);
    }
    buf_text(&b, number ? ")" : "");
    *out = writer_text(&b, number ? LEVEL_ATOM : form.level, loads);
    return true;
}

bool writer_is_known_range(const Writer *w, uint32_t lo_at, uint32_t hi_at, int hi) {
    uint32_t lo = register_of(w, lo_at, 1), last = register_of(w, hi_at, hi), web = web_of(w, hi_at, hi);
    bool first = is_literal(w, lo) && literal(w, lo) == floor(literal(w, lo)) && fabs(literal(w, lo)) < 1e15;
    bool second = is_literal(w, last) && literal(w, last) == floor(literal(w, last)) && fabs(literal(w, last)) < 1e15;
    return first && (second || (!web && operand_type(w, last, 0) == WEB_WHOLE));
}

bool writer_is_whole(const Writer *w, uint32_t at, int field) {
    uint32_t reg = register_of(w, at, field), web = web_of(w, at, field);
    if (!web && is_literal(w, reg)) return literal(w, reg) == floor(literal(w, reg)) && fabs(literal(w, reg)) < 1e15;
    return operand_type(w, reg, web) == WEB_WHOLE;
}

void writer_offset(Buf *index, int offset) {
    const char *text = buf_str(index);
    if (*text && !text[strspn(text, "0123456789")]) {
        long value = strtol(text, NULL, 10) + offset;
        buf_clear(index);
        buf_printf(index, "%ld", value);
    } else if (offset) {
        buf_printf(index, " %c %d", offset < 0 ? '-' : '+', abs(offset));
    }
}

bool writer_mentions(const char *text, const char *name) {
    static const char word[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t len = strlen(name);
    for (const char *at = text; *at;) {
        size_t n = strspn(at, word);
        if (n == len && memcmp(at, name, len) == 0) return true;
        at += n ? n : 1;
    }
    return false;
}
