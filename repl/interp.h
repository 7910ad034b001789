/* The interpreter: everything a session knows, as an object.  Several may live side by side.  It
 * writes into buffers; what becomes of them is its owner's affair (repl/main.c prints them). */
#ifndef REPL_INTERP_H
#define REPL_INTERP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/diag.h"
#include "base/names.h"
#include "base/random.h"
#include "eval/algebra.h"
#include "eval/program.h"
#include "expr/defs.h"
#include "expr/lower.h"
#include "parser/parse.h"
#include "repl/report.h"
#include "repl/settings.h"

typedef struct Interp Interp;

/* What the session's end has to tell (design.md, section 4: exit status). */
typedef enum InterpOutcome {
    OUTCOME_ERROR = 1,         /* a statement had an error */
    OUTCOME_FAILED = 2,        /* a check refuted or differing, an assertion failed */
    OUTCOME_NOT_CONVERGED = 4, /* a run that did not end at a minimum */
    OUTCOME_UNDECIDED = 8,     /* a check undecided */
    OUTCOME_INTERRUPT = 16
} InterpOutcome;

/* Phases that --dump shows. */
typedef enum InterpDump {
    DUMP_TOKENS = 1,
    DUMP_AST = 2,
    DUMP_DAG = 4,
    DUMP_DIFF = 8,
    DUMP_SIMP = 16,
    DUMP_CODE = 32
} InterpDump;

/* One statement being run. */
typedef struct Task {
    Interp *in;
    Arena *arena; /* the statement's */
    Diags *diags;
    const Source *source;
    const Ast *tree;
    Span span; /* of the whole statement */
    Report *report;
    const char *const *reading; /* how parts of it were read: "xy as x*y" */
    size_t reading_count;
    unsigned randoms; /* random vectors made for it */
} Task;

/* Called after each statement with what goes to standard output and to standard error; both are
 * emptied afterwards.  False: the output is gone, stop. */
typedef bool (*InterpSink)(void *context, const Buf *out, const Buf *err);

typedef struct UndoList UndoList;

/* Until when proofs may run, and how the last one ended. */
typedef struct ProofState {
    double end; /* by clock_seconds; 0: five seconds from each question */
    AlgebraAnswer answer;
    Buf why; /* as algebra_is_zero tells it */
} ProofState;

struct Interp {
    Names *names;
    Store *store;
    Defs *defs;
    Settings set;
    struct Rules *rules;           /* owned: shipped ones and those of the session */
    const volatile int *interrupt; /* borrowed, may be NULL */
    unsigned outcome;              /* InterpOutcome flags */
    unsigned dump;                 /* InterpDump flags */
    bool keep_going;               /* -k: go on after an error */
    bool quiet;                    /* -q: results only */
    bool safe;                     /* --safe: statements read and write no files */
    bool quitting;                 /* quit was said */
    bool broken;                   /* the sink refused: nothing more can be written */
    bool interactive;              /* at the prompt */
    struct LoadedFile *loading;    /* scripts being run, innermost first */
    int depth;                     /* of loads within loads */
    Scope scope;                   /* what the parser asks */
    CommandSyntax *syntax;         /* owned */
    UndoList *undo;
    Random random; /* the session's generator */
    Name *said;    /* names about which something was said once */
    size_t said_count, said_cap;
    Buf out, err;
    InterpSink sink;
    void *sink_context;
    /* A line of progress of a long run, NULL to take it away; may be NULL. */
    void (*progress)(void *context, const char *line);
    void *progress_context;
    /* Is the difference zero wherever the conditions hold?  True only for certain; `proof` then tells
     * how it ended.  NULL: there is no prover. */
    bool (*prove)(void *context, Interp *in, Expr difference, Expr conditions);
    /* The difference as a product of factors, as text; false where it cannot be had.  NULL likewise. */
    bool (*factor)(void *context, Interp *in, Expr difference, Expr conditions, Buf *text);
    void *prove_context;
    ProofState proof;
    struct Refuted *refuted; /* owned: the last check, if it was refuted (astray.h); else NULL */
    Name ans;
};

/* The caller frees it with interp_free. */
Interp *interp_new(const volatile int *interrupt);
void interp_free(Interp *in);
/* Runs a text statement by statement.  `name` as in Source.  False when it stopped before its end:
 * an error without keep_going, an interrupt, quit, or output refused. */
bool interp_run_text(Interp *in, const char *name, const char *text, size_t len, size_t first_line);
/* Runs a file ("-": standard input).  LOAD_FAILED with a sentence in `why` when it cannot be read,
 * is being run already, or loads go too deep. */
