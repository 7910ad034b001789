/* Allocation with checked sizes; see memory.h. */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

void *mem_new(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        abort();
    void *res = calloc(count ? count : 1, size ? size : 1);
    if (!res)
        abort();
    return res;
}

void *mem_grow(void *items, size_t *cap, size_t need, size_t size) {
    if (need <= *cap)
        return items;
    size_t next = *cap < 8 ? 8 : *cap + *cap / 2;
    if (next < need)
        next = need;
    if (next > SIZE_MAX / size)
        abort();
    void *res = realloc(items, next * size);
    if (!res)
        abort();
    *cap = next;
    return res;
}

char *mem_copy_text(const char *text, size_t len) {
    char *res = mem_new(len + 1, 1);
    if (len)
        memcpy(res, text, len);
    return res;
}
