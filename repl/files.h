/* Whole files, read and written with every failure told in words. */
#ifndef REPL_FILES_H
#define REPL_FILES_H

#include <stdbool.h>

#include "base/buf.h"

/* Appends the file's text, a byte order mark left out.  False with a sentence in `why`: it is a
 * directory, too large, cannot be read, ... */
bool file_read(const char *path, Buf *out, Buf *why);
/* Waits for standard input and appends what is there at once, until `out` holds `enough`; `first`: a
 * byte order mark is left out.  INPUT_FAILED with a sentence in `why`. */
typedef enum InputStatus { INPUT_MORE, INPUT_END, INPUT_FAILED } InputStatus;
InputStatus input_read(Buf *out, bool first, size_t enough, Buf *why);
/* Replaces the file at once or not at all: a temporary file beside it, fsync, rename. */
bool file_replace(const char *path, const Buf *text, Buf *why);

#endif
