/* Reports: collecting what a statement says. */
#include "repl/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/json.h"

void report_init(Report *r) {
    memset(r, 0, sizeof *r);
    buf_init(&r->text);
    buf_init(&r->json);
    buf_init(&r->notes);
    buf_init(&r->readings);
    report_clear(r);
}

void report_done(Report *r) {
    buf_done(&r->text);
    buf_done(&r->json);
    buf_done(&r->notes);
    buf_done(&r->readings);
}

void report_clear(Report *r) {
    r->kind = "note";
    r->line = 0;
    r->file = NULL;
    r->silenced = false;
    r->seconds = -1;
    buf_clear(&r->text);
    buf_clear(&r->json);
    buf_clear(&r->notes);
    buf_clear(&r->readings);
}

void report_note(Report *r, const char *format, ...) {
    va_list args;
    char small[512];
    va_start(args, format);
    int len = vsnprintf(small, sizeof small, format, args);
    va_end(args);
    if (len < 0) return;
    Buf whole;
    buf_init(&whole);
    if ((size_t)len < sizeof small) {
        buf_add(&whole, small, (size_t)len);
    } else {
        char *large = mem_new((size_t)len + 1, 1);
        va_start(args, format);
        vsnprintf(large, (size_t)len + 1, format, args);
        va_end(args);
        buf_add(&whole, large, (size_t)len);
        free(large);
    }
    buf_add(&r->text, buf_str(&whole), whole.len);
    buf_char(&r->text, '\n');
    json_comma(&r->notes);
    buf_json_string(&r->notes, buf_str(&whole), whole.len);
    buf_done(&whole);
}

const Format *format_find(const char *name) {
    for (size_t i = 0; i < format_count; i++)
        if (strcmp(format_list[i]->name, name) == 0) return format_list[i];
    return NULL;
}
