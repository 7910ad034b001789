/* Errors of a statement: hints for words of other systems, the report, the drawing. */
#include "repl/errors.h"

#include <ctype.h>
#include <string.h>

#include "base/utf8.h"
#include "repl/json.h"

/* The statement's first word; its length, 0 when it starts with another sign. */
static size_t first_word(const Task *t) {
    const char *p = t->source->text + t->span.start;
    size_t most = t->source->len - t->span.start, len = 0;
    while (len < most && (isalnum((unsigned char)p[len]) || p[len] == '_')) len++;
    return len > 0 && isalpha((unsigned char)p[0]) ? len : 0;
}

/* Is it an assignment or a definition: a '=' outside brackets? */
static bool has_equals(const Task *t) {
    int depth = 0;
    for (size_t i = t->span.start; i < t->span.end && i < t->source->len; i++) {
        char c = t->source->text[i];
        depth += c == '(' || c == '[' ? 1 : c == ')' || c == ']' ? -1 : 0;
        char next = i + 1 < t->source->len ? t->source->text[i + 1] : ' ';
        bool compares = next == '=' || (i > 0 && strchr("<>!=", t->source->text[i - 1]) != NULL);
        if (c == '=' && depth <= 0 && !compares) return true;
    }
    return false;
}

/* A statement that starts with a word of another system, or with a command that this version has
 * not, gets one sentence about that word. */
static bool improve_first(Task *t) {
    const char *word = t->source->text + t->span.start;
    size_t len = first_word(t);
    Name name = names_find(t->in->names, word, len);
    if (len == 0 || (name && t->in->scope.kind(t->in, name) != NAME_UNKNOWN) || has_equals(t))
        return false;
    if (len == 1 && islower((unsigned char)word[0]) && word[1] == '(') return false; /* a function not defined yet */
    const char *later = foreign_later(word, len), *form = foreign_find(word, len);
    if (!later && !form) return false;
    Diag *d = t->diags->item;
    while (d->severity != DIAG_ERROR) d++;
    d->message = arena_printf(
        t->arena, later ? "this version has no command %.*s" : "%.*s is not a word of plumb",
        (int)len, word);
    d->hint =
        arena_printf(t->arena, later ? "the nearest: %s" : "in plumb: %s", later ? later : form);
    d->span = span_of(t->span.start, t->span.start + (uint32_t)len);
    t->diags->count = (size_t)(d - t->diags->item) + 1;
    return true;
}

/* Unknown words elsewhere get plumb's own form as the hint. */
void errors_improve(Task *t) {
    if (improve_first(t)) return;
    const char *text = t->source->text;
    for (size_t i = 0; i < t->diags->count; i++) {
        Diag *d = &t->diags->item[i];
        size_t len = d->span.end - d->span.start;
        if (len == 3 && memcmp(text + d->span.start, "ans", 3) == 0 &&
            strstr(d->message, "not a known")) {
            d->message = "there is no last result yet";
            d->hint = NULL;
            continue;
        }
        if (t->tree && t->tree->kind == AST_LET && d->hint && strncmp(d->hint, "give it a value", 15) == 0)
            d->hint = arena_printf(t->arena, "a function is written %.*s(%.*s) = ...; or give %.*s a value first",
                                   (int)first_word(t), text + t->span.start, (int)len, text + d->span.start, (int)len,
                                   text + d->span.start);
        bool unknown = strstr(d->message, "not a known") || strstr(d->message, "unknown command");
        bool whole = d->span.start + 1 < d->span.end; /* more than one letter */
        if (d->severity != DIAG_ERROR || !unknown || !whole) continue;
        const char *form = foreign_find(text + d->span.start, len);
        if (form) d->hint = arena_printf(t->arena, "in plumb: %s", form);
    }
}

void errors_report(Task *t) {
    Report *r = t->report;
    r->kind = "error";
    buf_clear(&r->json);
    buf_clear(&r->text);
    buf_clear(&r->notes);
    for (size_t i = 0; i < t->diags->count; i++) {
        const Diag *d = &t->diags->item[i];
        if (d->severity != DIAG_ERROR) continue;
        size_t line, column;
        source_place(t->source, d->span.start, &line, &column);
        r->line = line;
        json_string(&r->json, "message", d->message);
        json_count(&r->json, "column", column);
        const char *from = t->source->text + d->span.start;
        json_count(&r->json, "length", utf8_count(from, d->span.end - d->span.start));
        if (d->hint) json_string(&r->json, "hint", d->hint);
        return;
    }
}

void errors_draw(Task *t) {
    for (size_t i = 0; i < t->diags->count; i++) {
        const Diag *d = &t->diags->item[i];
        if (d->severity == DIAG_ERROR || !t->in->quiet) diag_draw(&t->in->err, t->source, d);
    }
}
