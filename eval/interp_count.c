/* The interpreter that counts operations: the plain one, with a hook. */
#include "eval/interp.h"
#include "eval/interp_plain.h"

#define INTERP_NAME interp_run_counting
#define START main
#define HOOK (w->operations += op_cost[I->op])
#define COUNT_MORE(n) (w->operations += (n))
#include "eval/interp_body.h"
