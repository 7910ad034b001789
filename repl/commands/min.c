/* min f from P by METHOD ...: one run. */
#include <math.h>

#include "repl/minimize.h"

extern const Command command_min;

static bool min_run(Task *t) {
    t->report->kind = "run";
    return minimize_run(t, &command_min, false);
}

const Command command_min = {
    .name = "min",
    .usage = "min f [from P] [by METHOD options] [in BOX] [steps=N] [tol=T]",
    .summary = "minimizes a function by one run of a method",
    .detail =
        "P is (1,2), or x=1, y=2; without it the run starts in the middle of the box, else at 1.\n"
        "BOX is x=-1..1, y=0..2: the point is put back into it after each step.\n"
        "Without by: adam lr=0.05. The run stops when the largest component of the gradient is below tol.\n"
        "Afterwards: ans.x, ans.f, ans.grad, ans.steps, ans.path. Methods: help methods.",
    .clauses = "from by in",
    .flags = "",
    .method_options = true,
    .options = {{"steps", 100000, "[0,9e15]", "at most so many steps"},
                {"tol", 1e-8, "[0,inf)", "stop when the largest |gradient| is below; 0: never"},
                {"timeout", 0, "[0,inf)", "seconds; 0: no limit"},
                {"gradient", NAN, "symbolic|numeric", "numeric: difference quotients"},
                {"h", 0, "(0,inf)", "step of the quotients of gradient=numeric"}},
    .examples = {"f(x,y) = (x-0.731)^2 + 3(y+2.385)^2; min f from (1,1) by gd lr=0.1",
                 "min f from x=1, y=1 by adam lr=0.05 steps=200", "min f in x=-1..0.5, y=-1..1",
                 "min f from (1,1) by gd lr=0.1/t steps=50 gradient=numeric h=1e-6"},
    .run = min_run,
};
