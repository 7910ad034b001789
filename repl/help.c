/* Help, put together from the rows of commands, functions, methods, settings and topics. */
#include "repl/help.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

#include "expr/functions.h"
#include "repl/command.h"
#include "repl/methods.h"

enum { HELP_WIDTH = 78 };

/* ---- lists ---- */

typedef struct Row {
    Buf *out;
    size_t column;
} Row;

static void row_word(void *to, const char *word) {
    Row *r = to;
    size_t len = strlen(word);
    if (r->column > 2 && HELP_WIDTH < r->column + len + 1) {
        buf_text(r->out, "\n  ");
        r->column = 2;
    }
    if (r->column == 0) {
        buf_text(r->out, "  ");
        r->column = 2;
    } else if (r->column > 2) {
        buf_char(r->out, ' ');
        r->column++;
    }
    buf_text(r->out, word);
    r->column += len;
}

static void list_functions(Buf *out) {
    Row row = {.out = out};
    for (size_t i = 0; i < functions_count(); i++) row_word(&row, function_at(i)->name);
    buf_char(out, '\n');
    buf_text(out, "of vectors and indices:\n");
    row = (Row){.out = out};
    static const char *const more[] = {"sum",    "prod",   "max",  "min", "argmax",
                                       "argmin", "dot",    "norm", "len", "transpose",
                                       "fill",   "random", "vec",  "if"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) row_word(&row, more[i]);
    buf_char(out, '\n');
}

typedef struct MethodRows {
    Interp *in;
    Buf *out;
} MethodRows;

static void method_row(void *to, const char *name) {
    MethodRows *m = to;
    const char *summary = methods_summary(m->in, name);
    buf_printf(m->out, "  %-10s %s\n", name, summary ? summary : "");
}

static void list_methods(Interp *in, Buf *out) {
    MethodRows rows = {in, out};
    buf_text(out, "methods, after by:\n");
    methods_each(in, method_row, &rows);
    buf_text(out, "help adam tells its options, show adam its text; help rule: your own.\n");
}

static void list_commands(Buf *out) {
    for (size_t i = 0; i < command_count; i++)
        buf_printf(out, "  %-7s %s\n", command_list[i]->name, command_list[i]->summary);
}

void help_overview(Interp *in, Buf *out) {
    (void)in;
    buf_text(out, "Type a function as on paper, then ask about it:\n"
                  "  f(x,y) = (1.5-x+xy)^2 + (2.25-x+xy^2)^2     define it\n"
                  "  f(3, 0.5)                                   its value\n"
                  "  grad f                                      its gradient, as a formula\n"
                  "  grad f(3, 4)                                and in numbers\n"
                  "  check f                                     the gradient against differences\n"
                  "  check df/dx = 2(1.5-x+xy)(y-1)              a derivative of your own\n"
                  "  min f from (1,1) by adam lr=0.05            one run of an optimizer\n"
                  "Commands (a beginning of two letters or more will do):\n");
    list_commands(out);
    buf_text(out, "More: help COMMAND, help FUNCTION, help METHOD, and\n");
    Row row = {.out = out};
    for (size_t i = 0; i < help_topic_count; i++) row_word(&row, help_topic_list[i].name);
    row_word(&row, "commands");
    row_word(&row, "methods");
    row_word(&row, "settings");
    buf_char(out, '\n');
}

/* ---- one thing ---- */

static void examples(Buf *out, const char *const *list, size_t most) {
    for (size_t i = 0; i < most && list[i]; i++)
        buf_printf(out, "%s%s\n", i == 0 ? "examples:\n  " : "  ", list[i]);
}

static void help_command(const Command *c, Buf *out) {
    buf_printf(out, "%s\n  %s\n", c->usage, c->summary);
    if (c->detail) buf_printf(out, "%s\n", c->detail);
    for (size_t i = 0; i < COMMAND_OPTIONS && c->options[i].name; i++) {
        const CommandOption *o = &c->options[i];
        buf_printf(out, "%s%-9s %s", i == 0 ? "options:\n  " : "  ", o->name, o->help);
        if (!isnan(o->start) && o->start != 0) {
            buf_text(out, " (");
            buf_double(out, o->start);
            buf_char(out, ')');
        }
        buf_char(out, '\n');
    }
    if (c->lacks) c->lacks(out);
    examples(out, c->examples, COMMAND_EXAMPLES);
}

/* Does the letter f stand alone in the text? */
static bool speaks_of_f(const char *text) {
    for (const char *p = strchr(text, 'f'); p; p = strchr(p + 1, 'f'))
        if ((p == text || !isalnum((unsigned char)p[-1])) && !isalnum((unsigned char)p[1]) &&
            p[1] != '(')
            return true;
    return false;
}

