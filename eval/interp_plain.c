/* The plain interpreter. */
#include "eval/interp.h"
#include "eval/interp_plain.h"

#define INTERP_NAME interp_run
#define START plain
#define HOOK ((void)0)
#define COUNT_MORE(n) ((void)0)
#include "eval/interp_body.h"
