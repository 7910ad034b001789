/* What an exported C file holds besides its functions; see program_c.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_c_parts.h"
#include "eval/program_source.h"
#include "expr/functions.h"

/* What the code may name: taken into the file where it does, or where something taken names it. */
static const struct {
    const char *name, *text;
} small[] = {
    {"Array", "typedef struct Array {\n    double *at;\n    size_t rows, columns;\n    double *own;\n    size_t room;\n"
              "} Array;\n\n"},
    {"array_make", "static inline int array_make(Array *a, double rows, double columns) {\n"
        "    rows = 0 < rows ? floor(rows) : 0;\n    columns = 0 < columns ? floor(columns) : 0;\n"
        "    if (!(rows*columns < 1e15)) return 0;\n"
        "    size_t need = (size_t)(rows*columns);\n"
        "    if (!a->own || a->room < need) {\n"
        "        free(a->own);\n        a->own = calloc(need ? need : 1, sizeof(double));\n        a->room = need;\n"
        "        if (!a->own) return 0;\n    }\n"
        "    a->at = a->own;\n    a->rows = (size_t)rows;\n    a->columns = (size_t)columns;\n    return 1;\n}\n\n"},
    {"array_row", "static inline void array_row(Array *to, const Array *matrix, size_t row) {\n"
        "    to->at = matrix->at + row*matrix->columns;\n    to->rows = matrix->columns;\n    to->columns = 1;\n}\n\n"},
    {"array_copy_row", "static inline int array_copy_row(Array *matrix, size_t row, const Array *from) {\n"
        "    size_t n = matrix->columns;\n    if (from->rows != n) return 0;\n"
        "    if (n) memcpy(matrix->at + row*n, from->at, n*sizeof(double));\n    return 1;\n}\n\n"},
    {"array_clear", "static inline void array_clear(Array *a) {\n"
        "    size_t n = a->rows*a->columns;\n    if (n) memset(a->at, 0, n*sizeof(double));\n}\n\n"},
    {"array_products", "static inline void array_products(Array *to, const Array *from, int backwards) {\n"
        "    double v = 1;\n    for (size_t i = 0; i < from->rows; i++) {\n"
        "        size_t k = backwards ? from->rows - 1 - i : i;\n"
        "        to->at[k] = v;\n        v *= from->at[k];\n    }\n}\n\n"},
    {"is_inside", "static inline int is_inside(double k, size_t n) {\n"
        "    return 0 <= k && k < (double)n && (double)(size_t)k == k;\n}\n\n"},
    {"is_range", "static inline int is_range(double lo, double hi) {\n"
        "    return fabs(lo) < 0x1p53 && lo == floor(lo) && fabs(hi) < 0x1p53 && hi == floor(hi);\n}\n\n"},
    {"last_of", "/* The last index of a range; NaN unless its ends are whole numbers. */\n"
        "static inline double last_of(double lo, double hi) {\n"
        "    return !is_range(lo, hi) ? NAN : lo <= hi ? hi : lo - 1;\n}\n\n"},
    {"Terms", "/* The order of sums and products.  Below 32 terms: left to right.  From 32: term i goes to one of\n"
        " * 16 accumulators; those of a block of 4096 terms are added as a tree, blocks pairwise.  Of max and\n"
        " * min, lane[0] is the best so far and at its place: the first of equals, or the first NaN. */\n"
        "typedef struct Terms {\n    double lane[16], level[48];\n    uint64_t done, count, mask, blocks;\n"
        "    ptrdiff_t first, at;\n} Terms;\n\n"},
    {"terms_begin", "static inline int terms_begin(Terms *q, double lo, double hi, double neutral) {\n"
        "    int whole = is_range(lo, hi);\n    q->done = q->blocks = 0;\n"
        "    q->count = whole && lo <= hi ? (uint64_t)(hi - lo) + 1 : 0;\n    q->mask = q->count < 32 ? 0 : 15;\n"
        "    q->first = q->at = whole ? (ptrdiff_t)lo : 0;\n"
        "    for (int i = 0; i < 16; i++) q->lane[i] = neutral;\n    return whole;\n}\n\n"},
    {"terms_lanes", "static inline double terms_lanes(Terms *q, int product) {\n"
        "    for (int half = 8; 0 < half; half /= 2)\n        for (int i = 0; i < half; i++)\n"
        "            q->lane[i] = product ? q->lane[i]*q->lane[i + half] : q->lane[i] + q->lane[i + half];\n"
        "    return q->lane[0];\n}\n\n"},
    {"terms_block", "static inline void terms_block(Terms *q, int product) {\n"
        "    double v = terms_lanes(q, product);\n    int level = 0;\n"
        "    for (uint64_t b = q->blocks++; b & 1; b >>= 1, level++)\n"
        "        v = product ? q->level[level]*v : q->level[level] + v;\n    q->level[level] = v;\n"
        "    for (int i = 0; i < 16; i++) q->lane[i] = product ? 1 : -0.0;\n}\n\n"},
    {"terms_end", "static inline double terms_end(Terms *q, int product) {\n"
        "    if (!q->mask) return q->count ? q->lane[0] : product;\n"
        "    int any = q->blocks == 0 || q->done & 4095, level = 0;\n"
        "    double v = any ? terms_lanes(q, product) : 0;\n"
        "    for (uint64_t b = q->blocks; b; b >>= 1, level++) {\n        if (!(b & 1)) continue;\n"
        "        v = !any ? q->level[level] : product ? q->level[level]*v : q->level[level] + v;\n        any = 1;\n    }\n"
        "    return v;\n}\n\n"},
    {"terms_add", "static inline void terms_add(Terms *q, double v) {\n    q->lane[q->done++ & q->mask] += v;\n"
                  "    if (q->mask && !(q->done & 4095)) terms_block(q, 0);\n}\n\n"},
    {"terms_sum", "static inline double terms_sum(Terms *q) {\n    return terms_end(q, 0);\n}\n\n"},
    {"terms_times", "static inline void terms_times(Terms *q, double v) {\n    q->lane[q->done++ & q->mask] *= v;\n"
                    "    if (q->mask && !(q->done & 4095)) terms_block(q, 1);\n}\n\n"},
    {"terms_product", "static inline double terms_product(Terms *q) {\n    return terms_end(q, 1);\n}\n\n"},
    {"terms_max", "static inline void terms_max(Terms *q, double v) {\n"
                  "    if (q->done == 0 || (q->lane[0] == q->lane[0] && !(v <= q->lane[0])))\n"
                  "        q->lane[0] = v, q->at = q->first + (ptrdiff_t)q->done;\n    q->done++;\n}\n\n"},
    {"terms_min", "static inline void terms_min(Terms *q, double v) {\n"
                  "    if (q->done == 0 || (q->lane[0] == q->lane[0] && !(q->lane[0] <= v)))\n"
                  "        q->lane[0] = v, q->at = q->first + (ptrdiff_t)q->done;\n    q->done++;\n}\n\n"},
    {"sq_of", "static inline double sq_of(double x) {\n    return x*x;\n}\n\n"},
    {"cube_of", "static inline double cube_of(double x) {\n    return x*x*x;\n}\n\n"},
    {"fourth_of", "static inline double fourth_of(double x) {\n    return (x*x)*(x*x);\n}\n\n"},
    {"number", "/* A constant that the compiler does not look into: functions of it are the library's at run time. */\n"
               "static inline double number(double x) {\n    volatile double v = x;\n    return v;\n}\n\n"},
};

