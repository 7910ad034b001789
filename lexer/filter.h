/* Inside of the token filter, shared by its files: tokens.c (the loop), operators.c, start.c (what
 * begins a statement), commandwords.c (words of a command), products.c (side by side), brackets.c,
 * readnames.c (what a name is), derivatives.c (df/dx), known.c (names of the moment). */
#ifndef LEXER_FILTER_H
#define LEXER_FILTER_H

#include "lexer/scanner.h"
#include "lexer/tokens.h"

/* What the last token completed. */
typedef enum OperandKind {
    OP_NONE, /* nothing: an operand is awaited */
    OP_NUMBER,
    OP_NAME, /* a number, constant or ans */
    OP_ARRAY,
    OP_UNKNOWN, /* a name not known */
    OP_FUNC,    /* a function's name: a bracket must follow, or it stands bare */
    OP_FN,      /* another function: derivative, (f), diff(...) */
    OP_FIELD,
    OP_CALL,
    OP_GROUP, /* a closed bracket */
    OP_BAR,
    OP_INDEX,
    OP_SUP,
    OP_STRING,
    OP_WORD, /* a flag, method or file name: no operand, but complete */
    OP_METHOD
} OperandKind;

typedef struct Operand {
    OperandKind kind;
    Span span;
    uint32_t at, after; /* folded */
    Name name;
    bool constant, builtin;
} Operand;

typedef enum LevelKind {
    LEVEL_BASE,
    LEVEL_GROUP,
    LEVEL_CALL,
    LEVEL_LIST,  /* [1, 2] */
    LEVEL_INDEX, /* v[1] */
    LEVEL_BAR,
    LEVEL_NORM,
    LEVEL_RULE
} LevelKind;

/* How far an operand under ^ or a root sign is. */
typedef enum UnderKind { UNDER_NONE, UNDER_AWAITED, UNDER_PLAIN, UNDER_CLOSED } UnderKind;

/* What a level holds so far, to know a bracketed function. */
typedef enum PieceKind { PIECE_NOTHING, PIECE_GRAD, PIECE_FUNCTION, PIECE_OTHER } PieceKind;

typedef struct Level {
    LevelKind kind;
    Span span;         /* of the opening sign */
    bool slash;        /* the last operator of this product was '/' */
    UnderKind power;   /* the operand after '^' */
    bool power_strict; /* its base is a number, e or pi */
    uint32_t power_at;
    Operand power_base;
    UnderKind root;
    uint32_t root_at;
    PieceKind piece;
    Operand before; /* the operand before the bracket: the callee, or the x of x(...) */
    bool factor;    /* x(...) with a number x */
    bool reduction; /* sum(i=1..n, ...) */
    bool method, after_grad, diff;
    bool where;         /* name = value, name = value ... */
    bool keep;          /* names bound here live on */
    bool item_start;    /* just after the opening sign or a comma */
    size_t bound;       /* names bound before */
    uint32_t questions; /* '?' that still await their ':' */
} Level;

typedef struct Bound {
    Name name;
    NameKind kind;
    uint32_t shadows; /* index + 1 of the older binding of this name */
    bool index, dead; /* of a reduction; its bracket is closed */
} Bound;

typedef struct Defined {
    NameKind kind, before; /* before: what the scope said when it was defined */
    Name *params;
    size_t count;
    bool gone;
} Defined;

typedef enum FilterMode {
    MODE_START,
    MODE_BODY,
    MODE_COMMAND,
    MODE_RULE_HEAD,
    MODE_RULE,
    MODE_DONE
} FilterMode;

typedef enum CommandPhase {
    PHASE_ITEMS,
    PHASE_CLAUSE,
    PHASE_OPTION, /* after NAME = value, a flag or a file name */
    PHASE_METHODS
} CommandPhase;

struct Filter {
    Names *names;
    const Scope *scope;
    const Source *source;
    Fold fold;
    Scan scan;
    Arena *arena;
    Diags *diags;

    /* the statement */
    FilterMode mode;
    bool expression; /* no statement, just an expression */
    bool started, failed;
    bool nested;         /* after the ':' of sweep */
    uint32_t first, end; /* typed: where it began, just after the last token */
    uint32_t counted;    /* up to here lines were counted */
    size_t line;         /* the line of `counted` */
    Operand last;
    TokenKind emitted; /* the last token handed on */
    TokenKind scanned; /* the last token of the scanner */
    bool space;        /* before the token being read, newlines included */
    bool line_start;   /* in a rule */
    bool want_equals;  /* a name was told apart by the = that comes now */
    TokenKind equals;  /* as which token it is handed on; T_BAD: not at all */
    bool value_start;  /* of an option: a bare word may come */
    Name value_of;
    bool expect_method;
    Name method; /* whose options may come, in lists of methods */

