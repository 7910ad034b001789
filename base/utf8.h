/* UTF-8, checked: decoding, counting of characters, display width. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Decodes one character.  Returns its bytes (1..4) and sets *code; 0 for an invalid or truncated
 * sequence, an overlong form, a surrogate, or len == 0. */
size_t utf8_decode(const char *text, size_t len, uint32_t *code);
/* Writes the character into out[4]; returns its bytes. */
size_t utf8_encode(uint32_t code, char *out);
/* Number of characters; an invalid byte counts as one. */
size_t utf8_count(const char *text, size_t len);
/* Columns on a terminal: 2 for East Asian wide characters, 0 for combining marks, else 1. */
size_t utf8_width(const char *text, size_t len);

#endif
