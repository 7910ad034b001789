/* Diagnostics; see diag.h. */
#include "base/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"

void diags_init(Diags *d, Arena *arena) {
    *d = (Diags){.arena = arena};
}

static void add(Diags *d, DiagSeverity severity, Span span, const char *hint, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *message = arena_alloc(d->arena, (size_t)(len < 0 ? 0 : len) + 1);
    vsnprintf(message, (size_t)(len < 0 ? 0 : len) + 1, format, again);
    va_end(again);
    if (d->count == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 4;
        Diag *item = arena_array(d->arena, cap, sizeof *item);
        if (d->count)
            memcpy(item, d->item, d->count * sizeof *item);
        d->item = item;
        d->cap = cap;
    }
    d->item[d->count++] = (Diag){severity, span, message, hint ? arena_copy_text(d->arena, hint, strlen(hint)) : NULL};
    d->errors += severity == DIAG_ERROR;
}

void diag_add(Diags *d, DiagSeverity severity, Span span, const char *hint, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(d, severity, span, hint, format, args);
    va_end(args);
}

void diag_error(Diags *d, Span span, const char *hint, const char *format, ...) {
    va_list args;
    va_start(args, format);
    add(d, DIAG_ERROR, span, hint, format, args);
    va_end(args);
}

/* The start of the line that holds `offset`. */
static size_t line_start(const Source *s, size_t offset) {
    while (0 < offset && s->text[offset - 1] != '\n')
        offset--;
    return offset;
}

void source_place(const Source *s, size_t offset, size_t *line, size_t *column) {
    if (s->len < offset)
        offset = s->len;
    size_t lines = s->first_line ? s->first_line : 1;
    for (size_t i = 0; i < offset; i++)
        lines += s->text[i] == '\n';
    size_t start = line_start(s, offset);
    if (start == 0 && 3 <= offset && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0)
        start = 3; /* a byte order mark is no column */
    *line = lines;
    *column = utf8_count(s->text + start, offset - start) + 1;
}

/* Copies a line's text so that it can be shown anywhere: tabs and control characters become a
 * space or '?', invalid bytes U+FFFD. */
static void add_visible(Buf *out, const char *text, size_t len) {
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t bytes = utf8_decode(text + i, len - i, &code);
        if (bytes == 0)
            buf_text(out, "\xEF\xBF\xBD");
        else if (code == '\t')
            buf_char(out, ' ');
        else if (code < 0x20 || (0x7f <= code && code < 0xa0) || (0x2028 <= code && code <= 0x202e) ||
                 (0x2066 <= code && code <= 0x2069))
            buf_char(out, '?');
        else
            buf_add(out, text + i, bytes);
        i += bytes ? bytes : 1;
    }
}

static void add_indented(Buf *out, const char *prefix, const char *text) {
    while (*text) {
        size_t len = strcspn(text, "\n");
        buf_printf(out, "%s%.*s\n", prefix, (int)len, text);
        text += len + (text[len] == '\n');
    }
}

void diag_draw(Buf *out, const Source *s, const Diag *d) {
    static const char *const words[] = {"note", "warning", "error"};
    size_t line, column;
    size_t at = d->span.start < s->len ? d->span.start : s->len;
    source_place(s, at, &line, &column);
    if (s->name)
        buf_printf(out, "%s:%zu:%zu: ", s->name, line, column);
    buf_printf(out, "%s: %s\n", words[d->severity], d->message);
    size_t start = line_start(s, at), end = at;
    while (end < s->len && s->text[end] != '\n')
        end++;
    if (start < end && s->text[end - 1] == '\r')
        end--;
    if (start == 0 && 3 <= end && memcmp(s->text, "\xEF\xBB\xBF", 3) == 0)
        start = 3;
    enum { WIDE = 100, BEFORE = 60 };
    size_t from = start;
    bool cut = at > start + WIDE - 20 && end > start + WIDE; /* a long line: the part around the place */
    if (cut) {
        from = at - BEFORE < start ? start : at - BEFORE;
        while (from < at && ((unsigned char)s->text[from] & 0xC0) == 0x80)
            from++;
    }
    size_t to = end - from > WIDE ? from + WIDE : end;
    while (to < end && ((unsigned char)s->text[to] & 0xC0) == 0x80)
        to++;
    Buf before;
    buf_init(&before);
    add_visible(&before, s->text + from, (at < to ? at : to) - from);
    buf_printf(out, "  %s%s", cut ? "..." : "", buf_str(&before));
    if (at < to)
        add_visible(out, s->text + at, to - at);
    buf_printf(out, "%s\n  ", to < end ? "..." : "");
    buf_fill(out, ' ', (cut ? 3 : 0) + utf8_width(buf_str(&before), before.len));
    buf_done(&before);
    size_t stop = d->span.end < to ? d->span.end : to;
    size_t carets = at < stop ? utf8_width(s->text + at, stop - at) : 1;
    buf_fill(out, '^', carets ? carets : 1);
    buf_char(out, '\n');
    if (d->hint)
        add_indented(out, "  ", d->hint);
}
