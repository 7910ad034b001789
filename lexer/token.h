/* Tokens.  The scanner makes the first group, the token filter turns them into the second, which
 * is what the grammar sees (same names in parser/gram.y). */
#ifndef LEXER_TOKEN_H
#define LEXER_TOKEN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/names.h"
#include "base/span.h"

/* name of the token, and how messages call it ("" = by its text) */
#define TOKENS(X)                                                                                  \
    X(NUMBER, "a number")                                                                          \
    X(NAME, "a name")                                                                              \
    X(STRING, "string")                                                                            \
    X(FIELD, "a field")                                                                            \
    X(SUP, "a raised number")                                                                      \
    X(DERIV, "a derivative")                                                                       \
    X(PRIME, "'")                                                                                  \
    X(PLUS, "+")                                                                                   \
    X(MINUS, "-")                                                                                  \
    X(STAR, "*")                                                                                   \
    X(SLASH, "/")                                                                                  \
    X(CARET, "^")                                                                                  \
    X(REL, "a comparison")                                                                         \
    X(ASSIGN, "=")                                                                                 \
    X(EQ, "=")                                                                                     \
    X(COMMA, ",")                                                                                  \
    X(SEMI, ";")                                                                                   \
    X(NEWLINE, "end of line")                                                                      \
    X(COLON, ":")                                                                                  \
    X(QUESTION, "?")                                                                               \
    X(RANGE, "..")                                                                                 \
    X(LPAREN, "(")                                                                                 \
    X(RPAREN, ")")                                                                                 \
    X(LBRACKET, "[")                                                                               \
    X(RBRACKET, "]")                                                                               \
    X(LBRACE, "{")                                                                                 \
    X(RBRACE, "}")                                                                                 \
    X(FILE, "a file name")                                                                         \
    X(TEXT, "text")                                                                                \
    /* made by the filter */                                                                       \
    X(TIMES, "a product")          /* the product without a sign */                                \
    X(FUNC, "a function")          /* a name that is a function */                                 \
    X(DIFF, "diff")                                                                                \
    X(GRAD, "grad")                /* aux: 0 grad, 1 hess, 2 jac */                                \
    X(FNPOW, "a power")            /* the 2 of sin^2(x) */                                         \
    X(CALL, "(")                   /* the bracket of a call */                                     \
    X(FNCLOSE, ")")                /* closes a bracket that holds just a function */               \
    X(INDEX, "[")                  /* the bracket of an index */                                   \
    X(ROW, ";")                    /* between rows of a matrix */                                  \
    X(BAROPEN, "|")                                                                                \
    X(BARCLOSE, "|")                                                                               \
    X(NORMOPEN, "\xE2\x80\x96")                                                                    \
    X(NORMCLOSE, "\xE2\x80\x96")                                                                   \
    X(ROOT, "\xE2\x88\x9A")                                                                        \
    X(AND, "and")                                                                                  \
    X(OR, "or")                                                                                    \
    X(NOT, "not")                                                                                  \
    X(NAMED, "NAME = value")       /* a name that is followed by = and names what follows */       \
    X(TARGET, "a name")            /* what an assignment sets */                                   \
    X(DEFINE, "a function's name") /* what a definition defines */                                 \
    X(WHERE, "where")                                                                              \
    X(COMMAND, "a command")                                                                        \
    X(KEYWORD, "a clause word")                                                                    \
    X(FLAG, "a flag")                                                                              \
    X(OPTION, "an option")                                                                         \
    X(SETTING, "a setting")                                                                        \
    X(BY, "by")                                                                                    \
    X(METHOD, "a method")                                                                          \
    X(SCALE, "log or linear")                                                                      \
    X(WRITE, ">")                  /* to a file */                                                 \
    X(RULE, "rule")                                                                                \
    X(STATE, "state")                                                                              \
    X(CITE, "cite")                                                                                \
    /* the scanner's own, never handed on */                                                       \
    X(BAR, "|")                                                                                    \
    X(NORM, "\xE2\x80\x96")                                                                        \
    X(SUBJECT, "s.t.")                                                                             \
    X(NABLA, "\xE2\x88\x87")                                                                       \
    X(SUM, "sum")                                                                                  \
    X(PROD, "prod")                                                                                \
    X(PI, "pi")                                                                                    \
    X(INF, "inf")                                                                                  \
    X(BAD, "")                     /* already reported */                                          \
    X(END, "end of text")

typedef enum TokenKind {
#define X(name, text) T_##name,
    TOKENS(X)
#undef X
        T_KINDS
} TokenKind;

/* aux of REL and of ASSIGN; in the order of AstRel and AstLet */
typedef enum TokenRel { T_LT, T_LE, T_GT, T_GE, T_EQUAL, T_NE } TokenRel;
typedef enum TokenAssign { T_SET, T_ADD, T_SUB, T_MUL, T_DIV, T_COLON_EQUAL } TokenAssign;

typedef struct Token {
    TokenKind kind;
    uint32_t aux;
    Span span;          /* in the text as typed */
    uint32_t at, after; /* the same in the folded text */
    Name name;          /* of tokens that are or carry a name */
    const char *text;   /* folded text, borrowed from the reader of the Source, not terminated */
    uint32_t len;
    bool space;         /* something blank stands before it */
    const Name *vars;   /* of DERIV: len variables, repeated by their order; in the arena */
} Token;

#endif