static const char *const arguments[] = {"", "x", "x, y", "x, y, z"};
static const char *const parameters[] = {"", "double x", "double x, double y", "double x, double y, double z"};

/* Is its value one of plumb's own sources? */
static bool is_own(const Function *f) {
    return strncmp(f->c_text, "special_", 8) == 0 || strncmp(f->c_text, "bessel_", 7) == 0;
}

/* Is the function one of C's own, with the same arguments? */
static bool is_plain(const Function *f) {
    size_t len = strspn(f->c_text, "abcdefghijklmnopqrstuvwxyz0123456789_"); /* 1/cos(x) is none */
    return !is_own(f) && f->c_text[len] == '(' &&
           strncmp(f->c_text + len + 1, arguments[f->arity], strlen(arguments[f->arity])) == 0 &&
           strcmp(f->c_text + len + 1 + strlen(arguments[f->arity]), ")") == 0;
}

void c_write_function(Writer *w, uint32_t id, Buf *out) {
    (void)w;
    const Function *f = function_at(id);
    if (is_plain(f))
        buf_add(out, f->c_text, strcspn(f->c_text, "("));
    else
        buf_printf(out, "fn_%s", f->name);
}

/* GSL calls its error handler, which by default ends the program, where a value does not exist. */
static const char quiet_begin[] = "    gsl_error_handler_t *kept = gsl_set_error_handler_off();\n    double res = ";
static const char quiet_end[] = ";\n    gsl_set_error_handler(kept);\n    return res;\n}\n\n";

