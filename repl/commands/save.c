/* save FILE: the session as a script that load reads. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "expr/print.h"
#include "repl/command.h"
#include "repl/files.h"
#include "repl/json.h"
#include "repl/methods.h"
#include "repl/show_value.h"

static void save_settings(Task *t, Buf *out) {
    for (size_t i = 0; i < SET_COUNT; i++) {
        if (i == SET_format || t->in->set.value[i] == setting_rows[i].start) continue;
        buf_printf(out, "set %s ", setting_rows[i].name);
        setting_print(&t->in->set, (SettingId)i, out);
        buf_char(out, '\n');
    }
}

static void save_variables(Task *t, Buf *out) {
    for (size_t i = 0; i < defs_variable_count(t->in->defs); i++) {
        const Var *v = defs_variable_at(t->in->defs, i);
        const char *name = names_text(t->in->names, v->name);
        if (scope_is_hidden(name)) continue;
        buf_printf(out, "%s = ", name);
        if (v->exact)
            expr_print(out, t->in->defs, v->exact, NULL);
        else
            show_value_exact(out, &v->value);
        buf_text(out, ";\n");
    }
}

typedef struct Ready {
    Task *task;
    bool *blocked, *done; /* by place among the functions */
    size_t count, left;
} Ready;

static void block_user(void *to, Def *user) {
    Ready *r = to;
    for (size_t i = 0; i < r->count; i++)
        if (defs_function_at(r->task->in->defs, i) == user) r->blocked[i] = true;
}

/* Functions after those they use.  Without `globals` only those that use no variable: they come
 * before the variables, so that a product xy is not read as a variable xy of later on. */
static void save_ready(Ready *r, bool globals, Buf *out) {
    Defs *d = r->task->in->defs;
    for (size_t before = r->left + 1; r->left < before && r->left > 0;) {
        before = r->left;
        memset(r->blocked, 0, r->count);
        for (size_t i = 0; i < r->count; i++)
            if (!r->done[i]) defs_users(d, defs_function_at(d, i)->name, block_user, r);
        for (size_t i = 0; i < r->count; i++) {
            const Def *f = defs_function_at(d, i);
            if (r->done[i] || r->blocked[i]) continue;
            if (!globals && (!f->body || expr_flags(defs_store(d), f->body) & EXPR_HAS_GLOBAL))
                continue;
            buf_printf(out, "%s;\n", f->text);
            r->done[i] = true;
            r->left--;
        }
    }
}

/* Functions of a circle: each announced first, so that the others' texts can be read. */
static void save_circles(Ready *r, Buf *out) {
    Defs *d = r->task->in->defs;
    for (size_t i = 0; i < r->count; i++) {
        if (r->done[i]) continue;
        const char *text = defs_function_at(d, i)->text, *equal = strchr(text, '=');
        size_t head = equal ? (size_t)(equal - text) : strlen(text);
        if (head > 0 && text[head - 1] == ':') head--;
        buf_printf(out, "%.*s= nan;\n", (int)head, text);
    }
    for (size_t i = 0; i < r->count; i++)
        if (!r->done[i]) buf_printf(out, "%s;\n", defs_function_at(d, i)->text);
}

static void save_definitions(Task *t, Buf *out) {
    Ready r = {.task = t, .count = defs_function_count(t->in->defs)};
    r.left = r.count;
    r.blocked = mem_new(r.count + 1, 1);
    r.done = mem_new(r.count + 1, 1);
    save_ready(&r, false, out);
    save_variables(t, out);
    save_ready(&r, true, out);
    save_circles(&r, out);
    free(r.blocked);
    free(r.done);
}

static bool save_run(Task *t) {
    t->report->kind = "save";
    const Ast *file = command_file(t->tree);
    if (!file) {
        diag_error(t->diags, t->tree->span, "for example save my.plumb", "save needs a file name");
        return false;
    }
    Buf text, why;
    buf_init(&text);
    buf_init(&why);
    buf_text(&text, "# a session of plumb\n");
    save_settings(t, &text);
    save_definitions(t, &text);
    methods_save(t->in, &text);
    bool res = file_replace(file->text, &text, &why);
    if (res) {
        buf_printf(&t->report->text, "saved in %s\n", file->text);
        json_string(&t->report->json, "file", file->text);
    } else {
        diag_error(t->diags, file->span, NULL, "%s", buf_str(&why));
    }
    buf_done(&text);
    buf_done(&why);
    return res;
}

const Command command_save = {
    .name = "save",
    .usage = "save FILE",
    .summary = "writes your definitions, rules and settings as a script",
    .detail =
        "load reads it back. An old file of that name is replaced only when the new one is complete.",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_FILE,
    .run = save_run,
    .examples = {"f(x) = x^2 - 0.731; save \"my session.plumb\""},
};
