/* Finds and loads the module of balls: beside the program that was built, or installed with it. */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "eval/balls.h"

static const NumberKind *load(const char *path) {
    void *module = dlopen(path, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const NumberKind *kind = module ? dlsym(module, "number_ball") : NULL;
    /* once loaded it stays (RTLD_NODELETE); the handle is not needed again */
    if (module)
        dlclose(module);
    return kind && kind->version == NUMBER_KIND_VERSION ? kind : NULL;
}

const NumberKind *balls_load(const char **why) {
    static const char *const places[] = {"modules/balls.so", "../modules/balls.so", "../lib/plumb/balls.so"};
    char self[4096], path[4200];
    ssize_t len = readlink("/proc/self/exe", self, sizeof self - 1);
    const NumberKind *res = NULL;
    while (0 < len && self[len - 1] != '/')
        len--;
    for (size_t i = 0; i < sizeof places / sizeof *places && 0 < len && !res; i++) {
        snprintf(path, sizeof path, "%.*s%s", (int)len, self, places[i]);
        if (access(path, R_OK) == 0)
            res = load(path);
    }
    if (!res && why)
        *why = "a certain verdict needs balls: apt-get install libflint-arb-dev, then make again";
    return res;
}
