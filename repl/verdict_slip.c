/* The slip of a refuted claim in words and as JSON: which terms agree, the place, what happened. */
#include <string.h>

#include "base/utf8.h"
#include "repl/json.h"
#include "repl/judge.h"

/* "term 2", "terms 1 and 3", "terms 1, 2 and 5": those that agree, or those that do not. */
static void list_terms(Buf *out, const CheckComponent *c, bool agree) {
    size_t all = 0, met = 0;
    for (size_t i = 0; i < c->terms; i++) all += c->agrees[i] == agree;
    buf_text(out, all == 1 ? "term" : "terms");
    for (size_t i = 0; i < c->terms; i++) {
        if (c->agrees[i] != agree) continue;
        met++;
        buf_printf(out, "%s%zu", met == 1 ? " " : met == all ? " and " : ", ", i + 1);
    }
}

static size_t agreeing(const CheckComponent *c) {
    size_t res = 0;
    for (size_t i = 0; i < c->terms && c->agrees; i++) res += c->agrees[i];
    return res;
}

/* The place of the slip, with carets under it. */
static void say_place(Task *t, const CheckComponent *c) {
    Buf *out = &t->report->text;
    const char *source = t->source->text;
    bool insert = c->repair_span.start == c->repair_span.end, strike = !*c->repair;
    Span line = c->term_span;
    if (line.start == line.end) line = c->repair_span;
    if (c->repair_span.start < line.start) line.start = c->repair_span.start;
    if (line.end < c->repair_span.end) line.end = c->repair_span.end;
    size_t start = out->len;
    buf_text(out, "  ");
    if (c->term > 0 && agreeing(c) > 0) {
        list_terms(out, c, true);
        buf_printf(out, " agree%s; term %zu:  ", agreeing(c) == 1 ? "s" : "", c->term);
    }
    size_t column = utf8_count(out->text + start, out->len - start);
    buf_add(out, source + line.start, line.end - line.start);
    buf_char(out, '\n');
    buf_fill(out, ' ', column + utf8_count(source + line.start, c->repair_span.start - line.start));
    buf_fill(out, '^', insert ? 1 : utf8_count(source + c->repair_span.start, c->repair_span.end - c->repair_span.start));
    if (strike)
        buf_text(out, " without it the claim is right");
    else
        buf_printf(out, insert ? "%s makes it right" : " %s makes it right", c->repair);
    buf_text(out, c->repair_proved ? " (proved)\n" : " (likely)\n");
}

void verdict_say_slip(Task *t, const CheckComponent *c) {
    Buf *out = &t->report->text;
    size_t agree = agreeing(c);
    if (c->repair && c->rounding) {
        buf_printf(out, "  %s; write %s\n", c->slip, c->repair);
    } else if (c->repair) {
        say_place(t, c);
    } else if (agree > 0 && agree < c->terms) {
        buf_text(out, "  ");
        list_terms(out, c, true);
        buf_printf(out, " agree%s, ", agree == 1 ? "s" : "");
        list_terms(out, c, false);
        buf_text(out, agree + 1 == c->terms ? " does not\n" : " do not\n");
    }
    if (c->slip && !c->rounding) buf_printf(out, "  The slip: %s.\n", c->slip);
    if (c->hidden) buf_printf(out, "  %s does not show at %s.\n", c->slip ? "It" : "The slip", c->hidden);
}

/* Columns and lengths count characters. */
static void json_repair(Buf *out, const Task *t, const CheckComponent *c) {
    size_t line, from, to, end;
    source_place(t->source, c->repair_span.start, &line, &from);
    source_place(t->source, c->repair_span.end, &end, &to);
    json_key(out, "repair");
    buf_char(out, '{');
    json_string(out, "text", c->repair);
    json_count(out, "column", from);
    json_count(out, "length", end == line ? to - from : c->repair_span.end - c->repair_span.start);
    json_bool(out, "proved", c->repair_proved);
    if (c->rounding) json_bool(out, "rounding", true);
    buf_char(out, '}');
}

static void json_terms(Buf *out, const CheckComponent *c) {
    json_key(out, "terms");
    buf_char(out, '[');
    for (size_t i = 0; i < c->terms; i++) buf_text(out, i ? ",\"" : "\""), buf_text(out, c->agrees[i] ? "agrees\"" : "differs\"");
    buf_char(out, ']');
}

void verdict_json_slip(Buf *out, const Task *t, const CheckComponent *c) {
    if (c->verdict != VERDICT_REFUTED) return;
    if (c->repair) json_repair(out, t, c);
    if (c->slip_kind) json_string(out, "slip", c->slip_kind);
    if (c->slip) json_string(out, "slip_text", c->slip);
    if (c->agrees && c->terms > 1) json_terms(out, c);
    if (c->residual) json_string(out, "residual", c->residual);
}
