/* A function and its gradient as Python. */
#include "eval/program_python.h"
#include "repl/export_parts.h"

bool export_python(Task *t, const Target *g, Buf *out) {
    Expr body = export_body(t, g);
    int rank = body ? expr_rank(t->in->store, body) : 3;
    if (2 < rank) {
        diag_error(t->diags, g->span, NULL, "%s is too large to be written as Python", g->name);
        return false;
    }
    Buf why, comment;
    buf_init(&why);
    buf_init(&comment);
    Program *value = export_compile_value(t, g, body);
    Program *gradient = value && rank == 0 ? export_compile_derivative(t, g, body, false, &why) : NULL;
    export_comment(t, g, &comment);
    if (why.len) buf_printf(&comment, "\nIt has no gradient: %s.", buf_str(&why));
    buf_clear(&why);
    PythonExport e = {value, gradient, export_name(t, g), buf_str(&comment)};
    bool res = value && program_write_python(&e, out, &why);
    if (value && !res) diag_error(t->diags, g->span, NULL, "%s", buf_str(&why));
    program_free(value);
    program_free(gradient);
    buf_done(&why);
    buf_done(&comment);
    return res;
}
