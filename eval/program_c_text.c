/* What an exported C file holds besides its functions; see program_c.h. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/program_c_parts.h"
#include "eval/program_source.h"
#include "expr/functions.h"

static const char text_array[] =
    "typedef struct Array {\n    double *at;\n    size_t rows, columns;\n    double *own;\n    size_t room;\n} Array;\n\n"
    "static inline int array_make(Array *a, double rows, double columns) {\n"
    "    rows = 0 < rows ? floor(rows) : 0;\n    columns = 0 < columns ? floor(columns) : 0;\n"
    "    if (!(rows*columns < 1e15)) return 0;\n"
    "    size_t need = (size_t)(rows*columns);\n"
    "    if (!a->own || a->room < need) {\n"
    "        free(a->own);\n        a->own = calloc(need ? need : 1, sizeof(double));\n        a->room = need;\n"
    "        if (!a->own) return 0;\n    }\n"
    "    a->at = a->own;\n    a->rows = (size_t)rows;\n    a->columns = (size_t)columns;\n    return 1;\n}\n\n"
    "static inline int is_inside(double k, size_t n) {\n"
    "    return 0 <= k && k < (double)n && (double)(size_t)k == k;\n}\n\n"
    "static inline void array_row(Array *to, const Array *matrix, size_t row) {\n"
    "    to->at = matrix->at + row*matrix->columns;\n    to->rows = matrix->columns;\n    to->columns = 1;\n}\n\n"
    "static inline int array_copy_row(Array *matrix, size_t row, const Array *from) {\n"
    "    size_t n = matrix->columns;\n    if (from->rows != n) return 0;\n"
    "    if (n) memcpy(matrix->at + row*n, from->at, n*sizeof(double));\n    return 1;\n}\n\n"
    "static inline void array_clear(Array *a) {\n"
    "    size_t n = a->rows*a->columns;\n    if (n) memset(a->at, 0, n*sizeof(double));\n}\n\n"
    "static inline void array_products(Array *to, const Array *from, int backwards) {\n"
    "    double v = 1;\n    for (size_t i = 0; i < from->rows; i++) {\n"
    "        size_t k = backwards ? from->rows - 1 - i : i;\n"
    "        to->at[k] = v;\n        v *= from->at[k];\n    }\n}\n\n";

static const char text_terms[] =
    "/* The order of sums and products.  Below 32 terms: left to right.  From 32: term i goes to one of\n"
    " * 16 accumulators; those of a block of 4096 terms are added as a tree, blocks pairwise. */\n"
    "typedef struct Terms {\n    double lane[16], level[48], at;\n    uint64_t done, count, mask, blocks;\n} Terms;\n\n"
    "static inline void terms_begin(Terms *q, double lo, double last, double neutral) {\n"
    "    double count = last - lo + 1;\n"
    "    q->count = count < 0x1p53 ? (uint64_t)count : (uint64_t)1 << 53;\n"
    "    q->done = q->blocks = 0;\n    q->mask = q->count < 32 ? 0 : 15;\n    q->at = 0;\n"
    "    for (int i = 0; i <= (int)q->mask; i++) q->lane[i] = neutral;\n}\n\n"
    "static inline double terms_lanes(Terms *q, int product) {\n"
    "    for (int half = 8; 0 < half; half /= 2)\n        for (int i = 0; i < half; i++)\n"
    "            q->lane[i] = product ? q->lane[i]*q->lane[i + half] : q->lane[i] + q->lane[i + half];\n"
    "    return q->lane[0];\n}\n\n"
    "static inline int terms_more(Terms *q, int product) {\n"
    "    q->done++;\n    if (q->mask && !(q->done & 4095)) {\n"
    "        double v = terms_lanes(q, product);\n        int level = 0;\n"
    "        for (uint64_t b = q->blocks++; b & 1; b >>= 1, level++)\n"
    "            v = product ? q->level[level]*v : q->level[level] + v;\n"
    "        q->level[level] = v;\n"
    "        for (int i = 0; i < 16; i++) q->lane[i] = product ? 1 : -0.0;\n    }\n"
    "    return q->done < q->count;\n}\n\n"
    "static inline double terms_end(Terms *q, int product) {\n"
    "    if (!q->mask) return q->lane[0];\n"
    "    int any = q->blocks == 0 || q->done & 4095, level = 0;\n"
    "    double v = any ? terms_lanes(q, product) : 0;\n"
    "    for (uint64_t b = q->blocks; b; b >>= 1, level++) {\n        if (!(b & 1)) continue;\n"
    "        v = !any ? q->level[level] : product ? q->level[level]*v : q->level[level] + v;\n        any = 1;\n    }\n"
    "    return v;\n}\n\n";

