/* The place of each Val: the innermost region that holds all its uses, moved out of loops whose index
 * it does not depend on.  Users are placed before their operands.
 *
 * A Val that may end the run is never computed where it might not be needed: it moves up only from a
 * loop's body to its preheader (entered only if the loop runs) and from both arms of a choice to the
 * place before it; for other uses it is computed once in each arm. */
#include <stdlib.h>

#include "base/memory.h"
#include "eval/compile.h"

RegionId region_new(Build *b, RegionId parent, RegionKind kind) {
    if (b->regions == 0)
        b->regions = 1;
    b->region = mem_grow(b->region, &b->region_cap, b->regions + 1, sizeof *b->region);
    Region *r = &b->region[b->regions];
    *r = (Region){.parent = parent, .kind = kind};
    if (parent) {
        r->depth = b->region[parent].depth + 1;
        r->loop = b->region[parent].loop;
        r->states = b->region[parent].states;
    }
    return (RegionId)b->regions++;
}

RegionId region_loop(Build *b, RegionId parent, LoopShape shape) {
    RegionId pre = region_new(b, parent, REGION_PRE);
    RegionId body = region_new(b, pre, REGION_BODY);
    b->region[pre].always = shape.always;
    Region *r = &b->region[body];
    r->number = shape.number;
    r->binder = shape.binder;
    r->lo = shape.lo;
    r->hi = shape.hi;
    r->loop = body;
    r->states += shape.reduces;
    return body;
}

static RegionId ancestor(const Build *b, RegionId a, RegionId c) {
    while (a != c) {
        if (b->region[a].depth < b->region[c].depth)
            c = b->region[c].parent;
        else
            a = b->region[a].parent;
    }
    return a;
}

static bool is_within(const Build *b, RegionId inner, RegionId outer) {
    while (b->region[outer].depth < b->region[inner].depth)
        inner = b->region[inner].parent;
    return inner == outer;
}

static bool depends(const Build *b, const Val *v, RegionId body) {
    return v->e && (expr_mask(b->s, v->e) >> (32 + b->region[body].number) & 1);
}

bool place_is_ceiling(const Build *b, const Val *v, RegionId r) {
    return b->region[r].kind == REGION_TOP || (v->salt && b->version[v->salt] == r) ||
           (b->region[r].kind == REGION_BODY && depends(b, v, r));
}

/* Out of all loops that it does not depend on; not needlessly out of arms. */
static RegionId hoist(const Build *b, const Val *v, RegionId home) {
    RegionId res = home;
    uint32_t least = v->salt ? b->region[b->version[v->salt]].depth : 0;
    for (RegionId r = b->region[home].loop; r; r = b->region[b->region[r].parent].loop) {
        if (depends(b, v, r) || b->region[r].depth <= least)
            break;
        res = b->region[r].parent;
    }
    while (b->region[res].kind == REGION_PRE && b->region[res].always && !place_is_ceiling(b, v, res))
        res = b->region[res].parent;
    return res;
}

/* ---- instances ---- */
enum { AT_PLACE = UINT32_MAX }; /* in the map of Vals: (region, Val) to Inst, for Vals in several places */

static InstId inst_new(Build *b, ValId v, RegionId home) {
    if (b->insts == 0)
        b->insts = 1;
    b->inst = mem_grow(b->inst, &b->inst_cap, b->insts + 1, sizeof *b->inst);
    b->inst[b->insts] = (Inst){.val = v, .home = home, .next = b->val[v].inst};
    InstId other = b->val[v].inst, res = (InstId)b->insts++;
    b->val[v].inst = res;
    if (other)
        values_map(b, home, v, (ValId)AT_PLACE, res);
    if (other && b->inst[other].next == 0)
        values_map(b, b->inst[other].home, v, (ValId)AT_PLACE, other);
    return res;
}

static void use_ops(Build *b, ValId at, RegionId home) {
    Val v = b->val[at];
    for (uint32_t i = 0; i < v.op_count; i++)
        values_use(b, b->op[v.op_first + i], home);
}

/* Makes v's regions below its home and tells its operands where they are used. */
static void settle(Build *b, ValId at, RegionId home) {
    InstId i = inst_new(b, at, home);
    Val v = b->val[at];
    const ValId *op = &b->op[v.op_first];
    if (v.kind == VAL_IF) {
        RegionId yes = region_new(b, home, REGION_ARM), no = region_new(b, home, REGION_ARM);
        b->region[yes].sibling = no;
        b->region[no].sibling = yes;
        b->inst[i].inner[0] = yes;
        b->inst[i].inner[1] = no;
        values_use(b, op[0], home);
        values_use(b, op[1], yes);
        values_use(b, op[2], no);
    } else if (v.kind == VAL_AND || v.kind == VAL_OR) {
        b->inst[i].inner[0] = region_new(b, home, REGION_ARM);
        values_use(b, op[0], home);
        values_use(b, op[1], b->inst[i].inner[0]);
    } else if (v.kind == VAL_LOOP || v.kind == VAL_VEC) {
        LoopShape shape = {v.detail, at, expr_kid(b->s, v.e, 0), expr_kid(b->s, v.e, 1), v.kind == VAL_LOOP, v.proven};
        RegionId body = region_loop(b, home, shape);
        b->inst[i].inner[0] = b->region[body].parent;
        b->inst[i].inner[1] = body;
        for (uint32_t k = 0; k < v.op_count; k++)
            values_use(b, op[k], k == 2 ? body : home);
    } else {
        use_ops(b, at, home);
    }
}