static void help_function(const Function *f, Buf *out) {
    static const char *const args[] = {"", "x", "x, y", "x, y, z"};
    buf_printf(out, "%s(%s%s): %s\n", f->name, args[f->arity], f->variadic ? ", ..." : "", f->help);
    for (size_t i = 0; i < FUNCTION_ALIASES && f->also[i]; i++)
        buf_printf(out, "%s%s", i == 0 ? "  also " : ", ", f->also[i]);
    if (f->also[0]) buf_char(out, '\n');
    if (f->domain) buf_printf(out, "  defined where %s\n", f->domain);
    if (f->kink) buf_printf(out, "  no derivative where %s\n", f->kink);
    for (int i = 0; i < f->arity; i++)
        if (f->d[i])
            buf_printf(out, "  derivative by %c: %s%s\n", 'x' + i, f->d[i],
                       speaks_of_f(f->d[i]) ? "   (f: its own value)" : "");
    if (f->no_d) buf_printf(out, "  %s\n", f->no_d);
    if (f->example) buf_printf(out, "examples:\n  %s\n", f->example);
}

static void help_topic(const Topic *t, Buf *out) {
    buf_printf(out, "%s: %s\n%s\n", t->name, t->summary, t->text);
    if (strcmp(t->name, "functions") == 0) {
        buf_text(out, "built in:\n");
        list_functions(out);
    }
    examples(out, t->examples, sizeof t->examples / sizeof *t->examples);
}

static const struct {
    const char *word, *topic;
} help_aliases[] = {{"sum", "reductions"},
                    {"prod", "reductions"},
                    {"vec", "vectors"},
                    {"dot", "vectors"},
                    {"norm", "vectors"},
                    {"len", "vectors"},
                    {"transpose", "vectors"},
                    {"fill", "vectors"},
                    {"random", "vectors"},
                    {"argmax", "reductions"},
                    {"argmin", "reductions"},
                    {"if", "choice"},
                    {"grad", "derivatives"},
                    {"hess", "derivatives"},
                    {"jac", "derivatives"},
                    {"diff", "derivatives"},
                    {"derivative", "derivatives"},
                    {"matrices", "vectors"},
                    {"matrix", "vectors"},
                    {"vector", "vectors"},
                    {"products", "juxtaposition"},
                    {"rules", "rule"},
                    {"|x|", "operators"},
                    {"pi", "numbers"},
                    {"e", "numbers"},
                    {"inf", "numbers"},
                    {"nan", "numbers"},
                    {"json", "scripts"},
                    {"exit", "quit"},
                    {"history", "prompt"},
                    {"and", "operators"},
                    {"or", "operators"},
                    {"not", "operators"},
                    {"domain", "show"},
                    {"limits", "show"},
                    {"reduction", "reductions"}};

static const Topic *find_topic(const char *word) {
    for (size_t i = 0; i < help_topic_count; i++)
        if (strcmp(help_topic_list[i].name, word) == 0) return &help_topic_list[i];
    return NULL;
}

static bool help_setting(SettingId id, Buf *out) {
    if (id == SET_COUNT) return false;
    const SettingRow *row = &setting_rows[id];
    buf_printf(out, "set %s: %s\n  ", row->name, row->help);
    setting_accepts(id, out);
    buf_char(out, '\n');
    return true;
}

static bool help_lists(Interp *in, const char *word, Buf *out) {
    if (strcmp(word, "commands") == 0)
        list_commands(out);
    else if (strcmp(word, "methods") == 0)
        list_methods(in, out);
    else if (strcmp(word, "settings") == 0)
        for (size_t i = 0; i < SET_COUNT; i++) help_setting((SettingId)i, out);
    else
        return false;
    return true;
}

static bool help_exactly(Interp *in, const char *word, Buf *out) {
    const Command *c = command_row(word);
    const Topic *t = find_topic(word);
    int f = function_find(word, strlen(word));
    size_t start = out->len;
    if (c) help_command(c, out);
    if (t) help_topic(t, out);
    if (f >= 0) help_function(function_at((size_t)f), out);
    if (!c && !t && f < 0) {
        bool found = methods_help(in, word, out) || help_lists(in, word, out);
        if (!found && !command_row(word)) help_setting(setting_find(word), out);
    }
    return start < out->len;
}

/* ---- the nearest ---- */

typedef struct Words {
    const char *word[1024];
    size_t count;
} Words;

static void add_word(void *to, const char *word) {
    Words *w = to;
    if (w->count < 1024) w->word[w->count++] = word;
}

void help_topics(Interp *in, void (*each)(void *to, const char *name), void *to) {
    for (size_t i = 0; i < command_count; i++) each(to, command_list[i]->name);
    for (size_t i = 0; i < help_topic_count; i++) each(to, help_topic_list[i].name);
    for (size_t i = 0; i < functions_count(); i++) each(to, function_at(i)->name);
    for (size_t i = 0; i < SET_COUNT; i++) each(to, setting_rows[i].name);
    each(to, "commands");
    each(to, "methods");
    each(to, "settings");
    methods_each(in, each, to);
}

bool help_on(Interp *in, const char *topic, Buf *out, const char **near) {
    *near = NULL;
    if (help_exactly(in, topic, out)) return true;
    for (size_t i = 0; i < sizeof help_aliases / sizeof *help_aliases; i++)
        if (strcmp(help_aliases[i].word, topic) == 0)
            return help_exactly(in, help_aliases[i].topic, out);
    const char *form = foreign_find(topic, strlen(topic));
    if (form) {
        buf_printf(out, "in plumb: %s\n", form);
        return true;
    }
    Words all = {.count = 0};
    help_topics(in, add_word, &all);
    *near = names_nearest(topic, strlen(topic), all.word, all.count);
    return false;
}
