/* A definition that calls itself without a choice never ends.  The search follows only calls that
 * are certain to happen: not those in a branch, behind and/or, or in the body of a loop. */
#include "repl/cycle.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/describe.h"

typedef struct Search {
    const Defs *defs;
    const Store *store;
    Name goal;
    Name *seen; /* functions met, in order */
    Name *from; /* who called them first */
    size_t count, cap, from_cap;
    bool *known; /* by name: met already */
    size_t names;
} Search;

static void search_name(Search *s, Name name, Name caller) {
    if (s->names <= name) {
        size_t old = s->names;
        s->known = mem_grow(s->known, &s->names, (size_t)name + 1, sizeof *s->known);
        memset(s->known + old, 0, (s->names - old) * sizeof *s->known);
    }
    if (s->known[name]) return;
    s->known[name] = true;
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
    size_t count;
    Expr *node = expr_reachable(s->store, 1, &body, &count);
    bool *met = mem_new(count, sizeof *met);
    met[count - 1] = true;
    for (size_t k = count; 0 < k--;) { /* kids have smaller numbers */
        Expr e = node[k];
        if (!met[k] || !(expr_flags(s->store, e) & EXPR_HAS_CALL)) continue;
        if (expr_op(s->store, e) == EXPR_CALL)
            search_name(s, defs_fn_base(s->defs, expr_payload(s->store, e)), caller);
        size_t n = certain_kids(s->store, e);
        for (size_t i = 0; i < n; i++) met[sign_place(node, count, expr_kid(s->store, e, i))] = true;
    }
    free(node);
    free(met);
}

bool cycle_check(Task *t, const Def *def) {
    Search s = {.defs = t->in->defs, .store = t->in->store, .goal = def->name};
    bool known = defs_function(s.defs, def->name) || defs_variable(s.defs, def->name);
    search_body(&s, def->body, def->name);
    size_t found = SIZE_MAX;
    for (size_t i = 0; i < s.count && found == SIZE_MAX; i++) {
        if (s.seen[i] == s.goal) {
            found = i;
            break;
        }
        if (!known) continue; /* nobody else can refer to it yet */
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
    free(s.known);
    return found == SIZE_MAX;
}
