/* A growing text buffer: pointer, length, capacity.  Text may hold NUL bytes. */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

typedef struct Buf {
    char *text; /* owned; always followed by a NUL once something was added */
    size_t len, cap;
} Buf;

void buf_init(Buf *b);
void buf_done(Buf *b);
void buf_clear(Buf *b);
void buf_add(Buf *b, const char *text, size_t len);
void buf_text(Buf *b, const char *text);
void buf_char(Buf *b, char c);
void buf_fill(Buf *b, char c, size_t count);
void buf_printf(Buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The text with a NUL after it, "" when empty; borrowed until the next change. */
const char *buf_str(const Buf *b);

/* The shortest decimal text that reads back as exactly this double: 0.1, 1e-7, 25625.25, inf,
 * -inf, nan, -0. */
void buf_double(Buf *b, double value);
/* `value` in at most `digits` significant digits (1..17), without trailing zeros. */
void buf_double_digits(Buf *b, double value, int digits);
/* As JSON: shortest form, or the strings "NaN", "Infinity", "-Infinity". */
void buf_double_json(Buf *b, double value);
/* A JSON string with its quotes; bytes that are no valid UTF-8 become U+FFFD. */
void buf_json_string(Buf *b, const char *text, size_t len);

#endif
