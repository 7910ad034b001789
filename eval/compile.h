/* The insides of the compiler from plans to programs.  Four passes over one Build:
 *   compile_values.c    expressions to Vals: a graph in which an opened loop is one node
 *   compile_place.c     regions, and the place of each Val: an Inst
 *   compile_emit.c      code with as many virtual registers as it likes
 *   compile_registers.c fusing of neighbours, registers reused
 * None of them recurses on the depth of an expression. */
#ifndef EVAL_COMPILE_H
#define EVAL_COMPILE_H

#include "eval/ranges.h"
#include "eval/program_code.h"

/* Val, Inst, Region, ... 0 is none in all of them. */
typedef uint32_t ValId;
typedef uint32_t InstId;
typedef uint32_t RegionId;

typedef enum ValKind {
    VAL_PINNED,  /* detail: pin */
    VAL_INDEX,   /* detail: FREE number */
    VAL_REDUCED, /* value of a REDUCE step, known after it */
    VAL_OP,      /* arithmetic, REL, NOT, FN: operands in order */
    VAL_IF, VAL_AND, VAL_OR,
    VAL_LOOP,    /* lo, hi, body */
    VAL_LOAD,    /* array, indices; detail: added to the last index to count from 0 */
    VAL_SLOT,    /* a number in a slot; detail: table entry */
    VAL_CALL,    /* arguments; arrays as results: lengths, then arguments */
    /* arrays: an Inst has a table entry */
    VAL_TABLE,   /* detail: table entry */
    VAL_VEC,     /* lo, hi, body, lengths */
    VAL_LIST,    /* elements, then lengths if the rank is 2 */
    VAL_ROW,     /* array, index */
    VAL_PREFIX   /* array, length (SUFFIX too) */
} ValKind;

typedef struct Val {
    Expr e;
    uint32_t salt;  /* version of the slots it reads */
    ValId binder;   /* innermost loop or step that binds an index of it */
    uint8_t kind, rank;
    bool traps;     /* may end the run */
    bool proven;    /* LOAD: indices lie inside; LOOP, VEC: not empty */
    uint32_t detail;
    uint32_t op_first, op_count;
    uint32_t use;   /* list of uses */
    InstId inst;    /* list of places */
    uint32_t users; /* operand slots that name it */
} Val;

typedef struct Use { RegionId region; uint32_t next; } Use;

typedef struct Inst {
    ValId val;
    RegionId home;
    InstId next;      /* of the same Val */
    RegionId inner[2]; /* preheader, or arms */
    uint32_t reg;     /* virtual register or table entry */
    bool has_reg, emitted;
} Inst;

typedef enum RegionKind { REGION_TOP, REGION_PRE, REGION_BODY, REGION_ARM } RegionKind;
typedef struct Region {
    RegionId parent;
    uint32_t depth;
    RegionKind kind;
    bool always;      /* a preheader whose loop surely runs */
    unsigned number;  /* BODY: its index */
    ValId binder;     /* BODY: its loop */
    RegionId sibling; /* ARM: the other one */
    RegionId loop;    /* innermost BODY around, itself included */
    uint32_t states;  /* reductions under way */
    uint32_t index;   /* BODY: virtual register of the index */
    uint32_t info;    /* BODY: LoopInfo */
    Expr lo, hi;      /* BODY: the index's range */
    uint32_t need;    /* list of Insts to have before entering */
    uint32_t mark, clear; /* see compile_needed.c */
} Region;
typedef struct Need { InstId inst; uint32_t next; } Need;

typedef enum EventKind { EVENT_STEP, EVENT_ENTER, EVENT_LEAVE } EventKind;
/* The plan's steps, flattened. */
typedef struct Event {
    EventKind kind;
    const PlanStep *step;
    uint32_t enter;       /* LEAVE: its ENTER */
    RegionId region, pre, body;
    ValId binder;         /* FOR, REDUCE: what stands for the loop */
    ValId value, index[2], lo, hi, reduced;
    bool proven;
    int32_t offset;       /* constant added to the last index */
    uint32_t vreg[4], at[2]; /* while emitting */
} Event;

/* Code before registers are assigned. */
typedef struct Virtual {
    uint16_t op;
    uint32_t c, d, a, b;
    Expr e;
    uint32_t loop;
} Virtual;

typedef struct Scope { /* loops around what is being read */
    struct Scope *outer;
    unsigned number;
    ValId binder;
    Expr lo, hi;
} Scope;

