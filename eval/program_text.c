/* Instructions and values in the user's words; see program_text.h. */
#include "eval/program_text.h"

#include <stdlib.h>

#include "expr/print.h"

static const char *const letters[] = {"i", "j", "k", "l", "p", "q", "r", "s", "t", "u"};
enum { LETTERS = sizeof letters / sizeof *letters };

const char *text_name(const Workspace *w, Name name) {
    return names_text(store_names(defs_store(w->program->defs)), name);
}

/* The letter of a loop: the outermost is i. */
static const char *letter_of(const Fault *f, unsigned number) {
    for (uint32_t k = 0; k < f->loops; k++)
        if (f->loop[k].number == number)
            return letters[(f->loops - 1 - k) % LETTERS];
    return "i";
}

void text_at(const Workspace *w, const Fault *f, Expr e, Buf *out) {
    Store *s = defs_store(w->program->defs);
    Expr from[8], to[8];
    size_t count = 0;
    for (uint32_t k = 0; k < f->loops; k++) {
        from[count] = expr_free(s, f->loop[k].number);
        Name name = names_intern_str(store_names(s), letter_of(f, f->loop[k].number));
        to[count++] = expr_symbol(s, EXPR_SYM, name, 0, NULL);
    }
    Expr shown = count ? expr_substitute(s, e, count, from, to) : e;
    PrintStyle style = {.most = 60, .name_from = 100000};
    expr_print(out, w->program->defs, shown ? shown : e, &style);
}

static void add_value(Buf *out, const char *name, double value, const char **lead) {
    buf_printf(out, "%s%s=", *lead, name);
    buf_double(out, value);
    *lead = ", ";
}

void text_values(const Workspace *w, const Fault *f, Expr e, const char *lead, Buf *out) {
    const Store *s = defs_store(w->program->defs);
    size_t count = 0;
    Expr *node = e ? expr_reachable(s, 1, &e, &count) : NULL;
    const Sub *u = w->main.sub;
    for (size_t i = 0; f->sub == u && i < count; i++)
        for (uint32_t k = 0; k < u->pinned; k++)
            if (u->pin[k].kind == PIN_PARAM && u->pin[k].e == node[i])
                add_value(out, text_name(w, u->pin[k].name), w->main.reg[k], &lead);
    free(node);
    uint64_t mask = e ? expr_mask(s, e) : 0;
    for (uint32_t k = f->loops; 0 < k; k--)
        if (!e || (mask >> (32 + f->loop[k - 1].number) & 1))
            add_value(out, letter_of(f, f->loop[k - 1].number), f->loop[k - 1].value, &lead);
}

void text_fault_place(const Workspace *w, const Fault *f, Buf *out) {
    if (!f->sub || !f->at)
        return;
    Expr e = f->sub->origin[f->at - f->sub->code].e;
    if (e) {
        buf_text(out, " in ");
        text_at(w, f, e, out);
        text_values(w, f, e, " at ", out);
    }
}
