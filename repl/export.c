/* Which language a function is written in; see export.h. */
#include "repl/export.h"

#include <string.h>

#include "repl/command.h"

static const struct {
    const char *name;
    bool (*write)(Task *t, const Target *g, Buf *out);
    bool hessian; /* may be asked for */
} export_targets[] = {{"c", export_c, true}, {"latex", export_latex, false}, {"python", export_python, false},
                      {"json", export_json, false}};

bool export_text(Task *t, const Ast *item, const Ast *as, Buf *out) {
    const Ast *word = as->count == 1 ? as->kids[0] : NULL;
    const char *name = word && word->kind == AST_NAME ? names_text(t->in->names, word->name) : "";
    for (size_t i = 0; i < sizeof export_targets / sizeof *export_targets; i++) {
        if (strcmp(export_targets[i].name, name) != 0) continue;
        if (!export_targets[i].hessian && command_flag(t->tree, "hessian", t->in->names)) {
            diag_error(t->diags, t->tree->span, "export f as c hessian; export hess f as latex",
                       "`hessian` goes with c");
            return false;
        }
        Target g;
        if (!target_read(t, item, NULL, NULL, &g)) return false;
        if (g.named) return export_targets[i].write(t, &g, out);
        diag_error(t->diags, item->span, "for example f, df/dx, grad f", "a function's name is needed here");
        return false;
    }
    diag_error(t->diags, as->span, NULL, "the languages are c, latex, python and json");
    return false;
}
