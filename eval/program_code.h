/* The insides of programs and workspaces, shared by the compiler and the executors. */
#ifndef EVAL_PROGRAM_CODE_H
#define EVAL_PROGRAM_CODE_H

#include "eval/program.h"

typedef enum OpCode {
#define OPC(name, fields, cost) OP_##name,
#include "eval/program_ops.def"
#undef OPC
    OP_CODES
} OpCode;

extern const char *const op_name[OP_CODES];
extern const char op_fields[OP_CODES][5]; /* letters for d, a, b, c: see program_ops.def */
extern const unsigned char op_cost[OP_CODES];

typedef struct Instr {
    uint16_t op, c;
    uint32_t d, a, b;
} Instr;

typedef double (*FnValue)(double, double, double);

/* Where an instruction comes from: for messages, not for running. */
typedef struct Origin {
    Expr e;        /* what it computes; indices are FREE nodes */
    uint32_t loop; /* innermost loop around it, 0: none */
} Origin;
typedef struct LoopInfo {
    uint32_t parent;   /* next loop outward, 0: none */
    uint32_t number;   /* FREE(number) */
    uint32_t reg;      /* register of its index */
    Expr lo, hi;
} LoopInfo;

/* Registers 0..pinned-1 hold their value during a whole run. */
typedef enum PinKind { PIN_CONST, PIN_GLOBAL, PIN_DIM, PIN_PARAM } PinKind;
typedef struct Pin {
    PinKind kind;
    double value;   /* CONST */
    double error;   /* CONST: its distance from the exact constant, at most */
    Name name;      /* GLOBAL; of a DIM for messages */
    uint32_t param; /* PARAM: which */
    Expr e;
} Pin;

/* Array tables: entry i of a frame. */
typedef enum TableKind { TABLE_PARAM, TABLE_GLOBAL, TABLE_SLOT, TABLE_TEMP } TableKind;
typedef struct TableEntry {
    TableKind kind;
    uint32_t which; /* parameter, slot */
    Name name;
    int rank;
    Expr e;
    Expr dim[2];
} TableEntry;

/* A length as the parameters give it. */
typedef struct DimInfo {
    bool symbolic;
    size_t length; /* constant */
    uint32_t reg;  /* symbolic: the pin */
} DimInfo;
typedef struct ParamInfo {
    Name name;
    int rank;
    DimInfo dim[2];
    uint32_t reg;   /* rank 0: its pin */
    uint32_t table; /* its entry */
} ParamInfo;

typedef struct CallArg {
    bool array;
    uint32_t at; /* register or table entry */
} CallArg;
typedef struct CallSite {
    uint32_t sub, count;
    CallArg *arg; /* owned */
} CallSite;

typedef struct SlotInfo {
    SlotKind kind;
    int rank;
    Expr dim[2];
    bool zeroed;     /* an output that is added to */
    uint32_t table;  /* its entry in the table, or NO_TABLE */
} SlotInfo;

enum { NO_TABLE = UINT32_MAX, MOST_CALLS = 10000 };

/* One compiled body: the plan itself (sub 0) or a called function. */
typedef struct Sub {
    FnId fn;
    Expr body;
    Instr *code;     /* owned, with everything below */
    Origin *origin;  /* as many */
    size_t length;
    uint32_t registers, pinned, states;
    Pin *pin;
    TableEntry *table;
    uint32_t tables;
    ParamInfo *param;
    uint32_t params;
    LoopInfo *loop; /* [0] unused */
    uint32_t loops;
    CallSite *site;
    uint32_t sites;
    SlotInfo *slot; /* of a called function with an array as result: slot 0 is the result */
    size_t slots;
} Sub;

struct Program {
    Defs *defs; /* borrowed */
    Sub *sub;
    size_t subs, sub_cap;
    FnValue *fn; /* by function id */
    size_t fns;
};

/* ---- running ---- */
typedef struct ArrayRef {
    double *at;       /* elements, rows first */
    double *shadow;   /* bounds or origins of the elements; NULL: none */
    size_t dim[2];
    size_t room;      /* of a temporary: numbers reserved */
} ArrayRef;

/* State of a reduction: 16 accumulators, and the blocks before, added pairwise. */
enum { LANES = 16, BLOCK = 4096, LEVELS = 48 };
typedef struct Reduction {
    double lane[LANES];
    uint64_t done, count, mask;
    uint64_t blocks;
    double at; /* index of the best */
    double level[LEVELS];
    double shadow_lane[LANES], shadow_level[LEVELS];
} Reduction;

