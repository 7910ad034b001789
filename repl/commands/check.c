/* check: a gradient against finite differences, or a derivative worked out by hand. */
#include "repl/command.h"
#include "repl/judge.h"

extern const Command command_check;

static bool check_run(Task *t) {
    t->report->kind = "check";
    const Ast *tree = t->tree;
    if (command_items(tree) != 1) {
        diag_error(t->diags, tree->span, "for example: check f at (1,2), or check df/dx = 2x",
                   "check takes one function, or one A = B");
        return false;
    }
    const Ast *item = tree->kids[0], *at = command_clause(tree, "at", t->in->names);
    bool claim = item->kind == AST_EQUATION ||
                 (item->kind == AST_REL && item->count == 2 && item->ops[0] == REL_EQ);
    double h = 0, digits = 0, timeout = 0;
    if (!command_number(t, &command_check, "digits", &digits) ||
        !command_number(t, &command_check, "timeout", &timeout))
        return false;
    if (claim) return judge_claim(t, item, at, digits, timeout);
    if (!command_number(t, &command_check, "h", &h)) return false;
    return judge_function(t, item, at, h);
}

const Command command_check = {
    .name = "check",
    .usage = "check f [at P] [h=..] | check df/dx = EXPR | check A = B [timeout=S]",
    .summary = "a gradient against finite differences, or yours against the derivative",
    .detail =
        "check f compares the symbolic gradient with difference quotients, one line a component, at P or\n"
        "at a random point of the domain; where doubles run out (1e20 + x^2), both in ball arithmetic, as\n"
        "the line then says. check df/dx = EXPR (grad f = (..), hess f = [..]) judges a claim. proved,\n"
        "refuted: for certain, by exact algebra or at a point shown; the slip is named (chain rule, sign,\n"
        "...) and mended where that can be proved. agrees, differs: within the error bounds of both, at 40\n"
        "random points; undecided: the bounds are too wide to tell, the proof was cut off by timeout= seconds\n"
        "(5, for all of a check), or it holds in part only, where x != 0, which is told. Where vectors have any length, check\n"
        "grad f = vec(k=1..n, EXPR) and check df/dx[k] = EXPR are proved for all n, refuted at an n that\n"
        "is named, or shown for n = 1..7 only, which counts as agrees; with at P the point's lengths\n"
        "count. After check f ans.symbolic, ans.numeric and ans.difference hold the columns.",
    .clauses = "at",
    .flags = "",
    .traits = COMMAND_FREE | COMMAND_EQUATION,
    .options = {{"h", 0, "(0,inf)",
                 "step of plain difference quotients; without it, Ridders' extrapolation"},
                {"digits", 0, "[0,17]",
                 "a claim's decimals of so many digits stand for the fractions that they round"},
                {"timeout", 5, "[0,inf)", "seconds for the proofs of a claim; 0: no limit"}},
    .examples = {"f(x,y) = (x-1)^2 + x*y^2; check f", "check f at (0.731, 2.385) h=1e-5",
                 "check df/dx = 2(x-1) + y^2", "check grad f = (2(x-1) + y^2, 2x*y)",
                 "check (x-1)(x+1) = x^2 - 1 timeout=10",
                 "g(x[n]) = sum(i=1..n, x[i]^2); check grad g = vec(k=1..n, 2x[k])"},
    .lacks = certain_lacks,
    .run = check_run,
};
