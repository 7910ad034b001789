/* What the files that write Python share; see program_python.h. */
#ifndef EVAL_PROGRAM_PYTHON_PARTS_H
#define EVAL_PROGRAM_PYTHON_PARTS_H

#include "eval/program_python.h"
#include "eval/program_write.h"

/* program_python.c */
/* The variable of an array; of a slot that is a number, of that. */
void python_write_table(Writer *w, uint32_t table, Buf *out);
/* Is the array the slot of a single number of the function itself? */
bool python_is_number(const Writer *w, uint32_t table);
/* program_python_code.c */
extern const WriterOp python_ops[OP_CODES];
void python_write_function(Writer *w, uint32_t id, Buf *out);
void python_write_loop(Writer *w, const WriterLoop *loop);
void python_write_statement(Writer *w, uint32_t at);

#endif
