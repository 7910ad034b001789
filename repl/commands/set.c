/* set NAME VALUE: changes a setting; alone, lists them. */
#include <string.h>

#include "repl/command.h"
#include "repl/json.h"

static void set_list(Task *t) {
    Report *r = t->report;
    r->kind = "settings";
    json_key(&r->json, "settings");
    buf_char(&r->json, '{');
    for (size_t i = 0; i < SET_COUNT; i++) {
        Buf value;
        buf_init(&value);
        setting_print(&t->in->set, (SettingId)i, &value);
        buf_printf(&r->text, "%-8s %-8s %s\n", setting_rows[i].name, buf_str(&value),
                   setting_rows[i].help);
        if (setting_rows[i].kind == SETTING_WORD)
            json_string(&r->json, setting_rows[i].name, buf_str(&value));
        else
            json_number(&r->json, setting_rows[i].name, t->in->set.value[i]);
        buf_done(&value);
    }
    buf_char(&r->json, '}');
}

static bool set_refuse(Task *t, const Ast *value, SettingId id) {
    Buf accepts;
    buf_init(&accepts);
    setting_accepts(id, &accepts);
    diag_error(t->diags, value->span, NULL, "%s is %s", setting_rows[id].name, buf_str(&accepts));
    buf_done(&accepts);
    return false;
}

static SettingId find_setting(Task *t, const Ast *item) {
    const char *name = names_text(t->in->names, item->name);
    SettingId id = setting_find(name);
    if (id == SET_COUNT) {
        const char *near = setting_nearest(name);
        diag_error(t->diags, item->name_span,
                   near ? arena_printf(t->arena, "did you mean %s?", near)
                        : "set alone lists the settings",
                   "%s is no setting", name);
    }
    return id;
}

static void report_setting(Task *t, SettingId id) {
    Report *r = t->report;
    Buf value;
    buf_init(&value);
    setting_print(&t->in->set, id, &value);
    json_string(&r->json, "name", setting_rows[id].name);
    json_key(&r->json, "value");
    if (setting_rows[id].kind == SETTING_WORD)
        buf_json_string(&r->json, buf_str(&value), value.len);
    else
        buf_double_json(&r->json, t->in->set.value[id]);
    buf_done(&value);
}

static bool set_one(Task *t, const Ast *item) {
    SettingId id = find_setting(t, item);
    if (id == SET_COUNT) return false;
    const Ast *value = item->kids[0];
    Settings next = t->in->set;
    if (setting_rows[id].kind == SETTING_WORD) {
        const char *word = value->kind == AST_NAME     ? names_text(t->in->names, value->name)
                           : value->kind == AST_STRING ? value->text
                                                       : "";
        if (!setting_set_word(&next, id, word)) return set_refuse(t, value, id);
    } else {
        double number;
        if (!evaluate_number(t, value, &number)) return false;
        if (!setting_set_number(&next, id, number)) return set_refuse(t, value, id);
    }
    undo_save_setting(t->in, id);
    t->in->set = next;
    interp_apply_setting(t->in, id);
    report_setting(t, id);
    return true;
}

/* set digits, without a value: an error that tells the value it has. */
static bool set_without_value(Task *t, const Ast *item) {
    SettingId id = find_setting(t, item);
    if (id == SET_COUNT) return false;
    Buf hint;
    buf_init(&hint);
    buf_text(&hint, "it is ");
    setting_print(&t->in->set, id, &hint);
    buf_text(&hint, " now; it takes ");
    setting_accepts(id, &hint);
    diag_error(t->diags, item->span, buf_str(&hint), "%s needs a value", setting_rows[id].name);
    buf_done(&hint);
    return false;
}

static bool set_run(Task *t) {
    t->report->kind = "set";
    if (t->tree->count == 0) {
        set_list(t);
        return true;
    }
    for (size_t i = 0; i < t->tree->count; i++) {
        const Ast *kid = t->tree->kids[i];
        if ((kid->kind == AST_OPTION || kid->kind == AST_NAMED || kid->kind == AST_EQUATION) &&
            kid->count > 0) {
            if (!set_one(t, kid)) return false;
            continue;
        }
        if (kid->kind == AST_NAME && t->tree->count == 1) return set_without_value(t, kid);
        diag_error(t->diags, kid->span, "for example set digits 6", "expected NAME VALUE");
        return false;
    }
    return true;
}

const Command command_set = {
    .name = "set",
    .usage = "set NAME VALUE",
    .summary = "changes a setting; alone, lists them all",
    .detail = "Settings: format (text, json), digits, seed, timing, and the limits of show limits.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_SETTING,
    .run = set_run,
    .examples = {"set digits 6", "set"},
};
