/* Allocation with checked sizes; see memory.h. */
#define _DEFAULT_SOURCE /* madvise */
#include "base/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

void *mem_new(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        abort();
    void *res = calloc(count ? count : 1, size ? size : 1);
    if (!res)
        abort();
    return res;
}

/* The pages that lie wholly inside; what the system answers changes nothing but speed. */
static void ask_large_pages(void *from, size_t bytes) {
#ifdef MADV_HUGEPAGE
    const uintptr_t page = (uintptr_t)1 << 21;
    uintptr_t first = ((uintptr_t)from + page - 1) & ~(page - 1), end = ((uintptr_t)from + bytes) & ~(page - 1);
    if (first < end)
        madvise((void *)first, end - first, MADV_HUGEPAGE);
#else
    (void)from, (void)bytes;
#endif
}

void *mem_new_large(size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / size)
        abort();
    void *res = malloc(count && size ? count * size : 1);
    if (!res)
        abort();
    ask_large_pages(res, count * size);
    return res;
}

void *mem_fit(void *items, size_t count, size_t size) {
    void *res = realloc(items, (count ? count : 1) * size);
    return res ? res : items;
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
