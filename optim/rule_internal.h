/* What the files of rules share. */
#ifndef OPTIM_RULE_INTERNAL_H
#define OPTIM_RULE_INTERNAL_H

#include "eval/program.h"
#include "expr/lower.h"
#include "optim/rule.h"

/* A number that may depend on t. */
typedef struct RuleValue {
    double number;    /* of a constant */
    Program *program; /* owned, NULL for a constant: t -> value */
    Defs *defs;       /* borrowed: what the program reads */
    bool moves;       /* t occurs */
} RuleValue;

typedef struct RuleOption {
    Name name;
    char *text; /* owned: the default as typed */
    RuleValue value;
} RuleOption;

typedef struct RuleState {
    uint32_t slot;
    int rank;
} RuleState;

/* Slots: 0 x, 1 f, 2 t, then the options, then states and temporaries.  The gradient is the
 * programs' one parameter, g[n]. */
enum { RULE_SLOT_X, RULE_SLOT_F, RULE_SLOT_T, RULE_SLOT_OPTION };

struct Rule {
    Rules *rules; /* borrowed */
    Name name;
    bool shipped;
    unsigned uses;                   /* the registry and choices; freed when none is left */
    char *text, *summary, *citation; /* owned */
    RuleOption *option;              /* owned */
    size_t options;
    RuleState *state; /* owned */
    size_t states;
    uint32_t slots;
    Program *start; /* sets the states; NULL without states */
    Program *step;
};

/* A shipped rule's text, build/rules_gen.c. */
typedef struct RuleText {
    const char *name, *text;
} RuleText;
extern const RuleText rule_texts[];
extern const size_t rule_text_count;

Names *rules_names(const Rules *rules);
void rule_release(Rule *r);
Defs *rules_defs(const Rules *rules); /* empty: what a rule can see of definitions */

/* ---- reading (rule_read.c) ---- */
typedef enum RuleVarKind {
    RULE_X,
    RULE_G,
    RULE_F,
    RULE_T,
    RULE_N,
    RULE_OPTION,
    RULE_STATE,
    RULE_LOCAL
} RuleVarKind;
typedef struct RuleVar {
    Name name;
    RuleVarKind kind;
    int rank;
    size_t ready; /* first line that may read it */
    bool used, assigned;
    Span span;        /* where it was named */
    const Ast *value; /* of an option, a state */
    Expr symbol;
    uint32_t slot;
} RuleVar;

/* target = value, or the gradient at the variable `point`. */
typedef struct RuleLine {
    size_t target;
    const Ast *value; /* grad(p) replaced by the names of hidden locals; NULL: a gradient */
    size_t point;
    Span span;
} RuleLine;

typedef struct RuleBuild {
    Rules *rules;
    Rule *rule;   /* being made */
    Arena *arena; /* of the reading */
    Diags *diags;
    Span span; /* of the whole rule */
    RuleVar *var;
    size_t vars, var_cap;
    RuleLine *line;
    size_t lines, line_cap;
    unsigned hidden;
} RuleBuild;

/* Fills names, options, description and lines from the tree; false after a diagnostic. */
bool rule_read(RuleBuild *b, const Ast *tree);
/* The index of a variable, SIZE_MAX if there is none. */
size_t rule_var(const RuleBuild *b, Name name);

/* ---- compiling (rule_plan.c) ---- */
/* Finds the ranks, makes both programs; false after a diagnostic. */
bool rule_compile(RuleBuild *b);

/* ---- values (rule_value.c) ---- */
/* An expression in t; false after a diagnostic. */
bool rule_value_read(RuleValue *v, const Ast *tree, Name t, Defs *defs, Diags *diags);
void rule_value_done(RuleValue *v);
/* At step t; NaN if it cannot be computed.  Slow: makes a workspace. */
double rule_value_at(const RuleValue *v, double t);

#endif
