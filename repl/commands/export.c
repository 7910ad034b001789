/* export f as c > FILE: a function in another language. */
#include <string.h>

#include "repl/command.h"
#include "repl/export.h"
#include "repl/files.h"
#include "repl/json.h"

static bool export_finish(Task *t, const Buf *text) {
    const Ast *file = command_file(t->tree);
    Report *r = t->report;
    if (!file) {
        buf_add(&r->text, buf_str(text), text->len);
        json_text(&r->json, "text", buf_str(text), text->len);
        return true;
    }
    Buf why;
    buf_init(&why);
    bool res = file_replace(file->text, text, &why);
    if (res) {
        buf_printf(&r->text, "written to %s\n", file->text);
        json_string(&r->json, "written", file->text);
    } else {
        diag_error(t->diags, file->span, NULL, "%s", buf_str(&why));
    }
    buf_done(&why);
    return res;
}

static bool export_run(Task *t) {
    t->report->kind = "export";
    const Ast *as = command_clause(t->tree, "as", t->in->names);
    if (command_items(t->tree) != 1 || !as) {
        diag_error(t->diags, t->tree->span, "for example: export f as c > f.c",
                   "export takes a function and a language: c, latex, python, json");
        return false;
    }
    Buf text;
    buf_init(&text);
    bool res = export_text(t, t->tree->kids[0], as, &text) && export_finish(t, &text);
    buf_done(&text);
    return res;
}

const Command command_export = {
    .name = "export",
    .usage = "export NAME as c [hessian] | python | json | latex [> FILE]",
    .summary = "a function and its gradient in another language",
    .detail =
        "c: a file that compiles alone (cc -O2 -ffp-contract=off f.c -lm) with f and f_gradient; they return\n"
        "the same numbers as plumb, to the last bit; with `hessian` also f_hessian and f_hessian_times (its\n"
        "product with a vector). Variables enter with the values that they have now. Bessel functions are\n"
        "GSL's: add -lgsl -lgslcblas.\n"
        "python: a module that needs NumPy alone, with f, grad_f and f_and_grad.\n"
        "json: the function and its gradient as a graph, for programs (docs/json.md).\n"
        "latex: the formula that the name alone prints. NAME is f, df/dx, grad f, hess f, ...",
    .clauses = "as",
    .flags = "hessian",
    .traits = COMMAND_WRITES,
    .run = export_run,
    .examples = {"f(x,y) = (1.5 - x + x*y)^2; export f as c", "export f as c hessian", "export f as python", "export f as json", "export df/dx as latex"},
};
