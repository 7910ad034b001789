/* Loads the module of balls on first use. */
#include <dlfcn.h>

#include "base/module.h"
#include "eval/balls.h"

const NumberKind *balls_load(const char **why) {
    void *module = module_open("balls");
    const NumberKind *res = module ? dlsym(module, "number_ball") : NULL;
    if (res && res->version != NUMBER_KIND_VERSION)
        res = NULL;
    if (!res && why)
        *why = "without Arb nothing beyond doubles is certain: apt-get install libflint-arb-dev, then make again";
    return res;
}
