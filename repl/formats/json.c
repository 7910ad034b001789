/* Results for programs: one JSON object on one line for every statement (docs/json.md). */
#include "repl/json.h"
#include "repl/report.h"

static void json_list(Buf *out, const char *key, const Buf *items) {
    if (items->len == 0) return;
    json_key(out, key);
    buf_char(out, '[');
    buf_add(out, buf_str(items), items->len);
    buf_char(out, ']');
}

static void json_write(Buf *out, const Report *r) {
    Buf line;
    buf_init(&line);
    buf_printf(&line, "{\"line\":%zu", r->line);
    json_string(&line, "kind", r->kind);
    if (r->json.len > 0) {
        buf_char(&line, ',');
        buf_add(&line, buf_str(&r->json), r->json.len);
    }
    json_list(&line, "readings", &r->readings);
    json_list(&line, "notes", &r->notes);
    if (r->file) json_string(&line, "file", r->file);
    if (r->seconds >= 0) json_number(&line, "seconds", r->seconds);
    buf_text(&line, "}\n");
    buf_add(out, buf_str(&line), line.len);
    buf_done(&line);
}

const Format format_json = {
    .name = "json",
    .summary = "one JSON object a line for every statement",
    .write = json_write,
};
