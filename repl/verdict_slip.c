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

enum { LISTED = 4, LINE_BEFORE = 60, LINE_AFTER = 40, LINE_MOST = 100 }; /* characters */

static size_t agreeing(const CheckComponent *c) {
    size_t res = 0;
    for (size_t i = 0; i < c->terms && c->agrees; i++) res += c->agrees[i];
    return res;
}

/* "terms 1 and 3 agree; term 2:  "; false where there is nothing of the kind to say. */
static bool say_agreement(Buf *out, const CheckComponent *c) {
    size_t agree = agreeing(c);
    bool insert = c->repair_span.start == c->repair_span.end;
    if (agree == 0 || agree == c->terms || insert) return false;
    if (agree <= LISTED)
        list_terms(out, c, true);
    else
        buf_printf(out, "the other %zu terms", agree);
    buf_printf(out, " agree%s; ", agree == 1 ? "s" : "");
    list_terms(out, c, false);
    buf_text(out, ":  ");
    return true;
}

/* Moves a border of the line towards the place until no more than `most` characters are between; the
 * borders lie at characters' starts. */
static uint32_t cut(const char *source, uint32_t from, uint32_t to, size_t most, bool left) {
    while (most < utf8_count(source + from, to - from)) {
        if (left) do
                from++;
            while (((unsigned char)source[from] & 0xC0) == 0x80);
        else
            do to--;
            while (((unsigned char)source[to] & 0xC0) == 0x80);
    }
    return left ? from : to;
}

/* The place of the slip, with carets under it; of a long line the part around it. */
static void say_place(Task *t, const CheckComponent *c) {
    Buf *out = &t->report->text;
    const char *source = t->source->text;
    Span place = c->repair_span, line = c->term_span;
    bool insert = place.start == place.end;
    size_t start = out->len;
    buf_text(out, "  ");
    bool terms = say_agreement(out, c);
    if (line.start == line.end || (terms && c->term == 0)) line = place;
    if (place.start < line.start) line.start = place.start;
    if (line.end < place.end) line.end = place.end;
    Span whole = line;
    for (uint32_t i = line.start; i < place.start; i++) /* of a claim on several lines, one */
        if (source[i] == '\n') line.start = i + 1;
    for (uint32_t i = place.start; i < line.end; i++)
        if (source[i] == '\n') line.end = i;
    if (line.end < place.end) place.end = line.end;
    if (LINE_MOST < utf8_count(source + line.start, line.end - line.start)) {
        line.start = cut(source, line.start, place.start, LINE_BEFORE, true);
        line.end = cut(source, place.end, line.end, LINE_AFTER, false);
    }
    if (whole.start < line.start) buf_text(out, "...");
    size_t column = utf8_count(out->text + start, out->len - start);
    buf_add(out, source + line.start, line.end - line.start);
    if (line.end < whole.end) buf_text(out, "...");
    buf_char(out, '\n');
    buf_fill(out, ' ', column + utf8_count(source + line.start, place.start - line.start));
    buf_fill(out, '^', insert ? 1 : utf8_count(source + place.start, place.end - place.start));
    if (!*c->repair)
        buf_text(out, " without it the claim is right");
    else
        buf_printf(out, insert ? "%s makes it right" : " %s makes it right", c->repair);
    buf_text(out, c->repair_proved ? " (proved)\n" : " (likely)\n");
}

/* Which terms agree, where there is no repair. */
static void say_terms(Buf *out, const CheckComponent *c) {
    size_t agree = agreeing(c), off = c->terms - agree;
    if (agree == 0 || off == 0) return;
    buf_text(out, "  ");
    if (agree <= LISTED)
        list_terms(out, c, true);
    else
        buf_printf(out, "%zu terms", agree);
    buf_printf(out, " agree%s, ", agree == 1 ? "s" : "");
    if (off <= 2 * LISTED)
        list_terms(out, c, false);
    else
        buf_printf(out, "%zu", off);
    buf_text(out, off == 1 ? " does not\n" : " do not\n");
}

void verdict_say_slip(Task *t, const VerdictNames *n, const CheckComponent *c) {
    Buf *out = &t->report->text;
    if (c->slip_again) {
        buf_text(out, "  The same slip.\n");
        return;
    }
    if (c->repair && c->rounding)
        buf_printf(out, "  %s; write %s\n", c->slip, c->repair);
    else if (c->repair)
        say_place(t, c);
    else
        say_terms(out, c);
    if (c->slip && !c->rounding) buf_printf(out, "  The slip: %s.\n", c->slip);
    if (c->residual && !c->repair)
        buf_printf(out, "  %s is off by %s.\n", n->derivative ? "Yours" : "The right side",
                   c->residual);
    if (c->hidden)
        buf_printf(out, "  %s does not show %s.\n", c->slip ? "It" : "The slip", c->hidden);
}

/* Columns and lengths count characters. */
static void json_repair(Buf *out, const Task *t, const CheckComponent *c) {
    size_t line, from, to, end, first, none;
    source_place(t->source, t->span.start, &first, &none);
    source_place(t->source, c->repair_span.start, &line, &from);
    source_place(t->source, c->repair_span.end, &end, &to);
    json_key(out, "repair");
    buf_char(out, '{');
    json_string(out, "text", c->repair);
    if (line != first) json_count(out, "line", line);
    json_count(out, "column", from);
    json_count(out, "length", end == line ? to - from : c->repair_span.end - c->repair_span.start);
    json_bool(out, "proved", c->repair_proved);
    if (c->rounding) json_bool(out, "rounding", true);
    buf_char(out, '}');
}

static void json_terms(Buf *out, const CheckComponent *c) {
    json_key(out, "terms");
    buf_char(out, '[');
    for (size_t i = 0; i < c->terms; i++)
        buf_printf(out, "%s\"%s\"", i ? "," : "", c->agrees[i] ? "agrees" : "differs");
    buf_char(out, ']');
}

void verdict_json_slip(Buf *out, const Task *t, const CheckComponent *c) {
    if (c->verdict != VERDICT_REFUTED) return;
    if (c->repair) json_repair(out, t, c);
    if (c->slip_kind) json_string(out, "slip", c->slip_kind);
    if (c->slip) json_string(out, "slip_text", c->slip);
    if (c->agrees && c->terms > 1) json_terms(out, c);
    if (c->residual) json_string(out, "residual", c->residual);
    if (c->hidden) json_string(out, "hidden", c->hidden);
}
