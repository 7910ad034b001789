/* The test problems of problems.def as data. */
#ifndef OPTIM_PROBLEMS_H
#define OPTIM_PROBLEMS_H

#include <stddef.h>

enum { PROBLEM_MOST = 6 };

typedef struct Problem {
    const char *name, *text, *source;
    size_t n;
    double start[PROBLEM_MOST];
    double least, lr;
} Problem;

extern const Problem problem_list[];
extern const size_t problem_count;

#endif
