/* load FILE: runs a script here. */
#include <string.h>

#include "repl/command.h"
#include "repl/json.h"

/* Runs it one level deeper; an error inside is an error here too. */
static bool load_file(Task *t, const Ast *file) {
    Interp *in = t->in;
    unsigned before = in->outcome;
    in->outcome &= ~(unsigned)OUTCOME_ERROR;
    Buf why;
    buf_init(&why);
    in->depth++;
    LoadStatus status = interp_load(in, file->text, &why);
    in->depth--;
    bool failed = (in->outcome & OUTCOME_ERROR) != 0;
    in->outcome |= before;
    in->quitting = false; /* quit in a script ends the script */
    if (status == LOAD_FAILED)
        diag_error(t->diags, file->span, NULL, "%s", buf_str(&why));
    else if (status == LOAD_STOPPED && failed)
        diag_error(t->diags, file->span, NULL, "%s stopped at an error", file->text);
    buf_done(&why);
    return t->diags->errors == 0;
}

static bool load_run(Task *t) {
    t->report->kind = "load";
    const Ast *file = command_file(t->tree);
    if (!file) {
        diag_error(t->diags, t->tree->span, "for example load my.plumb", "load needs a file name");
        return false;
    }
    size_t len = strlen(file->text);
    if (3 < len && strcmp(file->text + len - 3, ".so") == 0) {
        diag_error(t->diags, file->span, "a method can be written as a rule: help rule",
                   "this version loads scripts, not modules of methods");
        return false;
    }
    bool res = load_file(t, file);
    if (res) json_string(&t->report->json, "path", file->text);
    return res;
}

const Command command_load = {
    .name = "load",
    .usage = "load FILE",
    .summary = "runs a script here",
    .detail =
        "A name with spaces or other signs stands in quotes. The folder is the one plumb was started in.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_FILE,
    .run = load_run,
    .examples = {"a = 2.385; save \"my session.plumb\"; load \"my session.plumb\"; a"},
};
