/* The syntax tree: what was typed, with spans.  All of it lives in the statement's arena, so it is
 * never freed piece by piece.  Trees may be as deep as the input is long: walk them with a stack of
 * your own, never by recursion on depth. */
#ifndef PARSER_AST_H
#define PARSER_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/names.h"
#include "base/span.h"

typedef enum AstKind {
    /* expressions                  kids */
    AST_NUMBER,                  /* -            text, len: the folded decimal */
    AST_NAME,                    /* -            name: a variable, or a bare user or built-in function */
    AST_STRING,                  /* -            text, len: escapes resolved */
    AST_ADD, AST_SUB, AST_MUL, AST_DIV, AST_POW, /* left, right */
    AST_NEG,                     /* operand      (a unary + leaves no node) */
    AST_REL,                     /* operands, count >= 2; ops[i] (AstRel) stands between i and i+1 */
    AST_AND, AST_OR,             /* left, right */
    AST_NOT,                     /* operand */
    AST_IF,                      /* condition, then, else: of ?: only; if(c,a,b) is an AST_CALL */
    AST_CALL,                    /* callee, arguments...; callee AST_NAME, AST_DERIV, AST_PRIME,
                                    AST_GRAD, AST_HESS, AST_JAC, AST_DIFF */
    AST_DERIV,                   /* df/dx: name = the function; kids = the variables, AST_NAME, in
                                    order, repeated by their order */
    AST_PRIME,                   /* function     f' */
    AST_GRAD, AST_HESS, AST_JAC, /* function, or any expression that names one */
    AST_DIFF,                    /* expression, variables... */
    AST_VEC,                     /* elements     (a,b), [a,b]; a matrix is a vector of AST_VEC */
    AST_INDEX,                   /* array, indices... */
    AST_FIELD,                   /* operand      name: the field */
    AST_ABS, AST_NORM,           /* operand      |x|, ||v|| */
    AST_RANGE,                   /* from, to     a..b */
    AST_NAMED,                   /* value        name = value: argument, option, coordinate */
    AST_EQUATION,                /* left, right  A = B in check and subject to (also sweep items) */
    AST_WHERE,                   /* body, AST_NAMED... */
    /* statements */
    AST_EMPTY,                   /* - */
    AST_LET,                     /* value        name op= value; op = AstLet */
    AST_DEF,                     /* body, AST_PARAM...   name(params) = body; op 1 if := */
    AST_PARAM,                   /* dims...      name, or name[dims] (AST_NAME or AST_NUMBER) */
    AST_COMMAND,                 /* items, then clauses; name: the full command word;
                                    op: how many of the kids are items */
    AST_CLAUSE,                  /* items        name: from, by, in, over, at, as, if, within, shows,
                                    where (AST_NAMEDs), and "subject to" and ":" under the
                                    names subject and : ; "by" has one
                                    AST_METHOD, ":" of race AST_METHODs, of sweep one AST_COMMAND */
    AST_FLAG,                    /* -            name: escape, path, ... */
    AST_OPTION,                  /* value        name = value; the value may be a bare word: an
                                    AST_NAME that need not be known */
    AST_METHOD,                  /* AST_OPTION...   name: of an optimizer */
    AST_FILE,                    /* -            text, len: a file name; op 1 after '>' */
    AST_TEXT,                    /* -            text, len: the rest of the line after help */
    AST_SCALE,                   /* range, [count]  log or linear of sweep; name says which */
    AST_RULE,                    /* AST_OPTION..., then lines; op: how many options; name */
    AST_STATE,                   /* AST_NAMED... a line of a rule */
    AST_CITE,                    /* AST_STRING   a line of a rule; a bare AST_STRING describes it */
    AST_KINDS
} AstKind;

typedef enum AstRel { REL_LT, REL_LE, REL_GT, REL_GE, REL_EQ, REL_NE } AstRel;
typedef enum AstLet { LET_SET, LET_ADD, LET_SUB, LET_MUL, LET_DIV, LET_DEFINE /* := */ } AstLet;

typedef struct Ast Ast;
struct Ast {
    AstKind kind;
    uint32_t op;     /* AstLet, or a count: see above */
    Span span;       /* of the whole, brackets around an operand not included */
    Name name;
    Span name_span;  /* where the name stands, for kinds that have one */
    const char *text; /* NUL-terminated in the arena, may hold NULs inside strings */
    uint32_t len;
    uint32_t count;
    Ast **kids;
    uint8_t *ops; /* AST_REL: AstRel, count - 1 of them */
    bool bracketed; /* stood in round brackets of its own: (f) in `plot (path)` */
};

/* Writes the tree in the notation of grammar.md section 7.  Does not recurse. */
void ast_print(Buf *out, const Names *names, const Ast *tree);

#endif
