/* Results as text for people. */
#include "repl/report.h"

static void text_write(Buf *out, const Report *r) {
    if (r->silenced) return;
    buf_add(out, buf_str(&r->text), r->text.len);
    if (r->seconds >= 0) {
        buf_text(out, "took ");
        buf_double_digits(out, r->seconds, 3);
        buf_text(out, " s\n");
    }
}

const Format format_text = {
    .name = "text",
    .summary = "lines for people",
    .write = text_write,
};
