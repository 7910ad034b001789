/* Allocation that never returns NULL, and growth of arrays with checked sizes. */
#ifndef BASE_MEMORY_H
#define BASE_MEMORY_H

#include <stddef.h>

/* Allocates `count` items of `size` bytes, zeroed.  The caller owns the result and gives it to
 * free().  When memory is exhausted or the product overflows the process aborts: everything whose
 * size a user chooses is checked against a limit before it comes here. */
void *mem_new(size_t count, size_t size);

/* As mem_new, but not zeroed, and in large pages where the system has them: for much memory that is
 * filled from one end to the other. */
void *mem_new_large(size_t count, size_t size);

/* Resizes *items (of `size` bytes each) so that at least `need` fit; *cap is the capacity in items
 * and grows geometrically.  New bytes are not cleared.  Aborts as mem_new does. */
void *mem_grow(void *items, size_t *cap, size_t need, size_t size);

/* Gives back what `items` holds beyond `count` of `size` bytes; the result replaces it. */
void *mem_fit(void *items, size_t count, size_t size);

/* A copy of `len` bytes of text with a NUL after it; the caller frees it. */
char *mem_copy_text(const char *text, size_t len);

#endif