typedef enum LoadStatus { LOAD_DONE, LOAD_STOPPED, LOAD_FAILED } LoadStatus;
LoadStatus interp_load(Interp *in, const char *path, Buf *why);
/* The exit status that the outcomes so far amount to. */
int interp_status(const Interp *in);
/* Has the interrupt flag been raised? */
bool interp_interrupted(const Interp *in);
bool interp_is_json(const Interp *in);
/* Digits to show results in (0: shortest), and numbers in sentences and tables. */
int interp_digits(const Interp *in);
int interp_sentence_digits(const Interp *in);
/* Puts a setting into force after it was changed. */
void interp_apply_setting(Interp *in, SettingId id);
/* Says an error that is not of a statement (a file that cannot be read): to err, and as an object.
 */
void interp_say_error(Interp *in, const char *file, const char *message);
/* Hands what has been said to the sink. */
void interp_flush(Interp *in);
/* Was something already said about this name?  Marks it. */
bool interp_said(Interp *in, Name name);
/* The next random number in [0,1) of the session's generator. */
double interp_random(Interp *in);
void interp_set_seed(Interp *in, uint64_t seed);

/* ---- names for the parser (scope.c) ---- */
void scope_init(Interp *in);
/* A name that users do not see: ans and its fields. */
bool scope_is_hidden(const char *name);

/* ---- defining (define.c) ---- */
bool define_function(Task *t); /* AST_DEF */
bool define_variable(Task *t); /* AST_LET */
/* Sets a variable as an assignment does, with undo and notices; takes the value. */
void define_set(Task *t, Name name, Value value, Expr exact);
/* Sets ans or a field of it ("x": ans.x); takes the value.  field NULL: ans itself. */
void define_result(Interp *in, const char *field, Value value);
/* Forgets the fields of ans. */
void define_forget_result(Interp *in);
/* Tells which functions use `name` (if it was known before), reads them again if its shape changed,
 * and tries those again that had lost their meaning; writes notices. */
void define_refresh_users(Task *t, Name name, bool known, bool shape_changed);

/* ---- undo (undo.c) ---- */
UndoList *undo_new(void);
void undo_free(UndoList *u);
/* Remembers what `name` is now (a function, a variable, or nothing). */
void undo_save_name(Interp *in, Name name);
void undo_save_setting(Interp *in, SettingId id);
void undo_save_rule(Interp *in, const char *name);
/* Drops the newest entry: the change did not come about. */
void undo_forget(Interp *in);
/* Takes back the last change; writes what it was.  False if there is none. */
bool undo_back(Task *t);

/* ---- evaluating (evaluate.c) ---- */
/* A Lower for this statement without parameters; release it with evaluate_done. */
void evaluate_init(Task *t, Lower *l);
void evaluate_done(Lower *l);
/* The value of an expression; false after a diagnostic.  The caller owns *out.  `origin` (may be
 * NULL) gets where a NaN or infinity came from. */
bool evaluate_tree(Task *t, const Ast *tree, Value *out, Buf *origin);
bool evaluate_number(Task *t, const Ast *tree, double *out);
bool evaluate_expr(Task *t, Expr e, Span span, Value *out, Buf *origin);
/* Drops the random vectors that the statement made. */
void evaluate_forget_random(Task *t);
/* The same; *exact is the value as a rational constant if it is one, else 0. */
bool evaluate_exactly(Task *t, const Ast *tree, Value *out, Buf *origin, Expr *exact);
/* "NaN: log(x-2) has argument -0.5" beside the result; nothing where the origin is empty. */
void evaluate_say_origin(Report *r, const double *data, size_t count, const Buf *origin);
/* Adds the error of a status other than OK. */
void evaluate_fail(Task *t, RunStatus status, Span span, const Buf *what);

/* ---- describing (describe.c) ---- */
/* "2 variables, polynomial, smooth everywhere" */
void describe_function(Interp *in, const Def *f, Buf *out);
/* Does a condition hold everywhere, by signs that are plain to see? */
bool describe_is_certain(const Store *s, Expr condition);
/* One condition in words: "x > 0", "x[i] != 0 for i = 1..n". */
void describe_condition(Interp *in, Expr condition, Buf *out);
/* The domain of f as conditions, "everywhere" if it has none. */
void describe_domain(Interp *in, const Def *f, Buf *out);

/* ---- words of other systems (foreign.c) ---- */
/* plumb's own form for a word of another system, or NULL. */
const char *foreign_find(const char *word, size_t len);
/* The nearest that this version has for a command that it has not, or NULL. */
const char *foreign_later(const char *word, size_t len);

#endif
