/* Words of other systems, and commands that this version has not, with what plumb says instead. */
#include <string.h>

#include "repl/interp.h"

typedef struct ForeignRow {
    const char *word, *form;
} ForeignRow;

#define LATER(word, form)
static const ForeignRow foreign_rows[] = {
#define FOREIGN(word, form) {#word, form},
#include "repl/foreign.def"
#undef FOREIGN
};
#undef LATER

#define FOREIGN(word, form)
static const ForeignRow later_rows[] = {
#define LATER(word, form) {#word, form},
#include "repl/foreign.def"
#undef LATER
};
#undef FOREIGN

static const char *find(const ForeignRow *row, size_t count, const char *word, size_t len) {
    for (size_t i = 0; i < count; i++)
        if (strlen(row[i].word) == len && memcmp(row[i].word, word, len) == 0) return row[i].form;
    return NULL;
}

const char *foreign_find(const char *word, size_t len) {
    return find(foreign_rows, sizeof foreign_rows / sizeof *foreign_rows, word, len);
}

const char *foreign_later(const char *word, size_t len) {
    return find(later_rows, sizeof later_rows / sizeof *later_rows, word, len);
}
