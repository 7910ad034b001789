/* The grammar of plumb's statements.  The token filter has settled all that depends on names, so
 * this is context-free and needs no precedences.  Actions build trees in the statement's arena and
 * do nothing else, so a prefix may be parsed freely for completion. */
%require "3.8"
%define api.pure full
%define api.push-pull push
%define api.prefix {gram_}
%define api.token.prefix {TOK_}
%define api.location.type {Span}
%locations
%define parse.error custom
%define parse.lac full
%expect 0
%param {Parse *p}

%code requires {
#include "parser/grammar.h"
}

%code {
#include <stdlib.h>

#define YYLLOC_DEFAULT(res, rhs, n)                                                                \
    (res) = (n) ? span_of(YYRHSLOC(rhs, 1).start, YYRHSLOC(rhs, n).end)                            \
                : span_of(YYRHSLOC(rhs, 0).end, YYRHSLOC(rhs, 0).end)
/* plumb's own limit on depth comes before the parser's. */
#define YYMAXDEPTH 24000
#define DEPTH_MAX 10000

static void gram_error(const Span *span, Parse *p, const char *message);
}

%union {
    Word word;
    Ast *ast;
    AstList *list;
}

%token <word> NUMBER NAME STRING FIELD SUP DERIV PRIME PLUS MINUS STAR SLASH CARET REL ASSIGN EQ
    COMMA SEMI NEWLINE COLON QUESTION RANGE LPAREN RPAREN LBRACKET RBRACKET LBRACE RBRACE FILE
    TEXT TIMES FUNC DIFF GRAD FNPOW CALL FNCLOSE INDEX ROW BAROPEN BARCLOSE NORMOPEN NORMCLOSE
    ROOT AND OR NOT NAMED TARGET DEFINE WHERE COMMAND KEYWORD FLAG OPTION SETTING BY METHOD SCALE
    WRITE RULE STATE CITE

%type <ast> what body expr or and not compare sum term unary power exponent postfix root primary
%type <ast> fn fn1 arg row item value binding command clause method1 methodopt line param dim colon
%type <list> chain args rows exprs items clauses bindings lines line1 params dims methods methodopts
%type <list> ruleopts

%%

statement: what NEWLINE     { p->tree = $what; }
    | what SEMI             { p->tree = $what; p->silenced = true; }
    ;

what: %empty                { $$ = ast_leaf(p->arena, AST_EMPTY, @$); }
    | body
    | TARGET ASSIGN body    {
        $$ = ast_named(p->arena, AST_LET, @$, $TARGET.name, @TARGET, $body);
        $$->op = $ASSIGN.aux;
    }
    | DEFINE CALL params RPAREN ASSIGN body {
        $$ = ast_list(p->arena, AST_DEF, @$, $body, $params);
        $$->name = $DEFINE.name;
        $$->name_span = @DEFINE;
        $$->op = $ASSIGN.aux == T_COLON_EQUAL;
    }
    | command
    | RULE NAME ruleopts LBRACE lines RBRACE {
        AstList *all = list_join(p->arena, $ruleopts, $lines);
        $$ = ast_list(p->arena, AST_RULE, @$, NULL, all);
        $$->name = $NAME.name;
        $$->name_span = @NAME;
        $$->op = $ruleopts ? $ruleopts->count : 0;
    }
    ;

body: expr
    | expr WHERE bindings   { $$ = ast_list(p->arena, AST_WHERE, @$, $expr, $bindings); }
    ;

bindings: binding           { $$ = list_add(p->arena, NULL, $binding); }
    | bindings COMMA binding { $$ = list_add(p->arena, $1, $binding); }
    ;

binding: NAMED EQ expr      { $$ = ast_named(p->arena, AST_NAMED, @$, $NAMED.name, @NAMED, $expr); }
    ;

params: param               { $$ = list_add(p->arena, NULL, $param); }
    | params COMMA param    { $$ = list_add(p->arena, $1, $param); }
    ;

param: NAME                 { $$ = ast_named(p->arena, AST_PARAM, @$, $NAME.name, @NAME, NULL); }
    | NAME INDEX dims RBRACKET {
        $$ = ast_list(p->arena, AST_PARAM, @$, NULL, $dims);
        $$->name = $NAME.name;
        $$->name_span = @NAME;
    }
    ;

dims: dim                   { $$ = list_add(p->arena, NULL, $dim); }
    | dims COMMA dim        { $$ = list_add(p->arena, $1, $dim); }
    ;

dim: NAME                   { $$ = ast_name(p->arena, @$, $NAME.name); }
    | NUMBER                { $$ = ast_number(p->arena, @$, $NUMBER.text, $NUMBER.len); }
    ;

