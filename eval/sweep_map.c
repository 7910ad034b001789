/* Open addressing with linear probing; at most half full. */
#include "eval/sweep_map.h"

#include <stdlib.h>

#include "base/memory.h"

void nodemap_init(NodeMap *m) {
    m->key = NULL;
    m->item = NULL;
    m->cap = m->count = 0;
}

void nodemap_done(NodeMap *m) {
    free(m->key);
    free(m->item);
    nodemap_init(m);
}

static size_t place_of(const NodeMap *m, Expr key) {
    size_t i = (key * 2654435761u) & (m->cap - 1);
    while (m->key[i] != 0 && m->key[i] != key)
        i = (i + 1) & (m->cap - 1);
    return i;
}

static void grow(NodeMap *m) {
    NodeMap old = *m;
    m->cap = old.cap ? 2 * old.cap : 32;
    m->key = mem_new(m->cap, sizeof *m->key);
    m->item = mem_new(m->cap, sizeof *m->item);
    for (size_t i = 0; i < old.cap; i++)
        if (old.key[i]) {
            size_t at = place_of(m, old.key[i]);
            m->key[at] = old.key[i];
            m->item[at] = old.item[i];
        }
    free(old.key);
    free(old.item);
}

uint32_t *nodemap_at(NodeMap *m, Expr key) {
    if (m->cap <= 2 * m->count)
        grow(m);
    size_t at = place_of(m, key);
    if (m->key[at] == 0) {
        m->key[at] = key;
        m->count++;
    }
    return &m->item[at];
}

uint32_t nodemap_get(const NodeMap *m, Expr key) {
    if (m->cap == 0)
        return 0;
    size_t at = place_of(m, key);
    return m->key[at] == key ? m->item[at] : 0;
}
