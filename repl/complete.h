/* What TAB offers. */
#ifndef REPL_COMPLETE_H
#define REPL_COMPLETE_H

#include "repl/interp.h"

typedef struct Completions {
    char **word; /* owned, sorted, each once */
    size_t count, cap;
    bool files; /* file names belong here too */
} Completions;

/* What may stand at the end of `before` and starts with `prefix`.  An option ends in "=", a
 * function in "(".  Changes nothing in the session. */
void complete_words(Interp *in, const char *before, size_t len, const char *prefix,
                    Completions *out);
void completions_done(Completions *c);

#endif