typedef struct Frame {
    const Sub *sub;
    double *reg;       /* registers, then as many shadows */
    ArrayRef *table;
    Reduction *state;
} Frame;

/* A stack of memory in chunks, for frames and temporaries; pointers into it stay valid. */
typedef struct Chunk {
    struct Chunk *before;
    size_t used, size; /* bytes */
    max_align_t data[];
} Chunk;

/* What happened, for workspace_explain. */
typedef struct Fault {
    const Sub *sub;
    const Instr *at;
    double index;
    size_t length, other;
    int axis;
    Name name;
    uint32_t loops;
    struct { uint32_t number; double value; } loop[8]; /* innermost first */
    double operand[2];
} Fault;

typedef struct Call { /* the caller, while a callee runs */
    Frame frame;
    const Instr *next;
    uint32_t dst;
    Chunk *chunk; /* stack as it was */
    size_t used;
} Call;

/* Where a run puts its inputs and outputs. */
typedef struct Scalar { double *to; size_t from; } Scalar;             /* from: number of the point */
typedef struct Array { double **to; size_t from, length; } Array;      /* from: of the point, or slot */

struct Workspace {
    const Program *program;
    Frame main;
    Frame plain;         /* the main frame as the plain interpreter runs it: short loops written out */
    Sub bound;           /* sub 0 with checks taken out that these lengths make needless */
    Sub unrolled;        /* plain's, where it differs */
    double **pins;       /* by sub: values of its pinned registers, copied into frames */
    ArrayRef **globals;  /* by sub: its table, the globals filled in */
    double **owned;      /* copies of globals, slot temporaries */
    size_t owned_count, owned_cap;
    size_t points;
    size_t *param_at;    /* where each parameter starts in the point */
    size_t *slot_length;
    Scalar *scalar;      /* parameters that are numbers */
    Array *vector;       /* the others */
    Array *given;        /* slots whose arrays the caller gives at each run */
    uint32_t scalars, vectors, givens;
    uint32_t *zeroed, zeroed_count; /* those of them that start at 0 */
    double **slot_shadow; /* by slot: shadow arrays of temporaries, made on first use */
    Chunk *chunk;
    size_t chunk_bytes, memory;
    Call *call;
    size_t calls, call_cap;
    bool bounded; /* shadows are error bounds: constants enter with theirs */
    const volatile int *interrupt;
    uint64_t rounds, most_rounds; /* of loops, begun in this run */
    uint64_t poll_rounds;         /* the flag is looked at when `rounds` gets here */
    GradientCall gradient;
    void *gradient_context;
    Fault fault;
    bool counting;
    bool shadowed;       /* temporaries get shadows */
    bool doubtful;       /* a branch was decided within its error */
    uint64_t operations;
    Fault *trace;        /* origins found; [0] unused */
    size_t traces, trace_cap;
};

/* program.c */
void sub_done(Sub *s);
/* program_frame.c: shared by the executors */
/* Aligned zeroed bytes, NULL when the budget is used up. */
void *stack_take(Workspace *w, size_t bytes);
void stack_release(Workspace *w, Chunk *chunk, size_t used);
/* Makes `ref` hold `rows` x `columns` numbers (columns 1 of a vector). */
RunStatus frame_temp(Workspace *w, ArrayRef *ref, double rows, double columns, int rank);
/* Sets up a callee's frame from the caller's; pushes nothing.  `out`: table entry for an array result. */
RunStatus frame_enter(Workspace *w, const Frame *caller, const CallSite *site, const ArrayRef *out, Frame *callee);
/* Dimension registers from lengths: false with the fault set when they disagree. */
bool frame_set_dims(Workspace *w, const Sub *sub, uint32_t param, const size_t *length, double *reg, bool *known);
void fault_set(Workspace *w, const Frame *f, const Instr *at, double index, size_t length, int axis);
/* program_prove.c: the main frame's code without checks of indices that are inside at these lengths. */
void workspace_prove(Workspace *w);
/* program_unroll.c: the plain frame. */
void workspace_unroll(Workspace *w);

/* Executors: run the main frame from its start. */
RunStatus interp_run(const Program *p, Workspace *w);
RunStatus interp_run_counting(const Program *p, Workspace *w);
RunStatus interp_run_bounds(const Program *p, Workspace *w);
RunStatus interp_run_bounds_fma(const Program *p, Workspace *w); /* the same, with the processor's fma */
RunStatus interp_run_origin(const Program *p, Workspace *w);
/* Points the main frame at its inputs and outputs. */
void workspace_attach(Workspace *w, const double *x, double *const *slots);

#endif
