/* quit: ends the session or the script. */
#include "repl/command.h"

static bool quit_run(Task *t) {
    t->report->kind = "command";
    t->in->quitting = true;
    if (command_items(t->tree) == 0) return true;
    diag_error(t->diags, t->tree->kids[0]->span, NULL, "quit stands alone");
    t->in->quitting = false;
    return false;
}

const Command command_quit = {
    .name = "quit",
    .usage = "quit",
    .summary = "ends the session or the script",
    .clauses = "",
    .flags = "",
    .run = quit_run,
    .examples = {"quit"},
};
