/* A bump allocator: many small objects with one lifetime, freed together. */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

typedef struct ArenaBlock ArenaBlock;

typedef struct Arena {
    ArenaBlock *block; /* newest first */
    size_t used;       /* bytes handed out since the last reset */
} Arena;

void arena_init(Arena *a);
/* Frees everything; the arena can be used again. */
void arena_done(Arena *a);
/* Forgets everything but keeps one block for reuse. */
void arena_reset(Arena *a);
/* `size` zeroed bytes aligned for any type, owned by the arena; never NULL (see mem_new). */
void *arena_alloc(Arena *a, size_t size);
/* An array of `count` items of `size` bytes, the product checked. */
void *arena_array(Arena *a, size_t count, size_t size);
/* A copy of the text with a NUL after it. */
char *arena_copy_text(Arena *a, const char *text, size_t len);
/* printf into the arena. */
char *arena_printf(Arena *a, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