/* Expressions */

expr: or
    | or QUESTION expr[yes] COLON expr[no] {
        AstList *rest = list_add(p->arena, list_add(p->arena, NULL, $yes), $no);
        $$ = ast_list(p->arena, AST_IF, @$, $or, rest);
    }
    ;

or: and
    | or[left] OR and       { $$ = ast_two(p->arena, AST_OR, @$, $left, $and); }
    ;

and: not
    | and[left] AND not     { $$ = ast_two(p->arena, AST_AND, @$, $left, $not); }
    ;

not: compare
    | NOT not[inner]        { $$ = ast_one(p->arena, AST_NOT, @$, $inner); }
    ;

compare: sum
    | chain                 { $$ = ast_relation(p->arena, @$, $chain); }
    ;

chain: sum[left] REL sum[right] {
        $$ = list_add_op(p->arena, list_add(p->arena, NULL, $left), $right, (uint8_t)$REL.aux);
    }
    | chain[left] REL sum   { $$ = list_add_op(p->arena, $left, $sum, (uint8_t)$REL.aux); }
    ;

sum: term
    | sum[left] PLUS term   { $$ = ast_two(p->arena, AST_ADD, @$, $left, $term); }
    | sum[left] MINUS term  { $$ = ast_two(p->arena, AST_SUB, @$, $left, $term); }
    ;

term: unary
    | term[left] STAR unary  { $$ = ast_two(p->arena, AST_MUL, @$, $left, $unary); }
    | term[left] SLASH unary { $$ = ast_two(p->arena, AST_DIV, @$, $left, $unary); }
    | term[left] TIMES unary { $$ = ast_two(p->arena, AST_MUL, @$, $left, $unary); }
    ;

unary: power
    | MINUS unary[inner]    { $$ = ast_one(p->arena, AST_NEG, @$, $inner); }
    | PLUS unary[inner]     { $$ = $inner; }
    ;

power: postfix
    | postfix CARET exponent { $$ = ast_two(p->arena, AST_POW, @$, $postfix, $exponent); }
    ;

exponent: power
    | MINUS power           { $$ = ast_one(p->arena, AST_NEG, @$, $power); }
    | PLUS power            { $$ = $power; }
    ;

postfix: root
    | postfix[base] SUP     {
        Ast *raised = ast_raised(p->arena, @SUP, $SUP.text, $SUP.len);
        $$ = ast_two(p->arena, AST_POW, @$, $base, raised);
    }
    ;

root: primary
    | ROOT root[inner] {
        $$ = ast_two(p->arena, AST_CALL, @$, ast_name(p->arena, @ROOT, p->name_sqrt), $inner);
    }
    ;

primary: NUMBER             { $$ = ast_number(p->arena, @$, $NUMBER.text, $NUMBER.len); }
    | NAME                  { $$ = ast_name(p->arena, @$, $NAME.name); }
    | fn
    | fn CALL args RPAREN   { $$ = ast_list(p->arena, AST_CALL, @$, $fn, $args); }
    | FUNC FNPOW CALL args RPAREN {
        Ast *call = ast_list(p->arena, AST_CALL, @$, ast_name(p->arena, @FUNC, $FUNC.name), $args);
        Ast *raised = ast_raised(p->arena, @FNPOW, $FNPOW.text, $FNPOW.len);
        $$ = ast_two(p->arena, AST_POW, @$, call, raised);
    }
    | primary[array] INDEX exprs RBRACKET {
        $$ = ast_list(p->arena, AST_INDEX, @$, $array, $exprs);
    }
    | primary[whole] FIELD {
        $$ = ast_named(p->arena, AST_FIELD, @$, $FIELD.name, @FIELD, $whole);
    }
    | LPAREN expr RPAREN    { $$ = $expr; $$->bracketed = true; }
    | LPAREN expr WHERE bindings RPAREN {
        $$ = ast_list(p->arena, AST_WHERE, span_join(@expr, @bindings), $expr, $bindings);
        $$->bracketed = true;
    }
    | LPAREN expr COMMA exprs RPAREN { $$ = ast_list(p->arena, AST_VEC, @$, $expr, $exprs); }
    | LBRACKET row RBRACKET { $$ = $row; $$->span = @$; }
    | LBRACKET rows ROW row RBRACKET {
        $$ = ast_list(p->arena, AST_VEC, @$, NULL, list_add(p->arena, $rows, $row));
    }
    | BAROPEN expr BARCLOSE { $$ = ast_bars(p->arena, @BAROPEN, $expr, @BARCLOSE, false); }
    | NORMOPEN expr NORMCLOSE { $$ = ast_bars(p->arena, @NORMOPEN, $expr, @NORMCLOSE, true); }
    ;

