/* UTF-8; see utf8.h.  Ranges of wide characters follow Unicode's EastAsianWidth (W and F). */
#include "base/utf8.h"

size_t utf8_decode(const char *text, size_t len, uint32_t *code) {
    if (len == 0)
        return 0;
    const unsigned char *s = (const unsigned char *)text;
    if (s[0] < 0x80) {
        *code = s[0];
        return 1;
    }
    size_t need = (s[0] & 0xE0) == 0xC0 ? 2 : (s[0] & 0xF0) == 0xE0 ? 3 : (s[0] & 0xF8) == 0xF0 ? 4 : 0;
    if (need == 0 || len < need)
        return 0;
    uint32_t value = s[0] & (0x7Fu >> need);
    for (size_t i = 1; i < need; i++) {
        if ((s[i] & 0xC0) != 0x80)
            return 0;
        value = value << 6 | (s[i] & 0x3Fu);
    }
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    if (value < least[need] || 0x10FFFF < value || (0xD800 <= value && value <= 0xDFFF))
        return 0;
    *code = value;
    return need;
}

size_t utf8_encode(uint32_t code, char *out) {
    if (code < 0x80) {
        out[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (char)(0xC0 | code >> 6);
        out[1] = (char)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (char)(0xE0 | code >> 12);
        out[1] = (char)(0x80 | (code >> 6 & 0x3F));
        out[2] = (char)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (char)(0xF0 | code >> 18);
    out[1] = (char)(0x80 | (code >> 12 & 0x3F));
    out[2] = (char)(0x80 | (code >> 6 & 0x3F));
    out[3] = (char)(0x80 | (code & 0x3F));
    return 4;
}

size_t utf8_count(const char *text, size_t len) {
    size_t res = 0;
    for (size_t i = 0; i < len; res++) {
        uint32_t code;
        size_t bytes = utf8_decode(text + i, len - i, &code);
        i += bytes ? bytes : 1;
    }
    return res;
}

static size_t width_of(uint32_t c) {
    if ((0x300 <= c && c <= 0x36F) || c == 0x200B || c == 0x200D || (0xFE00 <= c && c <= 0xFE0F))
        return 0;
    if ((0x1100 <= c && c <= 0x115F) || (0x2E80 <= c && c <= 0x303E) || (0x3041 <= c && c <= 0xA4CF) ||
        (0xAC00 <= c && c <= 0xD7A3) || (0xF900 <= c && c <= 0xFAFF) || (0xFE30 <= c && c <= 0xFE6F) ||
        (0xFF00 <= c && c <= 0xFF60) || (0xFFE0 <= c && c <= 0xFFE6) || (0x1F300 <= c && c <= 0x1FAFF) ||
        (0x20000 <= c && c <= 0x3FFFD))
        return 2;
    return 1;
}

size_t utf8_width(const char *text, size_t len) {
    size_t res = 0;
    for (size_t i = 0; i < len;) {
        uint32_t code = 0;
        size_t bytes = utf8_decode(text + i, len - i, &code);
        res += bytes ? width_of(code) : 1;
        i += bytes ? bytes : 1;
    }
    return res;
}
