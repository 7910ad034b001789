/* The rows of problems.def. */
#include "optim/problems.h"

#include <math.h>

const Problem problem_list[] = {
#define PROBLEM(...) {__VA_ARGS__},
#include "optim/problems.def"
#undef PROBLEM
};
const size_t problem_count = sizeof problem_list / sizeof *problem_list;
