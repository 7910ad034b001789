/* What the files that write programs as C share; see program_c.h. */
#ifndef EVAL_PROGRAM_C_PARTS_H
#define EVAL_PROGRAM_C_PARTS_H

#include "eval/program_c.h"
#include "eval/program_write.h"

/* program_c.c */
/* A name for a parameter or a length that neither C nor the file uses otherwise. */
void c_write_name(Buf *out, const char *text);
/* A number as a C constant. */
void c_write_number(Buf *out, double value);
/* The name of a pinned length, or the length. */
void c_write_length(Writer *w, const DimInfo *dim, Buf *out);
/* Where the parameter's part of g begins: "n + 1", empty at 0. */
void c_write_place(Writer *w, uint32_t param, Buf *out);
/* program_c_code.c */
extern const WriterOp c_ops[OP_CODES];
/* The array as a pointer, and as a struct. */
void c_write_elements(Writer *w, uint32_t table, Buf *out);
void c_write_array(Writer *w, uint32_t table, Buf *out);
void c_write_columns(Writer *w, uint32_t table, Buf *out);
void c_write_element(Writer *w, uint32_t table, uint32_t k, Buf *out);
/* The parameter whose part of the gradient, or of the direction, the slot is. */
uint32_t c_param_of(const Writer *w, uint32_t slot);
/* Is it a slot of a single number of the function itself? */
bool c_is_number(const Writer *w, uint32_t table);
void c_write_loop(Writer *w, const WriterLoop *loop);
void c_write_statement(Writer *w, uint32_t at);
/* program_c_text.c */
/* What the code of these programs needs: includes and small functions, as far as `code` names them. */
bool c_write_preamble(const Program *const *program, size_t count, const char *code, Buf *out, Buf *why);
/* The name under which function `id` is called. */
void c_write_function(Writer *w, uint32_t id, Buf *out);

#endif
