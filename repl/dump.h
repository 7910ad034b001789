/* --dump=PHASE: how a statement looks inside. */
#ifndef REPL_DUMP_H
#define REPL_DUMP_H

#include "repl/interp.h"

/* The flag of a phase's name, 0 if there is none. */
unsigned dump_phase(const char *name, size_t len);
/* Appends the phases asked for (in->dump) to in->out. */
void dump_statement(Task *t);

#endif
