/* Programs: the table of instructions, release, size, listing. */
#include <stdlib.h>

#include "eval/program_code.h"
#include "expr/functions.h"

const char *const op_name[OP_CODES] = {
#define OPC(name, fields, cost) #name,
#include "eval/program_ops.def"
#undef OPC
};
const char op_fields[OP_CODES][5] = {
#define OPC(name, fields, cost) fields,
#include "eval/program_ops.def"
#undef OPC
};
const unsigned char op_cost[OP_CODES] = {
#define OPC(name, fields, cost) cost,
#include "eval/program_ops.def"
#undef OPC
};

void sub_done(Sub *u) {
    free(u->code);
    free(u->origin);
    free(u->pin);
    free(u->table);
    free(u->param);
    free(u->loop);
    for (uint32_t i = 0; i < u->sites; i++)
        free(u->site[i].arg);
    free(u->site);
    free(u->slot);
}

void program_free(Program *p) {
    if (!p)
        return;
    for (size_t i = 0; i < p->subs; i++)
        sub_done(&p->sub[i]);
    free(p->sub);
    free(p->fn);
    free(p);
}

size_t program_length(const Program *p) {
    size_t res = 0;
    for (size_t i = 0; i < p->subs; i++)
        res += p->sub[i].length;
    return res;
}

/* ---- listing ---- */
static void dump_pin(const Program *p, Buf *out, const Pin *pin, uint32_t i) {
    const Names *names = store_names(defs_store(p->defs));
    buf_printf(out, "  r%u = ", i);
    if (pin->kind == PIN_CONST)
        buf_double(out, pin->value);
    else
        buf_text(out, names_text(names, pin->name));
    buf_text(out, pin->kind == PIN_DIM ? " (length)\n" : pin->kind == PIN_GLOBAL ? " (variable)\n" : "\n");
}

static void dump_table(const Program *p, Buf *out, const TableEntry *t, uint32_t i) {
    static const char *const kind[] = {"parameter", "variable", "slot", "temporary"};
    buf_printf(out, "  A%u: %s", i, kind[t->kind]);
    if (t->name)
        buf_printf(out, " %s", names_text(store_names(defs_store(p->defs)), t->name));
    if (t->kind == TABLE_SLOT)
        buf_printf(out, " %u", t->which);
    buf_printf(out, ", rank %d\n", t->rank);
}

static void dump_field(Buf *out, const Program *p, const Sub *u, char letter, uint32_t value, bool wide) {
    switch (letter) {
    case 'w': case 'r': case 'm': buf_printf(out, " r%u", value); break;
    case 'x': case 'y': buf_printf(out, " A%u", value); break;
    case 'k': buf_printf(out, " %d", wide ? (int)(int32_t)value : (int)value); break;
    case 'j': buf_printf(out, " ->%u", value); break;
    case 'f': buf_printf(out, " %s", value < p->fns ? function_at(value)->name : "?"); break;
    case 's': buf_printf(out, " S%u", value); break;
    case 'q':
        buf_printf(out, " sub%u(", u->site[value].sub);
        for (uint32_t i = 0; i < u->site[value].count; i++)
            buf_printf(out, "%s%c%u", i ? ", " : "", u->site[value].arg[i].array ? 'A' : 'r',
                       u->site[value].arg[i].at);
        buf_char(out, ')');
        break;
    default: break;
    }
}

void program_dump(const Program *p, Buf *out) {
    for (size_t k = 0; k < p->subs; k++) {
        const Sub *u = &p->sub[k];
        buf_printf(out, "sub%zu", k);
        if (k)
            buf_printf(out, " %s", names_text(store_names(defs_store(p->defs)), defs_fn_base(p->defs, u->fn)));
        buf_printf(out, ": %zu instructions, %u registers, %u arrays\n", u->length, u->registers, u->tables);
        for (uint32_t i = 0; i < u->pinned; i++)
            dump_pin(p, out, &u->pin[i], i);
        for (uint32_t i = 0; i < u->tables; i++)
            dump_table(p, out, &u->table[i], i);
        for (size_t i = 0; i < u->length; i++) {
            const Instr *I = &u->code[i];
            const char *fields = op_fields[I->op];
            buf_printf(out, "%5zu  %-8s", i, op_name[I->op]);
            dump_field(out, p, u, fields[0], I->d, true);
            dump_field(out, p, u, fields[1], I->a, true);
            dump_field(out, p, u, fields[2], I->b, true);
            dump_field(out, p, u, fields[3], I->c, false);
            buf_char(out, '\n');
        }
    }
}