exprs: expr                 { $$ = list_add(p->arena, NULL, $expr); }
    | exprs[before] COMMA expr { $$ = list_add(p->arena, $before, $expr); }
    ;

row: exprs                  { $$ = ast_list(p->arena, AST_VEC, @$, NULL, $exprs); }
    ;

rows: row                   { $$ = list_add(p->arena, NULL, $row); }
    | rows[before] ROW row  { $$ = list_add(p->arena, $before, $row); }
    ;

fn: fn1
    | GRAD fn[inner]        { $$ = ast_one(p->arena, (AstKind)(AST_GRAD + $GRAD.aux), @$, $inner); }
    | GRAD LPAREN expr RPAREN {
        $expr->bracketed = true;
        $$ = ast_one(p->arena, (AstKind)(AST_GRAD + $GRAD.aux), @$, $expr);
    }
    ;

fn1: FUNC                   { $$ = ast_name(p->arena, @$, $FUNC.name); }
    | DERIV                 { $$ = ast_derivative(p->arena, @$, &$DERIV); }
    | fn1[inner] PRIME      { $$ = ast_one(p->arena, AST_PRIME, @$, $inner); }
    | LPAREN fn FNCLOSE     { $$ = $fn; $$->bracketed = true; }
    | DIFF CALL args RPAREN { $$ = ast_list(p->arena, AST_DIFF, @$, NULL, $args); }
    ;

args: arg                   { $$ = list_add(p->arena, NULL, $arg); }
    | args[before] COMMA arg { $$ = list_add(p->arena, $before, $arg); }
    ;

arg: expr
    | NAMED EQ expr         { $$ = ast_named(p->arena, AST_NAMED, @$, $NAMED.name, @NAMED, $expr); }
    | NAMED EQ expr[from] RANGE expr[to] {
        Ast *range = ast_two(p->arena, AST_RANGE, span_join(@from, @to), $from, $to);
        $$ = ast_named(p->arena, AST_NAMED, @$, $NAMED.name, @NAMED, range);
    }
    ;

/* Commands: one rule for all, what an item must be is the command's own check. */

command: COMMAND clauses colon {
        AstList *all = $colon ? list_add(p->arena, $clauses, $colon) : $clauses;
        $$ = ast_list(p->arena, AST_COMMAND, @$, NULL, all);
        $$->name = $COMMAND.name;
        $$->name_span = @COMMAND;
    }
    | COMMAND items clauses colon {
        AstList *all = list_join(p->arena, $items, $clauses);
        all = $colon ? list_add(p->arena, all, $colon) : all;
        $$ = ast_list(p->arena, AST_COMMAND, @$, NULL, all);
        $$->name = $COMMAND.name;
        $$->name_span = @COMMAND;
        $$->op = $items->count;
    }
    ;

items: item                 { $$ = list_add(p->arena, NULL, $item); }
    | items[before] COMMA item { $$ = list_add(p->arena, $before, $item); }
    ;

item: value
    | FILE                  { $$ = ast_text(p->arena, AST_FILE, @$, $FILE.text, $FILE.len); }
    | TEXT                  { $$ = ast_text(p->arena, AST_TEXT, @$, $TEXT.text, $TEXT.len); }
    | expr EQ value         { $$ = ast_two(p->arena, AST_EQUATION, @$, $expr, $value); }
    | NAMED EQ value {
        $$ = ast_named(p->arena, AST_NAMED, @$, $NAMED.name, @NAMED, $value);
    }
    | SETTING               { $$ = ast_name(p->arena, @$, $SETTING.name); }
    | SETTING value {
        $$ = ast_named(p->arena, AST_OPTION, @$, $SETTING.name, @SETTING, $value);
    }
    ;

value: expr
    | STRING                { $$ = ast_string(p->arena, @$, $STRING.text, $STRING.len); }
    | expr[from] RANGE expr[to] { $$ = ast_two(p->arena, AST_RANGE, @$, $from, $to); }
    | expr[from] RANGE expr[to] SCALE {
        Ast *range = ast_two(p->arena, AST_RANGE, span_join(@from, @to), $from, $to);
        $$ = ast_named(p->arena, AST_SCALE, @$, $SCALE.name, @SCALE, range);
    }
    | expr[from] RANGE expr[to] SCALE unary {
        Ast *range = ast_two(p->arena, AST_RANGE, span_join(@from, @to), $from, $to);
        $$ = ast_two(p->arena, AST_SCALE, @$, range, $unary);
        $$->name = $SCALE.name;
        $$->name_span = @SCALE;
    }
    ;

