/* Between parse.c, which owns the loop, and the generated parser. */
#ifndef PARSER_GRAMMAR_H
#define PARSER_GRAMMAR_H

#include "base/diag.h"
#include "lexer/tokens.h"
#include "parser/build.h"
#include "parser/parse.h"

struct gram_pstate;

struct Parse {
    Arena *arena;
    Names *names;
    Diags *diags;
    const Source *source;
    Filter *filter;
    struct gram_pstate *machine;
    Ast *tree;
    bool silenced;
    bool incomplete; /* the text ended where a statement cannot end */
    Token token;     /* the one that is being pushed */
    Name name_by, name_colon, name_where, name_sqrt;
    Name *defined; /* by the last statement */
    size_t defined_count, defined_cap;
    const volatile int *interrupt; /* NULL: none */
    unsigned ticks;
};

/* A machine of the generated parser. */
struct gram_pstate *grammar_new(void);
void grammar_free(struct gram_pstate *m);
typedef enum GrammarState { GRAMMAR_MORE, GRAMMAR_DONE, GRAMMAR_ERROR, GRAMMAR_DEEP } GrammarState;
/* Hands on p->token; T_END is the end of input.  A syntax error is told through report_unexpected.
 */
GrammarState grammar_push(Parse *p);
/* May this token come next? */
bool grammar_accepts(struct gram_pstate *m, TokenKind kind);

/* Feeds all the text and stops where it ends, in the middle of a statement or before one.  False
 * when the last statement is in error. */
bool parse_prefix(Parse *p);

/* report.c: tells that p->token cannot stand here; expected[T_...] are those that could. */
void report_unexpected(Parse *p, const bool *expected);

#endif
