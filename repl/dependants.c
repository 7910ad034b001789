/* What a definition changes elsewhere: the functions that use the name are told, those whose shapes
 * may no longer fit are read again from their text, callees before callers, and functions that had
 * lost their meaning are tried again. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/command.h"
#include "repl/json.h"
#include "repl/reader.h"

typedef struct NameList {
    Name *name;
    size_t count, cap;
} NameList;

static void add_name(void *to, Name name) {
    NameList *list = to;
    list->name = mem_grow(list->name, &list->cap, list->count + 1, sizeof *list->name);
    list->name[list->count++] = name;
}

static void add_user(void *to, Def *user) { add_name(to, user->name); }

/* A function that f calls and that is a variable now, or the reverse: f(x) must not turn into a
 * product.  Noted in f. */
static bool has_lost(Task *t, Def *f) {
    const Defs *d = t->in->defs;
    if (f->lost) {
        if (!(f->lost_function ? (void *)defs_function(d, f->lost) : (void *)defs_variable(d, f->lost)))
            return true;
        f->lost = 0;
    }
    NameList used = {0};
    defs_uses(d, f, add_name, &used);
    for (size_t i = 0; i < used.count && !f->lost; i++) {
        f->lost_function = defs_calls(d, f->body, used.name[i]);
        if (f->lost_function ? defs_variable(d, used.name[i]) != NULL
                             : defs_function(d, used.name[i]) != NULL)
            f->lost = used.name[i];
    }
    free(used.name);
    return f->lost != 0;
}

/* Reads the function's text again; false, with the reason in `why`, if it makes no sense now.  Its
 * body is 0 then. */
static bool read_again(Task *t, Name name, Buf *why) {
    Def *old = defs_function(t->in->defs, name);
    if (!old) return true;
    if (has_lost(t, old)) {
        old->body = 0;
        buf_printf(why, "%s is no longer a %s", names_text(t->in->names, old->lost),
                   old->lost_function ? "function" : "variable");
        return false;
    }
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    char *text = mem_copy_text(old->text, strlen(old->text));
    const Ast *tree = reader_parse_one(t->in, text, &arena, &diags);
    Def fresh;
    bool res = tree && tree->kind == AST_DEF && diags.errors == 0 &&
               lower_definition(t->in->defs, tree, text, strlen(text), &diags, &fresh);
    if (res) {
        defs_set_function(t->in->defs, &fresh);
    } else {
        old->body = 0;
        const char *reason = diags.count > 0 ? diags.item[0].message : "its text cannot be read";
        const char *after = strstr(reason, " no longer makes sense");
        buf_printf(why, after ? "it uses %.*s" : "%.*s",
                   (int)(after ? (size_t)(after - reason) : strlen(reason)), reason);
    }
    free(text);
    arena_done(&arena);
    return res;
}

/* ---- callees before callers ---- */

enum { ORDER_NOT_ASKED = 1, ORDER_OPEN, ORDER_DONE }; /* marks by name; 0 is no user */

/* Depth first through what each uses, with a stack of its own. */
static void order_from(Task *t, Name first, unsigned char *mark, size_t marks, NameList *out) {
    NameList stack = {0};
    add_name(&stack, first);
    while (stack.count > 0) {
        Name name = stack.name[stack.count - 1];
        if (mark[name] != ORDER_NOT_ASKED) {
            stack.count--;
            if (mark[name] == ORDER_OPEN) add_name(out, name);
            mark[name] = ORDER_DONE;
            continue;
        }
        mark[name] = ORDER_OPEN;
        NameList used = {0};
        defs_uses(t->in->defs, defs_function(t->in->defs, name), add_name, &used);
        for (size_t i = 0; i < used.count; i++)
            if (used.name[i] < marks && mark[used.name[i]] == ORDER_NOT_ASKED)
                add_name(&stack, used.name[i]);
        free(used.name);
    }
    free(stack.name);
}

static void order_users(Task *t, NameList *users) {
    size_t marks = 1;
    for (size_t i = 0; i < users->count; i++)
        if (marks <= users->name[i]) marks = (size_t)users->name[i] + 1;
    unsigned char *mark = mem_new(marks, 1);
    for (size_t i = 0; i < users->count; i++) mark[users->name[i]] = ORDER_NOT_ASKED;
    NameList ordered = {0};
    for (size_t i = 0; i < users->count; i++)
        if (mark[users->name[i]] == ORDER_NOT_ASKED)
            order_from(t, users->name[i], mark, marks, &ordered);
    free(mark);
    free(users->name);
    *users = ordered;
}

/* ---- the change ---- */

static void say_users(Task *t, const NameList *users) {
    Buf line;
    buf_init(&line);
    json_key(&t->report->json, "changes");
    buf_char(&t->report->json, '[');
    for (size_t i = 0; i < users->count; i++) {
        const char *user = names_text(t->in->names, users->name[i]);
        buf_printf(&line, "%s%s", i > 0 ? ", " : "also changes: ", user);
        json_comma(&t->report->json);
        buf_json_string(&t->report->json, user, strlen(user));
    }
    buf_char(&t->report->json, ']');
    if (!t->in->quiet) buf_printf(&t->report->text, "%s\n", buf_str(&line));
    buf_done(&line);
}

static void read_users_again(Task *t, NameList *users) {
    order_users(t, users);
    Buf why;
    buf_init(&why);
    for (size_t i = 0; i < users->count; i++) {
        buf_clear(&why);
        if (!read_again(t, users->name[i], &why))
            report_note(t->report, "%s no longer makes sense: %s",
                        names_text(t->in->names, users->name[i]), buf_str(&why));
    }
    buf_done(&why);
}

/* Functions without a meaning, other than those just found so: does the change bring it back? */
static void revive(Task *t) {
    Defs *d = t->in->defs;
    Buf why;
    buf_init(&why);
    for (bool again = true; again;) {
        again = false;
        NameList stale = {0};
        for (size_t i = 0; i < defs_function_count(d); i++)
            if (!defs_function_at(d, i)->body) add_name(&stale, defs_function_at(d, i)->name);
        for (size_t i = 0; i < stale.count; i++) {
            if (!read_again(t, stale.name[i], &why)) continue;
            report_note(t->report, "%s makes sense again", names_text(t->in->names, stale.name[i]));
            again = true;
        }
        free(stale.name);
    }
    buf_done(&why);
}

void define_refresh_users(Task *t, Name name, bool known, bool shape_changed) {
    NameList users = {0};
    if (known) defs_users(t->in->defs, name, add_user, &users);
    if (users.count > 0) say_users(t, &users);
    revive(t);
    if (users.count > 0 && shape_changed) read_users_again(t, &users);
    free(users.name);
}
