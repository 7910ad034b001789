/* The interactive prompt. */
#ifndef REPL_PROMPT_H
#define REPL_PROMPT_H

#include "repl/interp.h"

/* Reads and runs statements until the end of input or quit.  *interrupt is cleared after each. */
void prompt_run(Interp *in, volatile int *interrupt, const char *version, bool start_file);

#endif