    /* the command */
    const CommandSyntax *row;
    Span word_span;
    CommandPhase phase;
    Name clause;
    bool tail;       /* just after the command word */
    bool range_seen; /* in this item: log, linear may come */
    bool expect_file, expect_text;

    Level *level;
    size_t levels, level_cap;
    size_t brackets; /* of them ( and [ */

    Token *out;
    size_t head, tail_out, out_cap;

    Bound *bound;
    size_t bounds, bound_cap;
    uint32_t *bound_slot; /* by Name: index + 1 of the newest binding */
    size_t bound_slots;
    Name function; /* being defined, its parameters in params */
    Name *params;
    size_t param_count, param_cap;

    Defined *defined;
    size_t definitions, defined_cap;
    uint32_t *defined_slot; /* by Name */
    size_t defined_slots;

    const char **echo;
    size_t echoes, echo_cap;

    Name name_where, name_x, name_pi, name_sum, name_prod, name_sqrt, name_inf, name_grad,
        name_hess, name_jac, name_diff, name_and, name_or, name_not, name_subject, name_by;
};

/* tokens.c */
void emit(Filter *f, Token t);
void emit_as(Filter *f, Token t, TokenKind kind);
void fail(Filter *f, Span span, const char *hint, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void echo(Filter *f, const char *format, ...) __attribute__((format(printf, 2, 3)));
void operand(Filter *f, OperandKind kind, const Token *t, bool plain);
void piece(Filter *f, PieceKind kind);
void no_operand(Filter *f); /* after an operator or a comma */
void reset_product(Filter *f);
Level *level_top(const Filter *f);
Level *level_push(Filter *f, LevelKind kind, const Token *t);

/* operators.c */
void read_sign(Filter *f, Token *t);
void read_operator(Filter *f, Token *t);
void read_caret(Filter *f, Token *t);
void read_comma(Filter *f, Token *t);
void read_question(Filter *f, Token *t);
void read_colon(Filter *f, Token *t);
void read_range(Filter *f, Token *t);
bool read_equals(Filter *f, const Token *t); /* false: refused */
void read_newline(Filter *f, Token *t);
void read_semicolon(Filter *f, Token *t);

/* looking ahead in folded text, without taking anything */
uint32_t peek_blank(const Filter *f, uint32_t at); /* past blanks */
char peek_char(const Filter *f, uint32_t at);      /* 0 at the end */
bool peek_is_equals(const Filter *f, uint32_t at); /* = but not ==, after blanks */
uint32_t peek_word(const Filter *f, uint32_t at);  /* end of the name that starts here, or `at` */
bool peek_is_name_equals(const Filter *f, uint32_t at);

/* start.c */
bool start_statement(Filter *f, Token *t); /* true: the token was used up */
void start_rule_line(Filter *f, Token *t);
bool name_is_fixed(const Filter *f, Name name);
const CommandSyntax *filter_command(const Filter *f, const char *text, size_t len);

/* commandwords.c */
bool in_command_words(const Filter *f); /* words of the command may stand here */
bool command_word(Filter *f, Token *t);
bool command_item_start(Filter *f, Token *t);
void read_subject(Filter *f, Token *t);
bool list_has(const char *list, const char *text, size_t len);
bool is_clause_word(const Filter *f, const char *text, size_t len);
void fail_word(Filter *f, const Token *t);

/* products.c */
bool product(Filter *f, const Token *t, const char *shown); /* false: refused */
bool times_bracket(Filter *f, const Token *t);              /* the same before '(' after a name */
bool read_function_power(Filter *f, Token *t); /* sin^2(x): true when the token was used up */

/* brackets.c */
void read_open(Filter *f, Token *t);
void read_close(Filter *f, Token *t);
void read_brace(Filter *f, Token *t);
void read_bar(Filter *f, Token *t);
void fail_open_bar(Filter *f, const Level *l);

/* readnames.c */
void read_name(Filter *f, Token *t);
void read_function(Filter *f, Token *t, Name name);
/* The known variables that make up an unknown name: 0 none, 1 more than one way, else how many;
 * cut[i] is where the i-th ends. */
size_t split_name(const Filter *f, const char *text, size_t len, uint8_t cut[64]);
bool name_is_method(const Filter *f, const Token *t);
void bind_params(Filter *f, Name function);

/* derivatives.c */
bool derivative_asked(void *context, const char *text, size_t len);
void read_derivative(Filter *f, Token *t);

/* known.c */
void bind(Filter *f, Name name, NameKind kind, bool index);
void unbind_indices(Filter *f, size_t from);
void unbind_all(Filter *f);
bool is_bound(const Filter *f, Name name);
const char *nearest_name(Filter *f, const char *text, size_t len);

#endif
