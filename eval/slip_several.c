/* Several slips at once: each term that does not agree is mended on its own, towards one of the
 * derivative's terms that are left; those that remain are missing.  See slip.h. */
#include <string.h>

#include "base/buf.h"
#include "eval/slip_parts.h"
#include "expr/build.h"
#include "expr/derive.h"

enum { MOST_OFF = 4, MOST_LEFT = 6 };

typedef struct Mended {
    size_t term;
    Slip slip;
} Mended;

/* The term mended so that it is one of those left; true if it is. */
static bool mend_term(SlipSearch *s, size_t i, bool *used, Mended *out) {
    Store *store = defs_store(s->in->defs);
    SlipInput in = *s->in;
    in.tree = s->term[i].at;
    in.yours = s->in->lower(s->in->context, in.tree);
    in.function = in.variable = 0;
    in.mend = NULL;
    for (size_t j = 0; j < 2 * s->missing_count; j++) { /* first those that one edit makes of it */
        size_t k = j % s->missing_count;
        in.edits_only = j < s->missing_count;
        if (used[k])
            continue;
        in.derivative = s->term[i].sign < 0 ? build_neg(store, s->missing[k]) : s->missing[k];
        if (slip_find(&in, &out->slip) && out->slip.text && out->slip.kind != SLIP_TERM) {
            out->term = i + 1;
            return used[k] = true;
        }
    }
    return false;
}

/* What is left over, as a text to be added. */
static const char *rest_text(SlipSearch *s, const bool *used) {
    Store *store = defs_store(s->in->defs);
    Expr sum = expr_int(store, 0);
    for (size_t k = 0; k < s->missing_count; k++)
        if (!used[k])
            sum = build_add(store, sum, s->missing[k]);
    return build_is_zero(store, sum) ? "" : slip_addend(s, simplify(s->in->defs, sum));
}

/* "sin and cos are mixed up in terms 1 and 2", "in term 1 a sign is wrong; in term 3 ...". */
static void put_words(SlipSearch *s, const Mended *list, size_t count, const char *rest,
                      SlipEdit *edit) {
    Buf b;
    bool same = !*rest;
    buf_init(&b);
    for (size_t i = 1; i < count; i++)
        same = same && strcmp(list[i].slip.words, list[0].slip.words) == 0;
    edit->kind = same ? list[0].slip.kind : SLIP_SEVERAL;
    if (same)
        buf_printf(&b, "%s in terms", list[0].slip.words);
    for (size_t i = 0; i < count; i++) {
        if (same)
            buf_printf(&b, "%s%zu", i == 0 ? " " : i + 1 == count ? " and " : ", ", list[i].term);
        else
            buf_printf(&b, "%sin term %zu: %s", i ? "; " : "", list[i].term, list[i].slip.words);
    }
    if (*rest)
        buf_printf(&b, "; a term is missing:%s", rest);
    edit->words = arena_printf(s->in->arena, "%s", buf_str(&b));
    buf_done(&b);
}

/* The terms' mended texts with what stands between them. */
static void put_text(SlipSearch *s, const Mended *list, size_t count, const char *rest,
                     SlipEdit *edit) {
    Buf b;
    buf_init(&b);
    const char *source = s->in->source;
    for (size_t i = 0; i < count; i++) {
        const Slip *m = &list[i].slip;
        Span term = slip_span(s, s->term[list[i].term - 1].at);
        if (i)
            buf_add(&b, source + edit->place.end, term.start - edit->place.end);
        buf_add(&b, source + term.start, m->place.start - term.start);
        buf_text(&b, m->text);
        buf_add(&b, source + m->place.end, term.end - m->place.end);
        edit->place = span_of(i ? edit->place.start : term.start, term.end);
    }
    if (*rest) {
        uint32_t end = s->tree->span.end;
        buf_add(&b, source + edit->place.end, end - edit->place.end);
        buf_text(&b, rest);
        edit->place.end = end;
    }
    edit->text = arena_copy_text(s->in->arena, buf_str(&b), b.len);
    buf_done(&b);
}

bool slip_try_several(SlipSearch *s) {
    Mended list[MOST_OFF];
    bool used[SLIP_TERMS] = {false};
    size_t count = 0, off = 0;
    for (size_t i = 0; i < s->terms; i++)
        off += !s->term[i].agrees;
    if (s->terms < 2 || off == 0 || MOST_OFF < off || MOST_LEFT < s->missing_count ||
        s->missing_count < off)
        return false;
    for (size_t i = 0; i < s->terms; i++)
        if (!s->term[i].agrees && !mend_term(s, i, used, &list[count++]))
            return false;
    for (size_t i = 1; i < count; i++)
        if (list[i].slip.place.start < list[i - 1].slip.place.end)
            return false;
    const char *rest = rest_text(s, used);
    SlipEdit edit = {.kind = SLIP_SEVERAL};
    put_words(s, list, count, rest, &edit);
    put_text(s, list, count, rest, &edit);
    return slip_try(s, s->in->derivative, &edit);
}
