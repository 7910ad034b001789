/* What one statement has to say: its kind, its text for people, its members for programs.  A format
 * (repl/formats/NAME.c) decides which of them is written. */
#ifndef REPL_REPORT_H
#define REPL_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/diag.h"

typedef struct Report {
    const char *kind; /* "value", "run", ...: docs/json.md lists them; static text */
    size_t line;      /* of the statement's start, or of the fault */
    const char *file; /* NULL unless it is another than the script named */
    Buf text;         /* lines for people, each with its newline */
    Buf json;         /* members after line and kind, without braces */
    Buf notes;        /* JSON array elements: what was said beside the result */
    Buf readings;     /* JSON array elements: "xy as x*y" */
    bool silenced;    /* the statement ended in ';': nothing for people */
    double seconds;   /* below 0: not to be said */
} Report;

void report_init(Report *r);
void report_done(Report *r);
/* Ready for the next statement. */
void report_clear(Report *r);
/* A line beside the result: on its own line for people, in "notes" for programs. */
void report_note(Report *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A way to write results. */
typedef struct Format {
    const char *name, *summary;
    /* Appends the report to `out`. */
    void (*write)(Buf *out, const Report *r);
} Format;

/* Every format, generated from repl/formats/. */
extern const Format *const format_list[];
extern const size_t format_count;
const Format *format_find(const char *name);

#endif
