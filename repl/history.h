/* What was typed, kept between sessions. */
#ifndef REPL_HISTORY_H
#define REPL_HISTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/* The file: $XDG_STATE_HOME/plumb/history, else ~/.local/state/plumb/history; false when there is
 * no place for one. */
bool history_path(Buf *out);
/* Appends one statement as one line (O_APPEND, mode 0600, folders made); newlines inside are kept
 * escaped.  False if it could not be written. */
bool history_append(const char *path, const char *text, size_t len);
/* Calls `each` for the newest entries of the file, oldest first, as typed. */
void history_load(const char *path, void (*each)(void *to, const char *text), void *to);

#endif
