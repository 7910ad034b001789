/* A bump allocator; see arena.h. */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { ARENA_BLOCK = 32 * 1024, ARENA_ALIGN = 16 };

struct ArenaBlock {
    ArenaBlock *next;
    size_t size, used; /* of data */
    _Alignas(ARENA_ALIGN) unsigned char data[];
};

void arena_init(Arena *a) {
    a->block = NULL;
    a->used = 0;
}

static void free_blocks(ArenaBlock *block) {
    while (block) {
        ArenaBlock *next = block->next;
        free(block);
        block = next;
    }
}

void arena_done(Arena *a) {
    free_blocks(a->block);
    arena_init(a);
}

void arena_reset(Arena *a) {
    ArenaBlock *keep = a->block;
    a->used = 0;
    if (!keep)
        return;
    free_blocks(keep->next);
    keep->next = NULL;
    if (keep->size > 64 * (size_t)ARENA_BLOCK) {
        arena_done(a);
        return;
    }
    keep->used = 0;
}

void *arena_alloc(Arena *a, size_t size) {
    if (size > SIZE_MAX / 4)
        abort();
    size_t need = (size + ARENA_ALIGN - 1) / ARENA_ALIGN * ARENA_ALIGN;
    if (!a->block || a->block->size - a->block->used < need) {
        size_t room = a->used < ARENA_BLOCK ? ARENA_BLOCK : a->used / 2;
        if (room > 1024 * 1024)
            room = 1024 * 1024;
        if (room < need)
            room = need;
        ArenaBlock *block = mem_new(1, sizeof *block + room);
        block->size = room;
        block->next = a->block;
        a->block = block;
    }
    void *res = a->block->data + a->block->used;
    memset(res, 0, need);
    a->block->used += need;
    a->used += need;
    return res;
}

void *arena_array(Arena *a, size_t count, size_t size) {
    if (size != 0 && count > SIZE_MAX / 4 / size)
        abort();
    return arena_alloc(a, count * size);
}

char *arena_copy_text(Arena *a, const char *text, size_t len) {
    char *res = arena_alloc(a, len + 1);
    if (len)
        memcpy(res, text, len);
    return res;
}

char *arena_printf(Arena *a, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (len < 0)
        len = 0;
    char *res = arena_alloc(a, (size_t)len + 1);
    vsnprintf(res, (size_t)len + 1, format, again);
    va_end(again);
    return res;
}
