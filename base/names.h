/* Interned names: equal texts are equal numbers.  Lives as long as the interpreter. */
#ifndef BASE_NAMES_H
#define BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

typedef uint32_t Name; /* 0 is no name */

typedef struct Names Names;

Names *names_new(void);
void names_free(Names *n);
/* The number of this text, entered if it is new. */
Name names_intern(Names *n, const char *text, size_t len);
Name names_intern_str(Names *n, const char *text);
/* The number of this text, 0 if it was never entered. */
Name names_find(const Names *n, const char *text, size_t len);
/* The text, NUL-terminated, borrowed for the life of `n`; "" for 0. */
const char *names_text(const Names *n, Name name);
size_t names_length(const Names *n, Name name);

/* Of `count` candidates the one nearest to `text` by edits (insertions, deletions, substitutions,
 * swaps of neighbours, case), or NULL when none is near enough to be worth offering. */
const char *names_nearest(const char *text, size_t len, const char *const *candidates, size_t count);

#endif