typedef struct ValSlot { Expr e; uint32_t salt; ValId binder; uint32_t answer; } ValSlot;

typedef struct Build {
    Program *program;
    const Plan *plan;    /* of the plan; NULL for a called function */
    Store *s;
    Defs *defs;
    Diags *diags;
    Span span;
    bool failed;
    Arena arena;         /* scopes */
    Sub *sub;            /* being made: given to the program at the end */
    size_t params;
    const Param *param;
    Expr result;         /* value of a called function, 0: none */
    ValId result_val;
    ValId zero, one;
    AffineEnv affine;
    uint32_t step_numbers; /* FREE numbers that steps use */
    /* values */
    Val *val; size_t vals, val_cap;
    ValId *op; size_t ops, op_cap;
    Use *use; size_t uses, use_cap;
    ValSlot *map; size_t map_count, map_size;
    ValId *order; size_t orders, order_cap; /* children first */
    uint32_t bit_version[32]; /* of the slots, by number modulo 32 */
    RegionId *version; size_t versions, version_cap; /* region in which each was made */
    uint32_t written;    /* bits of slots that the plan writes */
    RegionId current;
    /* places */
    Inst *inst; size_t insts, inst_cap;
    Region *region; size_t regions, region_cap;
    Need *need; size_t needs, need_cap;
    uint32_t mark;
    Event *event; size_t events, event_cap;
    /* code */
    Virtual *code; size_t codes, code_cap;
    uint32_t vregs;
    uint32_t *loop_from, *loop_to; size_t loop_spans, loop_span_cap, loop_to_cap;
    size_t pin_cap, table_cap, loop_cap, site_cap;
} Build;

/* A diagnostic, once; everything stops soon after. */
void build_fail(Build *b, const char *hint, const char *message);
void build_done(Build *b);

/* compile_values.c */
ValId values_of(Build *b, Expr e, Scope *scope);
void values_use(Build *b, ValId v, RegionId region);
uint32_t values_pin(Build *b, PinKind kind, Expr e, double value, Name name, uint32_t param);
uint32_t values_bits(Build *b, Expr e); /* slots that e reads, as bits */
ValId values_new(Build *b, Expr e, ValKind kind, ValId binder);
void values_map(Build *b, Expr e, uint32_t salt, ValId binder, ValId answer);
ValId values_find(Build *b, Expr e, uint32_t salt, ValId binder);
uint32_t values_salt(Build *b, Expr e);
ValId values_binder(Build *b, Expr e, const Scope *scope);
void values_set_scope(Build *b, const Scope *scope); /* b->affine for these loops */
/* compile_leaves.c */
bool values_leaf(Build *b, ValId v); /* symbols, constants, slots: true when it was one */
uint32_t table_for(Build *b, TableKind kind, uint32_t which, Expr e, Name name);
uint32_t table_slot(Build *b, uint32_t slot);
void leaves_params(Build *b);
uint32_t sub_for(Build *b, FnId fn); /* number of a called function's Sub */
/* compile_steps.c */
bool steps_read(Build *b);
/* compile_place.c */
RegionId region_new(Build *b, RegionId parent, RegionKind kind);
typedef struct LoopShape { unsigned number; ValId binder; Expr lo, hi; bool reduces, always; } LoopShape;
RegionId region_loop(Build *b, RegionId parent, LoopShape shape);
void place_all(Build *b);
/* Is r a region that v must not leave? */
bool place_is_ceiling(const Build *b, const Val *v, RegionId r);
/* compile_needed.c: where a Val that may end the run is needed for certain: set[0..result-1]; the
 * array has room for twice as many as are given. */
size_t place_needed(Build *b, const Val *v, RegionId *set, size_t count);
InstId place_visible(Build *b, ValId v, RegionId region);
/* compile_emit.c */
void emit_all(Build *b);
bool emit_demand(Build *b, ValId v, RegionId region);
void emit_needs(Build *b, RegionId region);
uint32_t emit_reg(Build *b, ValId v, RegionId region);
uint32_t emit_code(Build *b, OpCode op, uint32_t d, uint32_t a, uint32_t bb, uint32_t c);
void emit_here(Build *b, uint32_t jump); /* the jump's target is the next instruction */
uint32_t emit_vreg(Build *b);
void emit_loop_span(Build *b, uint32_t from);
/* compile_registers.c */
void registers_assign(Build *b);
/* Instructions take the number made just before from the processor (compile_chain.c). */
void chain_operands(Sub *u);

#endif
