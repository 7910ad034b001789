/* A program's registers as values with names of their own.  A register holds many numbers in turn; a
 * web is the writes and reads that belong together: all writes that can reach one read.  And the shape
 * of the code: loops and choices, which nest.  For writing programs in languages without jumps. */
#ifndef EVAL_PROGRAM_WEBS_H
#define EVAL_PROGRAM_WEBS_H

#include "eval/program_code.h"

/* What kind of number a web holds, for languages that tell them apart. */
typedef enum WebType {
    WEB_DOUBLE, /* comes from a parameter, an array or a function */
    WEB_PLAIN,  /* made from constants and indices alone, or not known */
    WEB_WHOLE,  /* index of a loop */
    WEB_TRUTH   /* 1 or 0, of a comparison */
} WebType;

enum { WEBS_DEEPEST = 80 }; /* choices and loops within one another */

typedef struct Web {
    uint32_t writes, reads;
    uint32_t read_at; /* position of its last read */
    WebType type;
} Web;

/* By position of an instruction: */
typedef struct WebPlace {
    uint32_t field[4];  /* webs of d, a, b, c; 0: no register that changes */
    uint32_t *argument; /* of a call: webs by argument, or NULL; owned */
    uint32_t loop_end;  /* a loop's body begins here and ends with the instruction there; 0: none */
    uint32_t loop;      /* first instruction of the innermost body around it, counted from 1; 0: none */
} WebPlace;

typedef struct Webs {
    Web *web; /* [0] unused */
    uint32_t count;
    WebPlace *at;
    size_t length;
    bool called; /* the body of a called function: its numbers may be of any kind */
} Webs;

/* A choice that begins with the jump at a position: its arms are [at + 1, then_end) and
 * [other, end); without a second arm other = end. */
typedef struct Choice {
    uint32_t then_end, other, end;
} Choice;

/* False if choices and loops are nested too deeply; the result is to be given to webs_done all the
 * same. */
bool webs_find(const Sub *sub, bool called, Webs *out);
void webs_done(Webs *w);
/* Is it a jump to a later place, taken or not? */
bool webs_is_choice(uint16_t op);
Choice webs_choice(const Sub *sub, uint32_t at, uint32_t end);
/* Is the second arm nothing but the end of the run: max of nothing? */
bool webs_is_dead(const Sub *sub, const Choice *c);

#endif
