/* Programs as text in a language without jumps.  Shared by C and Python: a value that is read once
 * stands where it is read, every other gets a name; choices and loops are found again in the code.
 * What differs from one language to the other is a Language. */
#ifndef EVAL_PROGRAM_WRITE_H
#define EVAL_PROGRAM_WRITE_H

#include "eval/program_source.h"
#include "eval/program_webs.h"

/* How tightly an expression holds together. */
typedef enum WriterLevel {
    LEVEL_CHOICE, LEVEL_OR, LEVEL_AND, LEVEL_NOT, LEVEL_COMPARE, LEVEL_SUM, LEVEL_TERM, LEVEL_SIGN, LEVEL_ATOM
} WriterLevel;

/* An operand as it is used. */
typedef enum WriterForm {
    FORM_NUMBER,   /* a number to compute with */
    FORM_ARGUMENT, /* of a function */
    FORM_TRUTH,    /* a condition */
    FORM_INDEX,    /* a whole number to index with */
    FORM_ENDS,     /* an end of a range */
    FORM_LENGTH    /* of an array */
} WriterForm;

/* An expression not written yet: the value of a web that is read once. */
typedef struct WriterText {
    char *text; /* owned; NULL: none */
    WriterLevel level;
    bool loads; /* reads an array: may not be moved over a write */
} WriterText;

/* The line written last, where it is an assignment that may still be taken back. */
typedef struct WriterLine {
    size_t start;
    uint32_t web; /* 0: it may not */
    WriterText value;
} WriterLine;

/* The value of an instruction.  $ and a field (n: the third argument of a function), then how tightly it
 * must hold together there: s sum, t term, x atom, l anything; h an argument of a function, c a
 * condition, i an index.  $F the function, $C the elements of array c, $2 the length of its rows, $E its
 * element a, $O the addend to an index.  A name in braces is a helper. */
typedef struct WriterOp {
    const char *text;
    WriterLevel level;
} WriterOp;

/* A loop: the positions of its body's first instruction and of its end, where its first index is
 * operand a and its last the operand hi; `known`: they are whole numbers for certain. */
typedef struct WriterLoop {
    uint32_t body, end, lo_at, hi_at;
    int hi;
    uint32_t result; /* position of the instruction that takes the reduction's value; 0: none */
    bool known;
} WriterLoop;

typedef struct Writer Writer;

typedef struct Language {
    const char *name;    /* for messages */
    const WriterOp *op;  /* by OpCode */
    const char *conjunction, *disjunction, *negation;
    bool braces;         /* around blocks and lists of conditions; c ? a : b; lines end in ; */
    const char *to_number, *to_index; /* before brackets */
    const char *hidden;  /* around arguments of functions that the compiler knows, or NULL */
    void (*write_number)(Buf *out, double value);
    void (*write_name)(Writer *w, const char *text, Buf *out);
    void (*write_length)(Writer *w, uint32_t reg, Buf *out);       /* a pinned one */
    void (*write_elements)(Writer *w, uint32_t table, Buf *out);   /* what is indexed */
    void (*write_columns)(Writer *w, uint32_t table, Buf *out);
    void (*write_element)(Writer *w, uint32_t table, uint32_t k, Buf *out);
    void (*write_array)(Writer *w, uint32_t table, Buf *out);      /* as an argument */
    void (*write_function)(Writer *w, uint32_t id, Buf *out);
    void (*write_loop)(Writer *w, const WriterLoop *loop);
    void (*write_statement)(Writer *w, uint32_t at);               /* that is no value of a web */
} Language;

/* What the program's own function computes. */
typedef enum WriterTask {
    WRITE_VALUE,
    WRITE_GRADIENT, /* the value and the gradient */
    WRITE_TIMES     /* the Hessian times a direction */
} WriterTask;

/* One body being written. */
struct Writer {
    const Language *lang;
    const Program *program;
    const Sub *sub;
    const char *name;  /* of the function; called ones are NAME_part1, ... */
    bool called;       /* not the program's own body */
    WriterTask task;   /* of the program's own body; of called ones WRITE_VALUE */
    size_t indent;
    Buf *out, *why;
    Sources *sources;  /* helpers that are needed are marked there; or NULL */
    bool failed;
    /* private to the writer */
    Webs webs;
    WriterText *waiting; /* by web */
    uint32_t *number;    /* by web: of its variable, 0: none yet */
    uint32_t numbers;
    uint32_t loops;      /* around what is being written */
    bool *used;          /* by table: written to already */
    WriterLine line;
};

/* program_write.c */
/* Appends the body's statements to w->out.  `declared` (may be NULL) gets the variables that are assigned
 * more than once, as declarations.  w->failed is set with a sentence in w->why. */
void writer_code(Writer *w, Buf *declared);
/* The statements from..to - 1; `inside`: the number of the loop whose body this is, 0 none. */
void writer_block(Writer *w, uint32_t from, uint32_t to, uint32_t inside);
/* Variables that were taken back left gaps: numbers t1, t2, ... as they come in the text from `from` on. */
void writer_number(Buf *out, size_t from, uint32_t most);
void writer_fail(Writer *w, const char *sentence);
/* A name's text, the store's. */
const char *writer_name(const Writer *w, Name name);
/* Where the length in register `reg` comes from: the first axis of a parameter that has it.  False where
 * there is none. */
bool writer_find_length(const Writer *w, uint32_t reg, uint32_t *param, int *axis);

/* program_write_text.c */
void writer_operand(Writer *w, uint32_t at, int field, WriterForm form, WriterLevel level, Buf *out);
void writer_argument(Writer *w, uint32_t at, uint32_t i, Buf *out);
/* The value that the instruction computes; false if it computes none that is an expression. */
bool writer_value(Writer *w, uint32_t at, WriterText *out);
/* The web gets the value: waits for its one read, or becomes a variable now. */
void writer_define(Writer *w, uint32_t at, uint32_t web, WriterText value);
void writer_assign(Writer *w, uint32_t web, WriterText value);
void writer_variable(Writer *w, uint32_t web, Buf *out);
/* Values that wait and read arrays become variables. */
void writer_settle_loads(Writer *w);
/* Starts a line of its own, which cannot be taken back. */
void writer_line(Writer *w);
WriterText writer_text(Buf *b, WriterLevel level, bool loads); /* takes b's text */
/* Are both ends of the LAST, or of the loop that begins there, whole for certain? */
bool writer_is_known_range(const Writer *w, uint32_t lo_at, uint32_t hi_at, int hi);
/* Is the operand an index, a length or a whole constant? */
bool writer_is_whole(const Writer *w, uint32_t at, int field);
/* An index as text and the addend to it: "i - 1", "0". */
void writer_offset(Buf *index, int offset);
/* Does the text name the variable? */
bool writer_mentions(const char *text, const char *name);

#endif
