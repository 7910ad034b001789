/* A stretch of source text: two byte offsets, start inclusive, end exclusive.
 * Spans always refer to the text as typed, before folding. */
#ifndef BASE_SPAN_H
#define BASE_SPAN_H

#include <stdint.h>

typedef struct Span {
    uint32_t start, end;
} Span;

static inline Span span_of(uint32_t start, uint32_t end) {
    Span res = {start, end};
    return res;
}

/* The smallest span that covers both. */
static inline Span span_join(Span a, Span b) {
    return span_of(a.start < b.start ? a.start : b.start, a.end > b.end ? a.end : b.end);
}

#endif
