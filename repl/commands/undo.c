/* undo: takes back the last definition, assignment or setting. */
#include "repl/command.h"

static bool undo_run(Task *t) {
    t->report->kind = "command";
    if (undo_back(t)) return true;
    diag_error(t->diags, t->tree->span, NULL, "there is nothing to take back");
    return false;
}

const Command command_undo = {
    .name = "undo",
    .usage = "undo",
    .summary = "takes back the last definition, assignment or setting",
    .detail = "Said again, it takes back the one before.",
    .clauses = "",
    .flags = "",
    .alone = true,
    .run = undo_run,
    .examples = {"a = 2.385; a = 3; undo"},
};
