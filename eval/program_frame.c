/* Frames: memory for running, temporaries, calls. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "eval/interp_shadow.h"

enum { CHUNK = 1 << 18 };

void *stack_take(Workspace *w, size_t bytes) {
    if (SIZE_MAX / 4 < bytes)
        return NULL;
    bytes = (bytes + 63) & ~(size_t)63;
    Chunk *c = w->chunk;
    if (!c || c->size - c->used < bytes) {
        size_t size = bytes < CHUNK ? CHUNK : bytes;
        if (w->memory < w->chunk_bytes + size)
            return NULL;
        c = calloc(1, sizeof *c + size);
        if (!c)
            return NULL;
        *c = (Chunk){.before = w->chunk, .size = size};
        w->chunk = c;
        w->chunk_bytes += size;
    }
    char *res = (char *)c->data + c->used;
    c->used += bytes;
    return res;
}

void stack_release(Workspace *w, Chunk *chunk, size_t used) {
    while (w->chunk != chunk) {
        Chunk *before = w->chunk->before;
        w->chunk_bytes -= w->chunk->size;
        free(w->chunk);
        w->chunk = before;
    }
    if (chunk)
        chunk->used = used;
}

RunStatus frame_temp(Workspace *w, ArrayRef *ref, double rows, double columns, int rank) {
    rows = 0 < rows ? floor(rows) : 0;
    columns = rank == 1 ? 1 : 0 < columns ? floor(columns) : 0;
    double numbers = rows * columns;
    if (!(numbers * sizeof(double) <= (double)w->memory))
        return RUN_MEMORY;
    size_t need = (size_t)numbers;
    if (ref->room < need || !ref->at) {
        ref->at = stack_take(w, need * sizeof(double));
        ref->shadow = NULL;
        ref->room = need;
        if (!ref->at)
            return RUN_MEMORY;
    }
    if (w->shadowed && !ref->shadow) {
        ref->shadow = stack_take(w, (ref->room + 1) * sizeof(double));
        if (!ref->shadow)
            return RUN_MEMORY;
    }
    ref->dim[0] = (size_t)rows;
    ref->dim[1] = (size_t)columns;
    return RUN_OK;
}

void fault_set(Workspace *w, const Frame *f, const Instr *at, double index, size_t length, int axis) {
    Fault *fault = &w->fault;
    *fault = (Fault){.sub = f->sub, .at = at, .index = index, .length = length, .axis = axis};
    uint32_t loop = f->sub->origin[at - f->sub->code].loop;
    for (; loop && fault->loops < 8; loop = f->sub->loop[loop].parent) {
        const LoopInfo *info = &f->sub->loop[loop];
        fault->loop[fault->loops].number = info->number;
        fault->loop[fault->loops++].value = f->reg[info->reg];
    }
}

bool frame_set_dims(Workspace *w, const Sub *sub, uint32_t param, const size_t *length, double *reg, bool *known) {
    const ParamInfo *info = &sub->param[param];
    for (int k = 0; k < info->rank; k++) {
        const DimInfo *dim = &info->dim[k];
        size_t want = dim->symbolic ? (size_t)reg[dim->reg] : dim->length;
        if (dim->symbolic && !known[dim->reg]) {
            reg[dim->reg] = (double)length[k];
            known[dim->reg] = true;
        } else if (want != length[k]) {
            w->fault = (Fault){.sub = sub, .length = length[k], .other = want, .axis = k, .name = info->name};
            return false;
        }
    }
    return true;
}

/* The callee's registers, arrays and states, in one piece. */
static bool take_frame(Workspace *w, const Sub *sub, Frame *callee) {
    size_t regs = 2 * (size_t)sub->registers * sizeof(double), tables = sub->tables * sizeof(ArrayRef);
    char *at = stack_take(w, regs + tables + sub->states * sizeof(Reduction));
    if (!at)
        return false;
    size_t index = (size_t)(sub - w->program->sub);
    *callee = (Frame){sub, (double *)(void *)at, (ArrayRef *)(void *)(at + regs),
                      (Reduction *)(void *)(at + regs + tables)};
    memcpy(callee->reg, w->pins[index], sub->pinned * sizeof(double));
    if (w->shadowed) {
        memset(callee->reg + sub->registers, 0, sub->registers * sizeof(double));
        shadow_constants(w, sub, callee->reg + sub->registers);
    }
    if (sub->tables)
        memcpy(callee->table, w->globals[index], tables);
    return true;
}

RunStatus frame_enter(Workspace *w, const Frame *caller, const CallSite *site, const ArrayRef *out, Frame *callee) {
    const Sub *sub = &w->program->sub[site->sub];
    bool few[64] = {false}, *known = few;
    if (!take_frame(w, sub, callee))
        return RUN_MEMORY;
    if (64 < sub->pinned && !(known = stack_take(w, sub->pinned)))
        return RUN_MEMORY;
    if (known != few)
        memset(known, 0, sub->pinned);
    for (uint32_t i = 0; i < sub->params && i < site->count; i++) {
        const ParamInfo *info = &sub->param[i];
        uint32_t from = site->arg[i].at;
        if (info->rank == 0) {
            callee->reg[info->reg] = caller->reg[from];
            if (w->shadowed)
                callee->reg[sub->registers + info->reg] = caller->reg[caller->sub->registers + from];
            continue;
        }
        callee->table[info->table] = caller->table[from];
        if (!frame_set_dims(w, sub, i, caller->table[from].dim, callee->reg, known))
            return RUN_SIZE;
    }
    if (out && sub->slots && sub->slot[0].table != NO_TABLE)
        callee->table[sub->slot[0].table] = *out;
    return RUN_OK;
}

RunStatus frame_call(Workspace *w, Frame *f, const Instr *at) {
    bool array = at->op == OP_CALLARRAY;
    Chunk *chunk = w->chunk;
    size_t used = chunk ? chunk->used : 0;
    Frame callee;
    RunStatus status =
        frame_enter(w, f, &f->sub->site[at->a], array ? &f->table[at->c] : NULL, &callee);
    if (status != RUN_OK) {
        stack_release(w, chunk, used);
        if (status == RUN_MEMORY)
            fault_set(w, f, at, 0, 0, 0);
        return status;
    }
    w->call = mem_grow(w->call, &w->call_cap, w->calls + 1, sizeof *w->call);
    w->call[w->calls++] = (Call){*f, at, at->d, chunk, used};
    *f = callee;
    return RUN_OK;
}

const Instr *frame_return(Workspace *w, Frame *f) {
    const Call *c = &w->call[--w->calls];
    stack_release(w, c->chunk, c->used);
    *f = c->frame;
    return c->next;
}

void frame_unwind(Workspace *w) {
    if (w->calls)
        stack_release(w, w->call[0].chunk, w->call[0].used);
    w->calls = 0;
}
