/* Where a Val that may end the run is needed for certain.  From the regions that use it, the deepest
 * first: out of a loop's body to its preheader, from both arms of a choice to the place before it.
 * Of what remains only the outermost count: what lies below them finds the value there. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile.h"

typedef struct Heap { /* deepest on top */
    const Build *b;
    RegionId *item;
    size_t count, cap;
} Heap;

static uint32_t depth_at(const Heap *h, size_t i) {
    return h->b->region[h->item[i]].depth;
}

static void swap(Heap *h, size_t i, size_t k) {
    RegionId r = h->item[i];
    h->item[i] = h->item[k];
    h->item[k] = r;
}

static void heap_push(Heap *h, RegionId r) {
    h->item = mem_grow(h->item, &h->cap, h->count + 1, sizeof *h->item);
    size_t i = h->count++;
    h->item[i] = r;
    for (; i && depth_at(h, (i - 1) / 2) < depth_at(h, i); i = (i - 1) / 2)
        swap(h, i, (i - 1) / 2);
}

static RegionId heap_pop(Heap *h) {
    RegionId res = h->item[0];
    h->item[0] = h->item[--h->count];
    for (size_t i = 0;;) {
        size_t k = 2 * i + 1;
        if (h->count <= k)
            return res;
        if (k + 1 < h->count && depth_at(h, k) < depth_at(h, k + 1))
            k++;
        if (depth_at(h, k) <= depth_at(h, i))
            return res;
        swap(h, i, k);
        i = k;
    }
}

/* Enters r, moved as far up as it is needed for certain, unless it is there already. */
static void enter(Build *b, Heap *h, const Val *v, RegionId r) {
    while (!place_is_ceiling(b, v, r) &&
           (b->region[r].kind == REGION_BODY || (b->region[r].kind == REGION_PRE && b->region[r].always)))
        r = b->region[r].parent;
    if (b->region[r].mark == b->mark)
        return;
    b->region[r].mark = b->mark;
    heap_push(h, r);
}

/* What is learnt on the way up is kept on the way: nothing is walked twice. */
static bool lies_below_another(Build *b, RegionId at) {
    Region *region = b->region;
    RegionId r = region[at].parent;
    while (r && region[r].mark != b->mark && region[r].clear != b->mark)
        r = region[r].parent;
    bool res = r && region[r].mark == b->mark;
    for (RegionId p = region[at].parent; p != r; p = region[p].parent)
        if (res)
            region[p].mark = b->mark;
        else
            region[p].clear = b->mark;
    return res;
}

size_t place_needed(Build *b, const Val *v, RegionId *set, size_t count) {
    Heap h = {.b = b};
    b->mark++;
    for (size_t i = 0; i < count; i++)
        enter(b, &h, v, set[i]);
    size_t kept = 0;
    while (h.count) {
        RegionId r = heap_pop(&h), other = b->region[r].sibling;
        if (other && b->region[other].mark == b->mark && !place_is_ceiling(b, v, r))
            enter(b, &h, v, b->region[r].parent); /* both arms; each of them gets here */
        set[kept++] = r;
    }
    free(h.item);
    if (kept == 1)
        return 1;
    count = kept;
    kept = 0;
    for (size_t i = 0; i < count; i++)
        if (!lies_below_another(b, set[i]))
            set[kept++] = set[i];
    return kept;
}
