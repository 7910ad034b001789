/* Shadows of inputs, outputs and temporaries; see interp_shadow.h. */
#include "eval/interp_shadow.h"

#include <stdlib.h>
#include <string.h>

static bool attach_temp(Workspace *w, size_t slot, ArrayRef *ref) {
    size_t n = w->slot_length[slot];
    if (!w->slot_shadow[slot] && !(w->slot_shadow[slot] = calloc(n + 1, sizeof(double))))
        return false;
    memset(w->slot_shadow[slot], 0, n * sizeof(double));
    ref->shadow = w->slot_shadow[slot];
    return true;
}

void shadow_constants(const Workspace *w, const Sub *u, double *shadow) {
    for (uint32_t i = 0; w->bounded && i < u->pinned; i++)
        shadow[i] = u->pin[i].error;
}

bool shadow_attach(Workspace *w, const double *x, const double *x_shadow, double *const *slots,
                   double *const *slot_shadow) {
    const Sub *u = w->main.sub;
    workspace_attach(w, x, slots);
    w->shadowed = true;
    w->doubtful = false;
    double *e = w->main.reg + u->registers;
    memset(e, 0, u->registers * sizeof *e);
    shadow_constants(w, u, e);
    for (uint32_t i = 0; i < u->params; i++) {
        const ParamInfo *info = &u->param[i];
        const double *from = x_shadow ? x_shadow + w->param_at[i] : NULL;
        if (info->rank == 0)
            e[info->reg] = from ? *from : 0;
        else /* as the parameter itself: never written */
            w->main.table[info->table].shadow = (double *)(uintptr_t)from;
    }
    for (size_t i = 0; i < u->slots; i++) {
        const SlotInfo *slot = &u->slot[i];
        if (slot->table == NO_TABLE)
            continue;
        ArrayRef *ref = &w->main.table[slot->table];
        ref->shadow = slot->kind == SLOT_TEMP || !slot_shadow ? NULL : slot_shadow[i];
        if (slot->kind == SLOT_TEMP && !attach_temp(w, i, ref))
            return false;
        if (slot->kind == SLOT_OUTPUT && ref->shadow)
            memset(ref->shadow, 0, w->slot_length[i] * sizeof(double));
    }
    return true;
}

void shadow_detach(Workspace *w) {
    const Sub *u = w->main.sub;
    w->shadowed = false;
    for (uint32_t i = 0; i < u->tables; i++) /* the caller's arrays may go away */
        if (u->table[i].kind == TABLE_PARAM || u->table[i].kind == TABLE_SLOT)
            w->main.table[i].shadow = NULL;
}
