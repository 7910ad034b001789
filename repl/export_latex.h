/* Names and numbers in LaTeX. */
#ifndef REPL_EXPORT_LATEX_H
#define REPL_EXPORT_LATEX_H

#include "base/buf.h"

/* x, x_{12} for x12 and x_12, \alpha for alpha and for the letter itself, x_{\mathrm{max}}, \mathrm{rate}. */
void latex_write_name(Buf *out, const char *text);
/* plumb's text of a number: -2/3 as a fraction, 25e19 as 2.5\cdot 10^{20}. */
void latex_write_number(Buf *out, const char *text);

#endif
