/* Interned names (open addressing, FNV-1a) and the nearest name; see names.h. */
#include "base/names.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/memory.h"

typedef struct NameEntry {
    const char *text;
    size_t len;
    uint32_t hash;
} NameEntry;

struct Names {
    Arena arena;
    NameEntry *entry; /* [0] unused */
    size_t count, cap;
    uint32_t *slot; /* 0 = empty, else an entry's number */
    size_t slots;   /* a power of two */
};

static uint32_t hash_of(const char *text, size_t len) {
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 16777619u;
    return h;
}

Names *names_new(void) {
    Names *n = mem_new(1, sizeof *n);
    arena_init(&n->arena);
    n->slots = 256;
    n->slot = mem_new(n->slots, sizeof *n->slot);
    n->entry = mem_grow(NULL, &n->cap, 64, sizeof *n->entry);
    n->entry[0] = (NameEntry){"", 0, 0};
    n->count = 1;
    return n;
}

void names_free(Names *n) {
    if (!n)
        return;
    arena_done(&n->arena);
    free(n->entry);
    free(n->slot);
    free(n);
}

static size_t find_slot(const Names *n, const char *text, size_t len, uint32_t hash) {
    size_t i = hash & (n->slots - 1);
    for (;; i = (i + 1) & (n->slots - 1)) {
        uint32_t k = n->slot[i];
        if (k == 0)
            return i;
        const NameEntry *e = &n->entry[k];
        if (e->hash == hash && e->len == len && memcmp(e->text, text, len) == 0)
            return i;
    }
}

Name names_find(const Names *n, const char *text, size_t len) {
    return n->slot[find_slot(n, text, len, hash_of(text, len))];
}

static void rehash(Names *n) {
    free(n->slot);
    n->slots *= 2;
    n->slot = mem_new(n->slots, sizeof *n->slot);
    for (size_t k = 1; k < n->count; k++) {
        size_t i = n->entry[k].hash & (n->slots - 1);
        while (n->slot[i])
            i = (i + 1) & (n->slots - 1);
        n->slot[i] = (uint32_t)k;
    }
}

Name names_intern(Names *n, const char *text, size_t len) {
    uint32_t hash = hash_of(text, len);
    size_t i = find_slot(n, text, len, hash);
    if (n->slot[i])
        return n->slot[i];
    n->entry = mem_grow(n->entry, &n->cap, n->count + 1, sizeof *n->entry);
    n->entry[n->count] = (NameEntry){arena_copy_text(&n->arena, text, len), len, hash};
    n->slot[i] = (uint32_t)n->count++;
    Name res = n->slot[i];
    if (n->slots < 2 * n->count)
        rehash(n);
    return res;
}

Name names_intern_str(Names *n, const char *text) {
    return names_intern(n, text, strlen(text));
}

const char *names_text(const Names *n, Name name) {
    return n->entry[name].text;
}

size_t names_length(const Names *n, Name name) {
    return n->entry[name].len;
}

/* Distance of two short texts in half edits: a change of case costs 1, any other edit or a swap of
 * neighbours 2 (the optimal string alignment distance). */
static unsigned distance(const char *a, size_t n, const char *b, size_t m) {
    enum { MOST = 40 };
    if (MOST <= n || MOST <= m)
        return 1000;
    unsigned d[MOST][MOST];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = 2 * (unsigned)i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = 2 * (unsigned)j;
    for (size_t i = 1; i <= n; i++)
        for (size_t j = 1; j <= m; j++) {
            bool same_letter = (a[i - 1] | 0x20) == (b[j - 1] | 0x20) && (a[i - 1] & 0x40);
            unsigned cost = a[i - 1] == b[j - 1] ? 0 : same_letter ? 1 : 2;
            unsigned best = d[i - 1][j - 1] + cost;
            if (d[i - 1][j] + 2 < best)
                best = d[i - 1][j] + 2;
            if (d[i][j - 1] + 2 < best)
                best = d[i][j - 1] + 2;
            if (1 < i && 1 < j && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && d[i - 2][j - 2] + 2 < best)
                best = d[i - 2][j - 2] + 2;
            d[i][j] = best;
        }
    return d[n][m];
}

const char *names_nearest(const char *text, size_t len, const char *const *candidates, size_t count) {
    const char *res = NULL;
    unsigned best = len <= 2 ? 2 : len <= 4 ? 3 : len <= 8 ? 5 : 7; /* farther is no help */
    for (size_t i = 0; i < count; i++) {
        size_t m = strlen(candidates[i]);
        unsigned d = distance(text, len, candidates[i], m);
        if (d < best && d < 2 * (unsigned)(len < m ? m : len)) {
            best = d;
            res = candidates[i];
        }
    }
    return res;
}
