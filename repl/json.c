/* JSON by hand: the few shapes that results need. */
#include "repl/json.h"

#include <string.h>

void json_comma(Buf *b) {
    if (b->len == 0) return;
    char last = b->text[b->len - 1];
    if (last != '{' && last != '[' && last != ':') buf_char(b, ',');
}

void json_key(Buf *b, const char *key) {
    json_comma(b);
    buf_json_string(b, key, strlen(key));
    buf_char(b, ':');
}

void json_text(Buf *b, const char *key, const char *text, size_t len) {
    json_key(b, key);
    buf_json_string(b, text, len);
}

void json_string(Buf *b, const char *key, const char *text) {
    json_text(b, key, text, strlen(text));
}

void json_number(Buf *b, const char *key, double value) {
    json_key(b, key);
    buf_double_json(b, value);
}

void json_count(Buf *b, const char *key, unsigned long long value) {
    json_key(b, key);
    buf_printf(b, "%llu", value);
}

void json_bool(Buf *b, const char *key, bool value) {
    json_key(b, key);
    buf_text(b, value ? "true" : "false");
}

static void json_numbers(Buf *b, const double *data, size_t count) {
    buf_char(b, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) buf_char(b, ',');
        buf_double_json(b, data[i]);
    }
    buf_char(b, ']');
}

void json_row(Buf *b, const double *data, size_t count, bool full) {
    if (full || count <= JSON_SHORT) {
        json_numbers(b, data, count);
        return;
    }
    buf_printf(b, "{\"length\":%zu,\"head\":", count);
    json_numbers(b, data, 10);
    buf_char(b, '}');
}

void json_value(Buf *b, const Value *v, bool full) {
    if (v->rank == 0) {
        buf_double_json(b, v->data[0]);
        return;
    }
    if (v->rank == 1) {
        json_row(b, v->data, v->count, full);
        return;
    }
    if (!full && v->count > JSON_SHORT) {
        buf_printf(b, "{\"rows\":%zu,\"columns\":%zu,\"head\":", v->dim[0], v->dim[1]);
        json_numbers(b, v->data, 10);
        buf_char(b, '}');
        return;
    }
    buf_char(b, '[');
    for (size_t i = 0; i < v->dim[0]; i++) {
        if (i > 0) buf_char(b, ',');
        json_numbers(b, v->data + i * v->dim[1], v->dim[1]);
    }
    buf_char(b, ']');
}
