/* Undo: what a name or a setting was before each change, newest last. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/rule.h"
#include "repl/interp.h"
#include "repl/reader.h"

typedef enum UndoKind {
    UNDO_NOTHING,
    UNDO_FUNCTION,
    UNDO_VARIABLE,
    UNDO_SETTING,
    UNDO_RULE
} UndoKind;

typedef struct Undo {
    UndoKind kind; /* what the name was */
    Name name;
    Def def; /* owned parts, as Defs keeps them */
    Value value;
    Expr exact;
    SettingId setting;
    double number;
    char *rule; /* owned: the session's former text of the rule, or NULL */
} Undo;

enum { UNDO_MOST = 1000, UNDO_NUMBERS = 4000000 }; /* entries; numbers in all their values */

struct UndoList {
    Undo *item;
    size_t count, cap;
    size_t numbers; /* in the values of all entries */
};

UndoList *undo_new(void) { return mem_new(1, sizeof(UndoList)); }

static void undo_drop(Undo *u) {
    if (u->kind == UNDO_FUNCTION) {
        free(u->def.param);
        free(u->def.text);
    } else if (u->kind == UNDO_VARIABLE) {
        value_done(&u->value);
    }
    free(u->rule);
}

void undo_free(UndoList *u) {
    if (!u) return;
    for (size_t i = 0; i < u->count; i++) undo_drop(&u->item[i]);
    free(u->item);
    free(u);
}

static Undo *undo_push(UndoList *u) {
    while (u->count == UNDO_MOST || (u->count > 1 && UNDO_NUMBERS < u->numbers)) {
        if (u->item[0].kind == UNDO_VARIABLE) u->numbers -= u->item[0].value.count;
        undo_drop(&u->item[0]);
        memmove(u->item, u->item + 1, --u->count * sizeof *u->item);
    }
    u->item = mem_grow(u->item, &u->cap, u->count + 1, sizeof *u->item);
    Undo *res = &u->item[u->count++];
    memset(res, 0, sizeof *res);
    return res;
}

void undo_save_name(Interp *in, Name name) {
    Undo *u = undo_push(in->undo);
    u->name = name;
    const Def *def = defs_function(in->defs, name);
    const Var *var = defs_variable(in->defs, name);
    if (def) {
        u->kind = UNDO_FUNCTION;
        u->def = *def;
        u->def.param = mem_new(def->param_count + 1, sizeof *def->param);
        if (def->param_count > 0)
            memcpy(u->def.param, def->param, def->param_count * sizeof *def->param);
        u->def.text = mem_copy_text(def->text, strlen(def->text));
    } else if (var) {
        u->kind = UNDO_VARIABLE;
        value_copy(&u->value, &var->value);
        in->undo->numbers += var->value.count;
        u->exact = var->exact;
    }
}

void undo_save_setting(Interp *in, SettingId id) {
    Undo *u = undo_push(in->undo);
    u->kind = UNDO_SETTING;
    u->setting = id;
    u->number = in->set.value[id];
}

void undo_save_rule(Interp *in, const char *name) {
    Undo *u = undo_push(in->undo);
    u->kind = UNDO_RULE;
    u->name = names_intern_str(in->names, name);
    const Rule *rule = rules_has(in->rules, name) ? rules_find(in->rules, name) : NULL;
    if (rule && !rule_is_shipped(rule))
        u->rule = mem_copy_text(rule_text(rule), strlen(rule_text(rule)));
}

void undo_forget(Interp *in) {
    if (in->undo->count > 0) undo_drop(&in->undo->item[--in->undo->count]);
}

static void undo_rule(Task *t, Undo *u) {
    const char *name = names_text(t->in->names, u->name);
    rules_remove(t->in->rules, name);
    const Ast *tree = u->rule ? reader_parse_one(t->in, u->rule, t->arena, t->diags) : NULL;
    Source source = {.text = u->rule, .len = u->rule ? strlen(u->rule) : 0, .first_line = 1};
    if (tree) rules_define(t->in->rules, tree, &source, t->diags);
    report_note(t->report, u->rule ? "%s is the former rule again" : "the rule %s is taken back",
                name);
    free(u->rule);
}

static void undo_name(Task *t, Undo *u) {
    Interp *in = t->in;
    const char *name = names_text(in->names, u->name);
    if (u->kind == UNDO_FUNCTION) {
        report_note(t->report, "%s is again: %s", name, u->def.text);
        defs_set_function(in->defs, &u->def);
    } else if (u->kind == UNDO_VARIABLE) {
        report_note(t->report, "%s has its former value again", name);
        defs_set_variable(in->defs, u->name, u->value, u->exact);
    } else {
        report_note(t->report, "%s is forgotten", name);
        defs_remove(in->defs, u->name);
    }
    define_refresh_users(t, u->name, true, true);
}

bool undo_back(Task *t) {
    UndoList *list = t->in->undo;
    if (list->count == 0) return false;
    Undo u = list->item[--list->count];
    if (u.kind == UNDO_VARIABLE) list->numbers -= u.value.count;
    if (u.kind == UNDO_SETTING) {
        t->in->set.value[u.setting] = u.number;
        interp_apply_setting(t->in, u.setting);
        Buf b;
        buf_init(&b);
        setting_print(&t->in->set, u.setting, &b);
        report_note(t->report, "%s is %s again", setting_rows[u.setting].name, buf_str(&b));
        buf_done(&b);
    } else if (u.kind == UNDO_RULE) {
        undo_rule(t, &u);
    } else {
        undo_name(t, &u);
    }
    return true;
}
