/* Names of the moment: those the statement binds (parameters, indices, where), those that earlier
 * statements of the same Source defined, and those of the scope, in that order. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "lexer/filter.h"

static uint32_t *slot_for(uint32_t **slots, size_t *count, Name name) {
    if (*count <= name) {
        size_t old = *count;
        *slots = mem_grow(*slots, count, (size_t)name + 1, sizeof **slots);
        memset(*slots + old, 0, (*count - old) * sizeof **slots);
    }
    return &(*slots)[name];
}

void bind(Filter *f, Name name, NameKind kind, bool index) {
    uint32_t *slot = slot_for(&f->bound_slot, &f->bound_slots, name);
    f->bound = mem_grow(f->bound, &f->bound_cap, f->bounds + 1, sizeof *f->bound);
    f->bound[f->bounds++] = (Bound){.name = name, .kind = kind, .shadows = *slot, .index = index};
    *slot = (uint32_t)f->bounds;
}

void unbind_indices(Filter *f, size_t from) {
    for (size_t i = from; i < f->bounds; i++)
        f->bound[i].dead |= f->bound[i].index;
    while (from < f->bounds && f->bound[f->bounds - 1].dead) {
        f->bounds--;
        f->bound_slot[f->bound[f->bounds].name] = f->bound[f->bounds].shadows;
    }
}

void unbind_all(Filter *f) {
    while (f->bounds) {
        f->bounds--;
        f->bound_slot[f->bound[f->bounds].name] = 0;
    }
}

static const Bound *bound_find(const Filter *f, Name name) {
    uint32_t k = name < f->bound_slots ? f->bound_slot[name] : 0;
    while (k && f->bound[k - 1].dead)
        k = f->bound[k - 1].shadows;
    return k ? &f->bound[k - 1] : NULL;
}

bool is_bound(const Filter *f, Name name) {
    return bound_find(f, name) != NULL;
}

static NameKind scope_kind(const Filter *f, Name name) {
    return f->scope->kind ? f->scope->kind(f->scope->context, name) : NAME_UNKNOWN;
}

static const Defined *defined_find(const Filter *f, Name name) {
    uint32_t k = name < f->defined_slots ? f->defined_slot[name] : 0;
    const Defined *res = k ? &f->defined[k - 1] : NULL;
    if (!res || res->gone)
        return NULL;
    /* Once the statement was run the scope knows better. */
    return scope_kind(f, name) == res->before ? res : NULL;
}

NameKind filter_kind(const Filter *f, Name name) {
    if (name == 0)
        return NAME_UNKNOWN;
    const Bound *bound = bound_find(f, name);
    if (bound)
        return bound->kind;
    const Defined *defined = defined_find(f, name);
    return defined ? defined->kind : scope_kind(f, name);
}

static size_t copy_names(const Name *from, size_t count, Name *out, size_t cap) {
    for (size_t i = 0; i < count && i < cap; i++)
        out[i] = from[i];
    return count;
}

size_t filter_params(const Filter *f, Name function, Name *out, size_t cap) {
    if (f->function == function && function)
        return copy_names(f->params, f->param_count, out, cap);
    const Defined *defined = defined_find(f, function);
    if (defined)
        return copy_names(defined->params, defined->count, out, cap);
    return f->scope->params ? f->scope->params(f->scope->context, function, out, cap) : 0;
}

void filter_define(Filter *f, Name name, NameKind kind, const Name *params, size_t count) {
    uint32_t *slot = slot_for(&f->defined_slot, &f->defined_slots, name);
    if (*slot == 0) {
        f->defined = mem_grow(f->defined, &f->defined_cap, f->definitions + 1, sizeof *f->defined);
        f->defined[f->definitions++] = (Defined){.kind = NAME_UNKNOWN};
        *slot = (uint32_t)f->definitions;
    }
    Defined *d = &f->defined[*slot - 1];
    free(d->params);
    *d = (Defined){.kind = kind, .before = scope_kind(f, name), .count = params ? count : 0};
    if (d->count) {
        d->params = mem_new(d->count, sizeof *d->params);
        copy_names(params, count, d->params, count);
    }
}

void filter_undefine(Filter *f, Name name) {
    uint32_t k = name < f->defined_slots ? f->defined_slot[name] : 0;
    if (k)
        f->defined[k - 1].gone = true;
}

typedef struct Candidates {
    Arena *arena;
    const char **item;
    size_t count, cap;
} Candidates;

static void collect(void *to, const char *name, NameKind kind) {
    (void)kind;
    Candidates *c = to;
    if (c->count == c->cap) {
        size_t cap = c->cap ? 2 * c->cap : 64;
        const char **item = arena_array(c->arena, cap, sizeof *item);
        if (c->count)
            memcpy(item, c->item, c->count * sizeof *item);
        c->item = item;
        c->cap = cap;
    }
    c->item[c->count++] = name;
}

const char *nearest_name(Filter *f, const char *text, size_t len) {
    Candidates c = {.arena = f->arena};
    for (size_t i = 0; i < f->bounds; i++)
        collect(&c, names_text(f->names, f->bound[i].name), NAME_NUMBER);
    if (f->scope->names)
        f->scope->names(f->scope->context, collect, &c);
    return names_nearest(text, len, c.item, c.count);
}
