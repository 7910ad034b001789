/* A definition that calls itself without a choice never ends.  The search follows only calls that
 * are certain to happen: not those in a branch, behind and/or, or in the body of a loop. */
#include "repl/cycle.h"

#include <stdlib.h>

#include "base/memory.h"

typedef struct Search {
    const Defs *defs;
    const Store *store;
    Name goal;
    Name *seen; /* functions met, in order */
    Name *from; /* who called them first */
    size_t count, cap, from_cap;
} Search;

static void search_name(Search *s, Name name, Name caller) {
    for (size_t i = 0; i < s->count; i++)
        if (s->seen[i] == name) return;
    s->seen = mem_grow(s->seen, &s->cap, s->count + 1, sizeof *s->seen);
    s->from = mem_grow(s->from, &s->from_cap, s->count + 1, sizeof *s->from);
    s->seen[s->count] = name;
    s->from[s->count++] = caller;
}

/* How many of a node's kids are evaluated in any case. */
static size_t certain_kids(const Store *s, Expr e) {
    switch (expr_op(s, e)) {
    case EXPR_IF:
    case EXPR_AND:
    case EXPR_OR: return 1;
    case EXPR_SUM:
    case EXPR_PROD:
    case EXPR_MAX:
    case EXPR_MIN:
    case EXPR_ARGMAX:
    case EXPR_ARGMIN:
    case EXPR_VEC: return 2;
    default: return expr_count(s, e);
    }
}

static void search_body(Search *s, Expr body, Name caller) {
    if (!body || !(expr_flags(s->store, body) & EXPR_HAS_CALL)) return;
    bool *met = mem_new((size_t)body + 1, sizeof *met);
    met[body] = true;
    for (Expr e = body; e > 0; e--) { /* kids have smaller numbers */
        if (!met[e] || !(expr_flags(s->store, e) & EXPR_HAS_CALL)) continue;
        if (expr_op(s->store, e) == EXPR_CALL)
            search_name(s, defs_fn_base(s->defs, expr_payload(s->store, e)), caller);
        size_t n = certain_kids(s->store, e);
        for (size_t i = 0; i < n; i++) met[expr_kid(s->store, e, i)] = true;
    }
    free(met);
}

bool cycle_check(Task *t, const Def *def) {
    Search s = {.defs = t->in->defs, .store = t->in->store, .goal = def->name};
    search_body(&s, def->body, def->name);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < s.count && found == SIZE_MAX; i++) {
        if (s.seen[i] == s.goal) {
            found = i;
            break;
        }
        const Def *f = defs_function(t->in->defs, s.seen[i]);
        if (f) search_body(&s, f->body, f->name);
    }
    if (found != SIZE_MAX) {
        const char *name = names_text(t->in->names, def->name);
        const char *by = names_text(t->in->names, s.from[found]);
        if (s.from[found] == def->name)
            diag_error(t->diags, t->tree->span, "a choice ends it, for example if(x < 1, 1, ...)",
                       "%s calls itself without a choice: it would never end", name);
        else
            diag_error(t->diags, t->tree->span, NULL,
                       "%s calls itself by way of %s without a choice: it would never end", name,
                       by);
    }
    free(s.seen);
    free(s.from);
    return found == SIZE_MAX;
}
