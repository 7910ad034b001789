/* What help says of the language.  Examples run, in order, in a fresh session (tests do). */
#include "repl/help.h"

const Topic help_topic_list[] = {
    {"numbers",
     "how numbers are written and shown",
     "1, .5, 1e-3. A decimal is that exact fraction in formulas and the nearest double in arithmetic.\n"
     "Results show the shortest digits that read back; set digits 6 shows fewer.\n"
     "pi, e, inf, nan are constants. A NaN or infinity says where it came from.",
     {"2pi", "1e-3 + .5", "log(-0.731)"}},
    {"operators",
     "+ - * / ^ and comparisons",
     "+ - * / ^ as usual; ^ goes right to left and before the minus: -x^2 is -(x^2). ** is ^.\n"
     "< <= > >= == != compare and give 1 or 0; 0 < x <= 1 is a chain; and, or, not join.\n"
     "|x| is the absolute value, ||v|| the norm. = defines, == compares.",
     {"-3^2", "x = 0.731; 0 < x <= 1 and x != 2", "|x - 2.385|"}},
    {"juxtaposition",
     "products without a sign: 2x, xy, (x+1)(y-1)",
     "Side by side means times: 2x, 2(x+1), (x+1)(y-1), x^2 y. xy is x*y when x and y are known and xy is\n"
     "not; plumb then tells how it read it. What can be read in two ways is refused with both: 1/2x.\n"
     "A number never stands on the right: write x*2 or 2x.",
     {"x = 0.731; y = 2.385; 2x + 3(x+1)(y-1)", "xy"}},
    {"variables",
     "a = 3, a += 1",
     "A variable holds a number, a vector or a matrix. += -= *= /= change it.\n"
     "Functions that use it see the change. ; at the end of a statement keeps it silent. vars lists all,\n"
     "undo takes the last change back.",
     {"a = 2.385", "a += 1", "b = a^2; b/2"}},
    {"functions",
     "f(x,y) = ..., and the built-in ones",
     "f(x,y) = (x-1)^2 + y^2 defines a function. f(x[3]) takes a vector of three, f(x[n]) one of any\n"
     "length, f(w[2,3]) a matrix. A name is looked up when the line is read; a new definition of a function\n"
     "changes all that use it. f alone prints it, f(1,2) is its value. A function may call itself if a\n"
     "choice ends it.",
     {"f(x,y) = (x-0.731)^2 + x*y", "f(1, 2)", "h(x[n]) = sum(i=1..n, i*x[i]^2); h(1, 2, 3)",
      "fact(n) = n <= 1 ? 1 : n*fact(n-1); fact(10)"}},
    {"vectors",
     "(1, 2, 3), v[2], vec(i=1..n, ...)",
     "(1, 2, 3) and [1, 2, 3] are the same vector, [1, 2; 3, 4] is a matrix. Elements count from 1: v[2],\n"
     "A[2,1]. Arithmetic goes element by element, a number spreads. dot(A, v) is the product of matrices,\n"
     "transpose, norm, len, fill(1, n), random(n) help. vec(i=1..n, i^2) makes a vector by formula.",
     {"v = (1, 2.5, 3); 2v + 1", "dot(v, v) - norm(v)^2", "A = [1, 2; 3, 4]; dot(A, (1, 2))",
      "vec(i=1..5, i^2)"}},
    {"reductions",
     "sum, prod, max, min over an index or a vector",
     "sum(i=1..n, body), and so prod, max, min. Of a vector: sum(v), max(v), min(v).\n"
     "An empty sum is 0, an empty product 1. They stay loops: a million terms are no larger than one.",
     {"sum(i=1..100, 1/i^2)", "v = (1, 2.5, 3); max(v) + sum(v)", "sum(i=1..3, sum(j=i..3, i*j))"}},
    {"choice",
     "if(c, a, b) and c ? a : b",
     "if(x > 0, x^2, -x), or x > 0 ? x^2 : -x. The branch not taken is not evaluated.",
     {"g(x) = if(x > 0, x^2, -x); g(-0.731)", "2 > 1 ? 10 : 20"}},
    {"derivatives",
     "f', df/dx, grad f, hess f, jac f, diff(...)",
     "Of one variable: f', f''. Of several: df/dx, d2f/dx2, d2f/dxdy, grad f, hess f; jac k of a vector.\n"
     "diff(x^2*y, x) differentiates an expression. Each is a function of the same arguments: alone it\n"
     "prints its formula, called it gives numbers. The formula can be typed back in.",
     {"f(x,y) = x^2*y + sin(y)", "df/dx", "grad f(0.731, 2.385)", "g(x) = x*exp(-x); g'",
      "g''(0.731)"}},
    {"where",
     "names inside one expression",
     "EXPR where t1 = .., t2 = .. names parts; the names are known there only.",
     {"t^2 + t where t = 0.731"}},
    {"ans",
     "the last result",
     "ans is the last value. After a run: ans.x, ans.f, ans.grad, ans.steps, ans.path. After at: ans.f,\n"
     "ans.grad, ans.hess. After check f: ans.symbolic, ans.numeric, ans.difference.",
     {"2.385^2", "ans + 1", "f(x) = (x-0.731)^2; min f from 3 by gd lr=0.1; ans.x"}},
    {"rule",
     "your own update rule",
     "rule NAME(option=default, ...) { lines } makes a method for by. The lines see x (the point), g (the\n"
     "gradient), f (the value), t (the step, from 1), n, the options, and the vectors after state; grad(p)\n"
     "is the gradient elsewhere. Assignments act in order. show adam prints a shipped one.",
     {"rule heavy(lr=0.01, b=0.9) { state v = 0;  v = b*v - lr*g;  x = x + v }",
      "f(x,y) = (x-0.731)^2 + 3(y+2.385)^2", "min f from (1,1) by heavy lr=0.02"}},
    {"scripts",
     "files of statements, exit statuses, JSON",
     "plumb FILE runs a script: one statement a line, # starts a comment, a line that cannot end goes on\n"
     "in the next. It stops at its first error; -k goes on. --json writes one object a statement.\n"
     "--safe runs a stranger's script: no other files, 10 seconds, 256 MiB; beyond that an error.\n"
     "Exit status: 0 all well, 1 an error, 2 wrong usage, 3 a check or assertion failed, 4 a run that did\n"
     "not converge, 5 a check undecided, 130 interrupted.",
     {"assert 2 + 2 == 4"}},
    {"prompt",
     "keys, history, the start-up file",
     "TAB completes, the arrows bring back what was typed. A statement that is not finished goes on after\n"
     "\". \"; an empty line or Ctrl-C ends it. Ctrl-C stops a run or a check, Ctrl-D leaves.\n"
     "History: $XDG_STATE_HOME/plumb/history. Start-up file: $XDG_CONFIG_HOME/plumb/init.plumb (-n: none).",
     {NULL}},
};

const size_t help_topic_count = sizeof help_topic_list / sizeof *help_topic_list;
