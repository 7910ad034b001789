/* Help: an overview, and a text for every command, function, method, setting and language topic. */
#ifndef REPL_HELP_H
#define REPL_HELP_H

#include "repl/interp.h"

/* A topic of the language: a text and examples that run. */
typedef struct Topic {
    const char *name, *summary, *text;
    const char *examples[8];
} Topic;

extern const Topic help_topic_list[];
extern const size_t help_topic_count;

/* A page that says where to start. */
void help_overview(Interp *in, Buf *out);
/* Help on one word; false if there is none (then *near may hold the nearest topic). */
bool help_on(Interp *in, const char *topic, Buf *out, const char **near);
/* Calls `each` for everything that help knows. */
void help_topics(Interp *in, void (*each)(void *to, const char *name), void *to);

#endif
