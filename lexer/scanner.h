/* The scanner's own state, shared by scan.l and the token filter. */
#ifndef LEXER_SCANNER_H
#define LEXER_SCANNER_H

#include "base/diag.h"
#include "lexer/fold.h"
#include "lexer/token.h"

typedef struct Scan {
    const Fold *fold;
    const Source *source;
    Diags *diags;       /* where refused characters are told; set for each statement */
    uint32_t at, after; /* of the token being read, in folded text */
    uint32_t continued; /* just after the last '\\' that continues a line */
    uint32_t braces;    /* while a rule is skipped: how many are open */
    /* Is this text, all of the form d2f/dxdy, a derivative?  If not it is read as plain names. */
    bool (*derivative)(void *context, const char *text, size_t len);
    void *context;
    void *machine; /* flex's */
    char *buffer;  /* flex's copy of the text */
    void *state;   /* flex's YY_BUFFER_STATE */
} Scan;

/* Starts reading the folded text, which stays borrowed. */
void scan_open(Scan *s, const Fold *fold, const Source *source);
void scan_close(Scan *s);
/* The next token.  A refused character is reported in s->diags and comes as T_BAD. */
Token scan_read(Scan *s);
/* What comes next is a file name; the rest of the line. */
void scan_expect_file(Scan *s);
void scan_expect_text(Scan *s);
/* Drops the rest of the line; in a rule, `open` of whose braces were read, everything through its
 * closing brace first.  Takes effect with the next scan_read. */
void scan_skip_line(Scan *s);
void scan_skip_braces(Scan *s, uint32_t open);

#endif