clauses: %empty             { $$ = NULL; }
    | clauses[before] clause { $$ = list_add(p->arena, $before, $clause); }
    ;

clause: KEYWORD items       {
        $$ = ast_list(p->arena, AST_CLAUSE, @$, NULL, $items);
        $$->name = $KEYWORD.name;
        $$->name_span = @KEYWORD;
    }
    | BY method1            { $$ = ast_named(p->arena, AST_CLAUSE, @$, p->name_by, @BY, $method1); }
    | FLAG                  { $$ = ast_named(p->arena, AST_FLAG, @$, $FLAG.name, @FLAG, NULL); }
    | OPTION EQ value {
        $$ = ast_named(p->arena, AST_OPTION, @$, $OPTION.name, @OPTION, $value);
    }
    | WHERE bindings        {
        $$ = ast_list(p->arena, AST_CLAUSE, @$, NULL, $bindings);
        $$->name = p->name_where;
        $$->name_span = @WHERE;
    }
    | WRITE FILE            {
        $$ = ast_text(p->arena, AST_FILE, @$, $FILE.text, $FILE.len);
        $$->op = 1;
    }
    ;

method1: METHOD {
        $$ = ast_named(p->arena, AST_METHOD, @$, $METHOD.name, @METHOD, NULL);
    }
    | METHOD CALL bindings RPAREN {
        list_rename($bindings, AST_OPTION);
        $$ = ast_list(p->arena, AST_METHOD, @$, NULL, $bindings);
        $$->name = $METHOD.name;
        $$->name_span = @METHOD;
    }
    ;

colon: %empty               { $$ = NULL; }
    | COLON methods         {
        $$ = ast_list(p->arena, AST_CLAUSE, @$, NULL, $methods);
        $$->name = p->name_colon;
        $$->name_span = @COLON;
    }
    | COLON command {
        $$ = ast_named(p->arena, AST_CLAUSE, @$, p->name_colon, @COLON, $command);
    }
    ;

methods: method1 methodopts {
        $$ = list_add(p->arena, NULL, ast_more(p->arena, $method1, @$, $methodopts));
    }
    | methods[before] COMMA method1 methodopts {
        Span span = span_join(@method1, @methodopts);
        $$ = list_add(p->arena, $before, ast_more(p->arena, $method1, span, $methodopts));
    }
    ;

methodopts: %empty          { $$ = NULL; }
    | methodopts[before] methodopt { $$ = list_add(p->arena, $before, $methodopt); }
    ;

methodopt: OPTION EQ value {
        $$ = ast_named(p->arena, AST_OPTION, @$, $OPTION.name, @OPTION, $value);
    }
    ;

/* Rules */

ruleopts: %empty            { $$ = NULL; }
    | LPAREN bindings RPAREN { $$ = $bindings; list_rename($$, AST_OPTION); }
    ;

lines: line1
    | lines[before] NEWLINE line1 { $$ = list_join(p->arena, $before, $line1); }
    | lines[before] SEMI line1 { $$ = list_join(p->arena, $before, $line1); }
    ;

line1: %empty               { $$ = NULL; }
    | line                  { $$ = list_add(p->arena, NULL, $line); }
    | STRING {
        $$ = list_add(p->arena, NULL, ast_string(p->arena, @$, $STRING.text, $STRING.len));
    }
    | STRING line           {
        Ast *text = ast_string(p->arena, @STRING, $STRING.text, $STRING.len);
        $$ = list_add(p->arena, list_add(p->arena, NULL, text), $line);
    }
    ;

line: CITE STRING           {
        Ast *text = ast_string(p->arena, @STRING, $STRING.text, $STRING.len);
        $$ = ast_one(p->arena, AST_CITE, @$, text);
    }
    | STATE bindings        { $$ = ast_list(p->arena, AST_STATE, @$, NULL, $bindings); }
    | TARGET ASSIGN expr    {
        $$ = ast_named(p->arena, AST_LET, @$, $TARGET.name, @TARGET, $expr);
        $$->op = $ASSIGN.aux;
    }
    ;

%%

