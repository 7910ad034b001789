/* max f from P by METHOD ...: one run uphill. */
#include <math.h>

#include "repl/minimize.h"

extern const Command command_max;

static bool max_run(Task *t) {
    t->report->kind = "run";
    return minimize_run(t, &command_max, true);
}

const Command command_max = {
    .name = "max",
    .usage = "max f [from P] [by METHOD options] [in BOX] [steps=N] [tol=T]",
    .summary = "maximizes a function by one run of a method",
    .detail = "As min, uphill: the method is given -f and its gradient.",
    .clauses = "from by in",
    .flags = "",
    .method_options = true,
    .options = {{"steps", 100000, "[0,9e15]", "at most so many steps"},
                {"tol", 1e-8, "[0,inf)", "stop when the largest |gradient| is below; 0: never"},
                {"timeout", 0, "[0,inf)", "seconds; 0: no limit"},
                {"gradient", NAN, "symbolic|numeric", "numeric: difference quotients"},
                {"h", 0, "(0,inf)", "step of the quotients of gradient=numeric"}},
    .examples = {"g(x) = 1 - (x-2.385)^2; max g from 0.5 by gd lr=0.2"},
    .run = max_run,
};
