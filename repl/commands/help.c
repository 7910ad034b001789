/* help [TOPIC]. */
#include "repl/help.h"

#include <string.h>

#include "repl/command.h"
#include "repl/json.h"

static bool help_unknown(Task *t, const Ast *item, const char *near) {
    char *hint = near ? arena_printf(t->arena, "did you mean help %s?", near)
                      : arena_copy_text(t->arena, "help alone lists what there is", 30);
    diag_error(t->diags, item->span, hint, "there is no help on %.*s", (int)item->len, item->text);
    return false;
}

/* help(sin), help "sin" and help() mean the word alone. */
static const char *bare_topic(Task *t, const Ast *item) {
    const char *from = item->text;
    size_t len = item->len;
    while (len >= 2 &&
           ((from[0] == '(' && from[len - 1] == ')') || (from[0] == '"' && from[len - 1] == '"'))) {
        from++;
        len -= 2;
    }
    return arena_copy_text(t->arena, from, len);
}

static bool help_run(Task *t) {
    Report *r = t->report;
    r->kind = "help";
    const Ast *item = t->tree->count > 0 ? t->tree->kids[0] : NULL;
    const char *topic = item ? bare_topic(t, item) : "";
    if (topic[0] == '\0') {
        help_overview(t->in, &r->text);
    } else {
        const char *near;
        if (!help_on(t->in, topic, &r->text, &near)) {
            Name name = names_find(t->in->names, topic, strlen(topic));
            const Def *def = name ? defs_function(t->in->defs, name) : NULL;
            if (!def) return help_unknown(t, item, near);
            buf_printf(&r->text, "%s\n  ", def->text);
            describe_function(t->in, def, &r->text);
            buf_char(&r->text, '\n');
        }
        json_string(&r->json, "topic", topic);
    }
    json_text(&r->json, "text", buf_str(&r->text), r->text.len);
    return true;
}

const Command command_help = {
    .name = "help",
    .usage = "help [COMMAND | FUNCTION | METHOD | TOPIC]",
    .summary = "what there is, and how it is used",
    .clauses = "",
    .flags = "",
    .traits = COMMAND_TEXT,
    .run = help_run,
    .examples = {"help", "help min", "help tanh", "help adam", "help juxtaposition"},
};
