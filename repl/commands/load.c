/* load FILE: runs a script here. */
#include <string.h>

#include "repl/command.h"
#include "repl/files.h"
#include "repl/json.h"

enum { LOAD_DEPTH = 16 };

static bool load_text(Task *t, const Ast *file, const Buf *text) {
    Interp *in = t->in;
    unsigned before = in->outcome;
    in->outcome &= ~(unsigned)OUTCOME_ERROR;
    in->depth++;
    bool going = interp_run_text(in, file->text, buf_str(text), text->len, 1);
    in->depth--;
    bool failed = (in->outcome & OUTCOME_ERROR) != 0;
    in->outcome |= before;
    in->quitting = false; /* quit in a script ends the script */
    if (failed && !going) {
        diag_error(t->diags, file->span, NULL, "%s stopped at an error", file->text);
        return false;
    }
    return true;
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
    if (t->in->depth >= LOAD_DEPTH) {
        diag_error(t->diags, file->span, NULL, "scripts load each other %d deep; does one load itself?", LOAD_DEPTH);
        return false;
    }
    Buf text, why;
    buf_init(&text);
    buf_init(&why);
    bool res = file_read(file->text, &text, &why);
    if (!res)
        diag_error(t->diags, file->span, NULL, "%s", buf_str(&why));
    else
        res = load_text(t, file, &text);
    if (res) json_string(&t->report->json, "path", file->text);
    buf_done(&text);
    buf_done(&why);
    return res;
}

const Command command_load = {
    .name = "load",
    .usage = "load FILE",
    .summary = "runs a script here",
    .detail = "A name with spaces or other signs stands in quotes. The folder is the one plumb was started in.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_FILE,
    .run = load_run,
    .examples = {"a = 2.385; save \"my session.plumb\"; load \"my session.plumb\"; a"},
};
