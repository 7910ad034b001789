/* Modules: shared objects with what needs a library that plumb does without, loaded on first use. */
#ifndef BASE_MODULE_H
#define BASE_MODULE_H

/* Loads NAME.so from where the build or `make install` puts it, seen from the running program:
 * modules/, ../modules/, ../lib/plumb/.  Returns a handle for dlsym, which stays valid for the life
 * of the process, or NULL when there is no such module or its library is missing. */
void *module_open(const char *name);

#endif
