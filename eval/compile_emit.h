/* What the files of the emitting pass share. */
#ifndef EVAL_COMPILE_EMIT_H
#define EVAL_COMPILE_EMIT_H

#include "eval/compile.h"

/* A Val whose code is being written: `phase` counts what is done. */
typedef struct Making {
    InstId inst;
    uint32_t phase, at; /* at: operand or Need under way */
    uint32_t jump[2], from, reg[3];
} Making;

typedef struct Emitter {
    Build *b;
    Making *stack;
    size_t count, cap;
} Emitter;

/* Both: true when all is there; else what is missing was put on the stack. */
bool making_wants(Emitter *t, ValId v, RegionId region);
bool making_wants_needs(Emitter *t, uint32_t *at, RegionId region, uint32_t *phase);
/* One more phase of the Val on top; true when it is finished. */
bool making_plain(Emitter *t, Making *m);
bool making_choice(Emitter *t, Making *m);
bool making_logic(Emitter *t, Making *m);
bool making_loop(Emitter *t, Making *m);
bool making_list(Emitter *t, Making *m);

/* A jump taken unless the condition holds. */
uint32_t emit_branch(Build *b, ValId condition, uint32_t reg);

/* Pieces of loops, for expressions and steps alike. */
typedef struct LoopCode { uint32_t skip, from, last; } LoopCode;
void loop_guard(Build *b, LoopCode *c, uint32_t lo, uint32_t hi);
void loop_start(Build *b, LoopCode *c, RegionId body, OpCode begin, uint32_t lo);
void loop_end(Build *b, LoopCode *c, RegionId body, OpCode next, uint32_t value);
OpCode loop_begin_op(ExprOp op);
OpCode loop_next_op(ExprOp op);
OpCode loop_end_op(ExprOp op);

#endif