/* The tokens' numbers in the generated parser. */
static const int code_of[T_KINDS] = {
    [T_NUMBER] = TOK_NUMBER, [T_NAME] = TOK_NAME, [T_STRING] = TOK_STRING, [T_FIELD] = TOK_FIELD,
    [T_SUP] = TOK_SUP, [T_DERIV] = TOK_DERIV, [T_PRIME] = TOK_PRIME, [T_PLUS] = TOK_PLUS,
    [T_MINUS] = TOK_MINUS, [T_STAR] = TOK_STAR, [T_SLASH] = TOK_SLASH, [T_CARET] = TOK_CARET,
    [T_REL] = TOK_REL, [T_ASSIGN] = TOK_ASSIGN, [T_EQ] = TOK_EQ, [T_COMMA] = TOK_COMMA,
    [T_SEMI] = TOK_SEMI, [T_NEWLINE] = TOK_NEWLINE, [T_COLON] = TOK_COLON,
    [T_QUESTION] = TOK_QUESTION, [T_RANGE] = TOK_RANGE, [T_LPAREN] = TOK_LPAREN,
    [T_RPAREN] = TOK_RPAREN, [T_LBRACKET] = TOK_LBRACKET, [T_RBRACKET] = TOK_RBRACKET,
    [T_LBRACE] = TOK_LBRACE, [T_RBRACE] = TOK_RBRACE, [T_FILE] = TOK_FILE, [T_TEXT] = TOK_TEXT,
    [T_TIMES] = TOK_TIMES, [T_FUNC] = TOK_FUNC, [T_DIFF] = TOK_DIFF, [T_GRAD] = TOK_GRAD,
    [T_FNPOW] = TOK_FNPOW, [T_CALL] = TOK_CALL, [T_FNCLOSE] = TOK_FNCLOSE, [T_INDEX] = TOK_INDEX,
    [T_ROW] = TOK_ROW, [T_BAROPEN] = TOK_BAROPEN, [T_BARCLOSE] = TOK_BARCLOSE,
    [T_NORMOPEN] = TOK_NORMOPEN, [T_NORMCLOSE] = TOK_NORMCLOSE, [T_ROOT] = TOK_ROOT,
    [T_AND] = TOK_AND, [T_OR] = TOK_OR, [T_NOT] = TOK_NOT, [T_NAMED] = TOK_NAMED,
    [T_TARGET] = TOK_TARGET, [T_DEFINE] = TOK_DEFINE, [T_WHERE] = TOK_WHERE,
    [T_COMMAND] = TOK_COMMAND, [T_KEYWORD] = TOK_KEYWORD, [T_FLAG] = TOK_FLAG,
    [T_OPTION] = TOK_OPTION, [T_SETTING] = TOK_SETTING, [T_BY] = TOK_BY, [T_METHOD] = TOK_METHOD,
    [T_SCALE] = TOK_SCALE, [T_WRITE] = TOK_WRITE, [T_RULE] = TOK_RULE, [T_STATE] = TOK_STATE,
    [T_CITE] = TOK_CITE,
};

static void gram_error(const Span *span, Parse *p, const char *message) {
    (void)span, (void)p, (void)message; /* only for exhausted memory; grammar_push tells */
}

static int yyreport_syntax_error(const yypcontext_t *context, Parse *p) {
    yysymbol_kind_t kind[YYNTOKENS];
    int count = yypcontext_expected_tokens(context, kind, YYNTOKENS);
    bool expected[T_KINDS] = {false};
    for (int i = 0; i < count; i++)
        for (int k = 0; k < T_KINDS; k++)
            if (code_of[k] && YYTRANSLATE(code_of[k]) == kind[i])
                expected[k] = true;
    report_unexpected(p, expected);
    return 0;
}

struct gram_pstate *grammar_new(void) {
    gram_pstate *res = gram_pstate_new();
    if (!res)
        abort(); /* out of memory */
    return res;
}

void grammar_free(struct gram_pstate *m) {
    gram_pstate_delete(m);
}

GrammarState grammar_push(Parse *p) {
    const Token *t = &p->token;
    GRAM_STYPE value = {.word = {.text = t->text, .vars = t->vars, .name = t->name}};
    value.word.len = t->len;
    value.word.aux = t->aux;
    Span span = t->span;
    int code = t->kind == T_END ? TOK_YYEOF : code_of[t->kind];
    int status = gram_push_parse(p->machine, code, &value, &span, p);
    if (status == YYPUSH_MORE)
        return p->machine->yyssp - p->machine->yyss > DEPTH_MAX ? GRAMMAR_DEEP : GRAMMAR_MORE;
    return status == 0 ? GRAMMAR_DONE : status == 1 ? GRAMMAR_ERROR : GRAMMAR_DEEP;
}

bool grammar_accepts(struct gram_pstate *m, TokenKind kind) {
    return yy_lac(m->yyesa, &m->yyes, &m->yyes_capacity, m->yyssp, YYTRANSLATE(code_of[kind])) == 0;
}