static const char text_last[] =
    "/* The last index of a range; NaN unless its ends are whole numbers. */\n"
    "static inline double last_of(double lo, double hi) {\n"
    "    if (!(fabs(lo) < 0x1p53) || lo != floor(lo) || !(fabs(hi) < 0x1p53) || hi != floor(hi)) return NAN;\n"
    "    return 0 <= hi - lo ? lo + floor(hi - lo) : lo - 1;\n}\n\n";

static const char text_number[] =
    "/* A constant that the compiler does not look into: functions of it are the library's at run time. */\n"
    "static inline double number(double x) {\n    volatile double v = x;\n    return v;\n}\n\n";

static const char *const arguments[] = {"", "x", "x, y", "x, y, z"};
static const char *const parameters[] = {"", "double x", "double x, double y", "double x, double y, double z"};

/* Is its value one of plumb's own sources? */
static bool is_own(const Function *f) {
    return strncmp(f->c_text, "special_", 8) == 0 || strncmp(f->c_text, "bessel_", 7) == 0;
}

/* Is the function one of C's own, with the same arguments? */
static bool is_plain(const Function *f) {
    size_t len = strcspn(f->c_text, "(");
    return !is_own(f) && f->c_text[len] == '(' &&
           strncmp(f->c_text + len + 1, arguments[f->arity], strlen(arguments[f->arity])) == 0 &&
           strcmp(f->c_text + len + 1 + strlen(arguments[f->arity]), ")") == 0;
}

void c_write_function_name(uint32_t id, Buf *out) {
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

typedef struct Needs {
    bool array, terms, last, number;
    bool *function;
} Needs;

static void find_needs(const Sub *u, Needs *needs) {
    needs->array = needs->array || u->tables;
    needs->terms = needs->terms || u->states;
    for (size_t i = 0; i < u->length; i++) {
        uint16_t op = u->code[i].op;
        needs->last = needs->last || op == OP_LAST;
        needs->number = needs->number || op == OP_POW || op == OP_FN1 || op == OP_FN2 || op == OP_FN3 || op == OP_MOV ||
                        op == OP_BEGSUM || op == OP_BEGPROD || op == OP_BEGBEST;
        if (op == OP_FN1 || op == OP_FN2 || op == OP_FN3)
            needs->function[u->code[i].c] = true;
    }
}

/* The functions that C's library lacks, from plumb's sources. */
static bool find_sources(const Needs *needs, Sources *sources, Buf *why) {
    for (uint32_t id = 0; id < functions_count(); id++) {
        const Function *f = function_at(id);
        if (!needs->function[id] || !is_own(f) || sources_need(sources, f->c_text, strcspn(f->c_text, "("))) continue;
        buf_printf(why, "%s is not in C's library, nor can plumb write it", f->name);
        return false;
    }
    return true;
}

bool c_write_preamble(const Program *const *program, size_t count, Buf *out, Buf *why) {
    Needs needs = {.function = mem_new(functions_count(), sizeof(bool))};
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; program[k] && i < program[k]->subs; i++)
            find_needs(&program[k]->sub[i], &needs);
    Sources *sources = sources_new(".c");
    bool res = find_sources(&needs, sources, why), gsl = sources_mention(sources, "gsl_");
    buf_text(out, gsl ? "/* Bessel functions are GSL's: link with -lgsl -lgslcblas -lm. */\n" : "");
    buf_text(out, sources_mention(sources, "lgamma_r(") ? "#define _DEFAULT_SOURCE /* lgamma_r */\n" : "");
    buf_text(out, gsl ? "#include <gsl/gsl_errno.h>\n#include <gsl/gsl_sf_bessel.h>\n" : "");
    buf_text(out, "#include <math.h>\n");
    buf_text(out, sources_mention(sources, "bool ") ? "#include <stdbool.h>\n" : "");
    buf_text(out, "#include <stddef.h>\n#include <stdint.h>\n#include <stdlib.h>\n#include <string.h>\n\n");
    buf_text(out, needs.array ? text_array : "");
    buf_text(out, needs.terms ? text_terms : "");
    buf_text(out, needs.last ? text_last : "");
    buf_text(out, needs.number ? text_number : "");
    sources_write(sources, "static ", out);
    for (uint32_t id = 0; id < functions_count(); id++)
        if (needs.function[id])
            write_function(id, out);
    sources_free(sources);
    free(needs.function);
    return res;
}