static void write_function(uint32_t id, Buf *out) {
    const Function *f = function_at(id);
    if (is_plain(f)) return;
    bool gsl = strncmp(f->c_text, "bessel_", 7) == 0;
    buf_printf(out, "static inline double fn_%s(%s) {\n", f->name, parameters[f->arity]);
    buf_printf(out, "%s%s%s", gsl ? quiet_begin : "    return ", f->c_text, gsl ? quiet_end : ";\n}\n\n");
}

/* Functions that the programs call. */
static bool *find_functions(const Program *const *program, size_t count) {
    bool *res = mem_new(functions_count(), sizeof *res);
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; program[k] && i < program[k]->subs; i++)
            for (size_t j = 0; j < program[k]->sub[i].length; j++) {
                const Instr *in = &program[k]->sub[i].code[j];
                if (in->op == OP_FN1 || in->op == OP_FN2 || in->op == OP_FN3) res[in->c] = true;
            }
    return res;
}

/* The functions that C's library lacks, from plumb's sources. */
static bool find_sources(const bool *needed, Sources *sources, Buf *why) {
    for (uint32_t id = 0; id < functions_count(); id++) {
        const Function *f = function_at(id);
        if (!needed[id] || !is_own(f) || sources_need(sources, f->c_text, strcspn(f->c_text, "("))) continue;
        buf_printf(why, "%s is not in C's library, nor can plumb write it", f->name);
        return false;
    }
    return true;
}

static void write_small(const char *code, Buf *out) {
    enum { COUNT = sizeof small / sizeof *small };
    bool needed[COUNT];
    for (size_t i = COUNT; 0 < i--;) { /* what is named stands before what names it */
        needed[i] = writer_mentions(code, small[i].name);
        for (size_t k = i + 1; k < COUNT; k++)
            needed[i] = needed[i] || (needed[k] && writer_mentions(small[k].text, small[i].name));
    }
    for (size_t i = 0; i < COUNT; i++)
        buf_text(out, needed[i] ? small[i].text : "");
}

bool c_write_preamble(const Program *const *program, size_t count, const char *code, Buf *out, Buf *why) {
    bool *needed = find_functions(program, count);
    Sources *sources = sources_new(".c");
    bool res = find_sources(needed, sources, why), gsl = sources_mention(sources, "gsl_");
    buf_text(out, gsl ? "/* Bessel functions are GSL's: link with -lgsl -lgslcblas -lm. */\n" : "");
    buf_text(out, sources_mention(sources, "lgamma_r(") ? "#define _DEFAULT_SOURCE /* lgamma_r */\n" : "");
    buf_text(out, gsl ? "#include <gsl/gsl_errno.h>\n#include <gsl/gsl_sf_bessel.h>\n" : "");
    buf_text(out, "#include <math.h>\n");
    buf_text(out, sources_mention(sources, "bool ") ? "#include <stdbool.h>\n" : "");
    buf_text(out, "#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n\n");
    write_small(code, out);
    sources_write(sources, "static ", out);
    for (uint32_t id = 0; id < functions_count(); id++)
        if (needed[id])
            write_function(id, out);
    out->len -= out->len && strncmp(out->text + out->len - 2, "\n\n", 2) == 0; /* a body begins with an empty line */
    sources_free(sources);
    free(needed);
    return res;
}
