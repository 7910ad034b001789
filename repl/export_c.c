/* A function and its derivatives as C. */
#include "eval/program_c.h"
#include "repl/command.h"
#include "repl/export_parts.h"

bool export_c(Task *t, const Target *g, Buf *out) {
    Expr body = export_body(t, g);
    bool hessian = command_flag(t->tree, "hessian", t->in->names);
    int rank = body ? expr_rank(t->in->store, body) : 3;
    if (2 < rank || (hessian && 0 < rank)) {
        diag_error(t->diags, g->span, NULL, 2 < rank ? "%s is too large to be written as C"
                                                     : "%s is no number, so it has no Hessian", g->name);
        return false;
    }
    Buf why, comment;
    buf_init(&why);
    buf_init(&comment);
    Program *value = export_compile_value(t, g, body);
    Program *gradient = value && rank == 0 ? export_compile_derivative(t, g, body, false, &why) : NULL;
    Program *times = gradient && hessian ? export_compile_derivative(t, g, body, true, &why) : NULL;
    export_comment(t, g, &comment);
    if (why.len && !hessian) buf_printf(&comment, "\nIt has no gradient: %s.", buf_str(&why));
    bool res = value && (why.len == 0 || !hessian);
    if (res) {
        buf_clear(&why);
        CExport e = {value, gradient, times, export_name(t, g), buf_str(&comment)};
        res = program_write_c(&e, out, &why);
    }
    if (value && !res) diag_error(t->diags, g->span, NULL, "%s", buf_str(&why));
    program_free(value);
    program_free(gradient);
    program_free(times);
    buf_done(&why);
    buf_done(&comment);
    return res;
}