/* ---- places of one Val ---- */
/* Several bodies can bind v's index when its loop is computed in several places. */
static RegionId body_of(const Build *b, const Val *v, RegionId r) {
    if (!v->binder)
        return 0;
    for (r = b->region[r].loop; r; r = b->region[b->region[r].parent].loop)
        if (b->region[r].binder == v->binder)
            return r;
    return 0;
}

static void place_calm(Build *b, ValId at) {
    while (b->val[at].use) {
        Val *v = &b->val[at];
        RegionId first = b->use[v->use].region, body = body_of(b, v, first), home = first;
        uint32_t *link = &v->use;
        while (*link) {
            Use u = b->use[*link];
            if (body_of(b, v, u.region) == body) {
                home = ancestor(b, home, u.region);
                *link = u.next;
            } else {
                link = &b->use[*link].next;
            }
        }
        settle(b, at, hoist(b, v, home));
    }
}

static void place_trapping(Build *b, ValId at) {
    RegionId *set = NULL;
    size_t count = 0, cap = 0;
    for (uint32_t u = b->val[at].use; u; u = b->use[u].next) {
        bool known = false;
        for (size_t i = count; 0 < i && count - i < 16 && !known; i--)
            known = set[i - 1] == b->use[u].region;
        if (known)
            continue;
        set = mem_grow(set, &cap, count + 1, sizeof *set);
        set[count++] = b->use[u].region;
    }
    set = mem_grow(set, &cap, 2 * count + 1, sizeof *set);
    count = place_needed(b, &b->val[at], set, count);
    for (size_t i = 0; i < count; i++)
        settle(b, at, set[i]);
    free(set);
}

/* ---- what must be there before a region is entered ---- */
InstId place_visible(Build *b, ValId v, RegionId region) {
    InstId first = b->val[v].inst;
    if (!first || b->inst[first].next == 0) /* the usual case: one place */
        return first;
    for (RegionId r = region; r; r = b->region[r].parent) {
        InstId i = values_find(b, r, v, (ValId)AT_PLACE);
        if (i)
            return i;
    }
    return 0;
}

static void add_need(Build *b, ValId v, RegionId region) {
    if (!v || b->val[v].kind == VAL_PINNED || b->val[v].kind == VAL_INDEX || b->val[v].kind == VAL_TABLE)
        return;
    InstId i = place_visible(b, v, region);
    if (!i || !is_within(b, region, b->inst[i].home)) {
        build_fail(b, NULL, "a value is used where it is not known");
        return;
    }
    RegionId home = b->inst[i].home;
    if (region == home)
        return;
    while (b->region[region].parent != home)
        region = b->region[region].parent;
    uint32_t first = b->region[region].need;
    if (first && b->need[first].inst == i)
        return;
    if (b->needs == 0)
        b->needs = 1;
    b->need = mem_grow(b->need, &b->need_cap, b->needs + 1, sizeof *b->need);
    b->need[b->needs] = (Need){i, first};
    b->region[region].need = (uint32_t)b->needs++;
}

static RegionId region_of_op(const Build *b, const Inst *i, uint32_t k) {
    switch (b->val[i->val].kind) {
    case VAL_IF: return k == 0 ? i->home : i->inner[k - 1];
    case VAL_AND: case VAL_OR: return k == 0 ? i->home : i->inner[0];
    case VAL_LOOP: case VAL_VEC: return k == 2 ? i->inner[1] : i->home;
    default: return i->home;
    }
}

static void collect_needs(Build *b) {
    for (size_t i = 1; i < b->insts && !b->failed; i++) {
        Inst inst = b->inst[i];
        Val v = b->val[inst.val];
        for (uint32_t k = 0; k < v.op_count; k++)
            add_need(b, b->op[v.op_first + k], region_of_op(b, &inst, k));
    }
    for (size_t i = 0; i < b->events && !b->failed; i++) {
        Event e = b->event[i];
        bool reduces = e.kind == EVENT_ENTER && e.step->kind == PLAN_REDUCE;
        add_need(b, e.value, reduces ? e.body : e.region);
        add_need(b, e.index[0], e.region);
        add_need(b, e.index[1], e.region);
        add_need(b, e.lo, e.region);
        add_need(b, e.hi, e.region);
    }
    if (b->result_val)
        add_need(b, b->result_val, 1);
}

void place_all(Build *b) {
    for (size_t i = 0; i < b->events; i++)
        if (b->event[i].reduced) {
            InstId at = inst_new(b, b->event[i].reduced, b->event[i].region);
            b->inst[at].emitted = false;
        }
    for (size_t i = b->orders; 0 < i && !b->failed; i--) {
        ValId v = b->order[i - 1];
        if (b->val[v].traps)
            place_trapping(b, v);
        else
            place_calm(b, v);
        if (200000 + 16 * b->vals < b->insts || store_is_interrupted(b->s))
            build_fail(b, NULL, "the expression is too large");
    }
    if (!b->failed)
        collect_needs(b);
}
