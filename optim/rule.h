/* Update rules: a few lines of plumb that move x.  A rule sees x, g, f, t, n, its options, states
 * and locals, and the built-in functions; nothing of the session.  Rules owns the rules that are
 * shipped (optim/rules/NAME.plumb, read on first use) and those that were defined since. */
#ifndef OPTIM_RULE_H
#define OPTIM_RULE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/diag.h"
#include "expr/defs.h"
#include "optim/run.h"
#include "parser/ast.h"

typedef struct Rules Rules;
typedef struct Rule Rule;

/* Keeps `names` borrowed.  The caller frees it. */
Rules *rules_new(Names *names);
void rules_free(Rules *rules);
/* All rules, shipped ones first; names only, nothing is read. */
size_t rules_count(const Rules *rules);
const char *rules_name(const Rules *rules, size_t i);
bool rules_has(const Rules *rules, const char *name);
/* NULL if there is none of that name.  Borrowed until it is defined anew or removed. */
const Rule *rules_find(Rules *rules, const char *name);
/* From an AST_RULE of the source; replaces one of that name.  NULL after a diagnostic; warnings (an
 * option that is never used) do not stop it. */
const Rule *rules_define(Rules *rules, const Ast *tree, const Source *source, Diags *diags);
/* Takes back a definition: a shipped rule of that name is there again. */
void rules_remove(Rules *rules, const char *name);

const char *rule_name(const Rule *rule);
const char *rule_text(const Rule *rule);    /* as typed */
const char *rule_summary(const Rule *rule); /* its description, "" if none */
const char *rule_citation(const Rule *rule);
bool rule_is_shipped(const Rule *rule);
size_t rule_options(const Rule *rule);
const char *rule_option_name(const Rule *rule, size_t i);
const char *rule_option_default(const Rule *rule, size_t i); /* as typed: "1e-3" */
/* The option meant by this name: exactly, else by an alias (alpha, eta, rate, learning_rate for lr;
 * gamma, mu for momentum); -1 if none. */
int rule_find_option(const Rule *rule, const char *name);

/* A rule with values for its options.  Owned by the caller; keeps the rule alive, also when it is
 * defined anew meanwhile, but not beyond rules_free. */
typedef struct RuleChoice RuleChoice;

/* Every option at its default. */
RuleChoice *rule_choose(const Rule *rule);
void rule_choice_free(RuleChoice *choice);
/* An AST_OPTION: its value is an expression in t that may use the session's definitions.  False
 * after a diagnostic (unknown option: the nearest one offered). */
bool rule_choice_read(RuleChoice *choice, const Ast *option, Defs *session, Diags *diags);
/* False if the rule has no such option. */
bool rule_choice_set(RuleChoice *choice, const char *name, double value);
/* The value of an option, at step 1 if it depends on t; NaN if there is none. */
double rule_choice_number(RuleChoice *choice, const char *name);
const Rule *rule_choice_rule(const RuleChoice *choice);

/* A choice bound to points of length n: states and workspaces.  Owned by the caller; the choice
 * must outlive it. */
typedef struct RuleRun RuleRun;

/* NULL with a message in `what` when it does not fit memory. */
RuleRun *rule_run_new(RuleChoice *choice, size_t n, const volatile int *interrupt, Buf *what);
void rule_run_free(RuleRun *run);
/* What a Run pulls; borrows the RuleRun. */
Stepper rule_stepper(RuleRun *run);
/* The sentence behind a status of its step other than RUN_OK, "" if it was the function's. */
void rule_run_explain(const RuleRun *run, RunStatus status, Buf *out);

#endif
