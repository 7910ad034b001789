/* quit: ends the session or the script. */
#include "repl/command.h"

static bool quit_run(Task *t) {
    t->report->kind = "command";
    t->in->quitting = true;
    return true;
}

const Command command_quit = {
    .name = "quit",
    .usage = "quit",
    .summary = "ends the session or the script",
    .clauses = "",
    .flags = "",
    .alone = true,
    .run = quit_run,
    .examples = {"quit"},
};
