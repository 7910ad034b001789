/* A growing text buffer and the one place that writes numbers; see buf.h. */
#include "base/buf.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

void buf_init(Buf *b) {
    b->text = NULL;
    b->len = b->cap = 0;
}

void buf_done(Buf *b) {
    free(b->text);
    buf_init(b);
}

void buf_clear(Buf *b) {
    b->len = 0;
    if (b->text)
        b->text[0] = '\0';
}

static char *make_room(Buf *b, size_t len) {
    b->text = mem_grow(b->text, &b->cap, b->len + len + 1, 1);
    return b->text + b->len;
}

void buf_add(Buf *b, const char *text, size_t len) {
    char *to = make_room(b, len);
    if (len)
        memcpy(to, text, len);
    b->len += len;
    b->text[b->len] = '\0';
}

void buf_text(Buf *b, const char *text) {
    buf_add(b, text, strlen(text));
}

void buf_char(Buf *b, char c) {
    buf_add(b, &c, 1);
}

void buf_fill(Buf *b, char c, size_t count) {
    char *to = make_room(b, count);
    memset(to, c, count);
    b->len += count;
    b->text[b->len] = '\0';
}

void buf_printf(Buf *b, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (0 < len) {
        char *to = make_room(b, (size_t)len);
        vsnprintf(to, (size_t)len + 1, format, again);
        b->len += (size_t)len;
    }
    va_end(again);
}

const char *buf_str(const Buf *b) {
    return b->text ? b->text : "";
}

/* Rewrites the "d.ddde+XX" that printf gave into the form plumb prints: plain digits while the
 * decimal point lies within or near them, else an exponent without padding. */
static void add_scientific(Buf *b, const char *text) {
    const char *p = text;
    if (*p == '-') {
        buf_char(b, '-');
        p++;
    }
    char digits[32];
    int count = 0;
    for (; *p && *p != 'e'; p++)
        if ('0' <= *p && *p <= '9' && count < (int)sizeof digits - 1)
            digits[count++] = *p;
    int exponent = *p ? (int)strtol(p + 1, NULL, 10) : 0;
    while (1 < count && digits[count - 1] == '0')
        count--;
    if (-4 <= exponent && exponent < 0) {
        buf_text(b, "0.");
        buf_fill(b, '0', (size_t)(-exponent - 1));
        buf_add(b, digits, (size_t)count);
    } else if (0 <= exponent && exponent < 16) {
        int whole = exponent + 1;
        buf_add(b, digits, (size_t)(count < whole ? count : whole));
        if (count < whole)
            buf_fill(b, '0', (size_t)(whole - count));
        else if (whole < count) {
            buf_char(b, '.');
            buf_add(b, digits + whole, (size_t)(count - whole));
        }
    } else {
        buf_char(b, digits[0]);
        if (1 < count) {
            buf_char(b, '.');
            buf_add(b, digits + 1, (size_t)(count - 1));
        }
        buf_printf(b, "e%d", exponent);
    }
}

static bool add_special(Buf *b, double value) {
    if (isnan(value))
        buf_text(b, "nan");
    else if (isinf(value))
        buf_text(b, value < 0 ? "-inf" : "inf");
    else if (value == 0)
        buf_text(b, signbit(value) ? "-0" : "0");
    else
        return false;
    return true;
}

void buf_double(Buf *b, double value) {
    if (add_special(b, value))
        return;
    char text[40];
    for (int precision = 0; precision <= 16; precision++) {
        if (precision == 0 && fabs(value) < 1e15 && value == nearbyint(value)) {
            snprintf(text, sizeof text, "%.0f", value); /* integers: at once */
            buf_text(b, text);
            return;
        }
        if (precision == 1)
            precision = 14; /* %.15g reads back or only longer does; shorter ones end in zeros */
        snprintf(text, sizeof text, "%.*e", precision, value);
        if (strtod(text, NULL) == value)
            break;
    }
    add_scientific(b, text);
}

void buf_double_digits(Buf *b, double value, int digits) {
    if (add_special(b, value))
        return;
    char text[40];
    snprintf(text, sizeof text, "%.*e", digits - 1, value);
    add_scientific(b, text);
}

void buf_double_json(Buf *b, double value) {
    if (isnan(value))
        buf_text(b, "\"NaN\"");
    else if (isinf(value))
        buf_text(b, value < 0 ? "\"-Infinity\"" : "\"Infinity\"");
    else
        buf_double(b, value);
}

void buf_json_string(Buf *b, const char *text, size_t len) {
    buf_char(b, '"');
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)text[i];
        uint32_t code;
        size_t bytes = utf8_decode(text + i, len - i, &code);
        if (bytes == 0) {
            buf_text(b, "\xEF\xBF\xBD");
            i++;
            continue;
        }
        if (c == '"' || c == '\\')
            buf_printf(b, "\\%c", c);
        else if (c == '\n')
            buf_text(b, "\\n");
        else if (c == '\t')
            buf_text(b, "\\t");
        else if (c == '\r')
            buf_text(b, "\\r");
        else if (c < 0x20 || c == 0x7f)
            buf_printf(b, "\\u%04x", c);
        else
            buf_add(b, text + i, bytes);
        i += bytes;
    }
    buf_char(b, '"');
}
