/* Completion: the parser tells what may follow, the session tells the names. */
#include "repl/complete.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/command.h"
#include "repl/help.h"
#include "repl/methods.h"

typedef struct Offer {
    Interp *in;
    const char *prefix;
    size_t prefix_len;
    Completions *out;
    const char *suffix; /* of the words to come */
} Offer;

static void offer_with(Offer *o, const char *word, const char *suffix) {
    size_t len = strlen(word);
    if (len < o->prefix_len || memcmp(word, o->prefix, o->prefix_len) != 0 ||
        scope_is_hidden(word)) {
        if (strcmp(word, "ans") != 0 || strncmp("ans", o->prefix, o->prefix_len) != 0) return;
    }
    Completions *c = o->out;
    char *text = mem_new(len + strlen(suffix) + 1, 1);
    memcpy(text, word, len);
    memcpy(text + len, suffix, strlen(suffix) + 1);
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->word[i], text) == 0) {
            free(text);
            return;
        }
    c->word = mem_grow(c->word, &c->cap, c->count + 1, sizeof *c->word);
    c->word[c->count++] = text;
}

static void offer_each(void *to, const char *word) {
    Offer *o = to;
    offer_with(o, word, o->suffix);
}

static void offer_command_options(Offer *o, const char *name) {
    const Command *c = command_row(name);
    for (size_t i = 0; c && i < COMMAND_OPTIONS && c->options[i].name; i++)
        offer_with(o, c->options[i].name, "=");
}

/* The words that an option or setting takes: "text json", "symbolic|numeric". */
static void offer_words(Offer *o, const char *words) {
    for (const char *p = words; *p;) {
        size_t len = strcspn(p, " |");
        char *word = mem_copy_text(p, len);
        if (len > 0 && word[0] != '(' && word[0] != '[' && word[0] != '{') offer_with(o, word, "");
        free(word);
        p += len + (p[len] != '\0');
    }
}

static void offer_values(Offer *o, const char *command, const char *of) {
    SettingId id = setting_find(of);
    if (id != SET_COUNT && strcmp(command, "set") == 0) offer_words(o, setting_rows[id].words);
    const Command *c = command_row(command);
    for (size_t i = 0; c && i < COMMAND_OPTIONS && c->options[i].name; i++)
        if (strcmp(c->options[i].name, of) == 0 && c->options[i].range)
            offer_words(o, c->options[i].range);
}

/* The words themselves, where one of a few is awaited. */
static void offer_values_only(void *to, const Expect *what) {
    if (what->kind == EXPECT_VALUE) offer_values(to, what->command, what->word);
}

static void offer_expected(void *to, const Expect *what) {
    Offer *o = to;
    o->suffix = "";
    switch (what->kind) {
    case EXPECT_COMMAND:
    case EXPECT_CLAUSE:
    case EXPECT_FLAG:
    case EXPECT_METHOD: offer_with(o, what->word, ""); return;
    case EXPECT_NAME:
        offer_with(o, what->word,
                   what->name_kind == NAME_FUNCTION || what->name_kind == NAME_BUILTIN ? "(" : "");
        return;
    case EXPECT_OPTION: offer_command_options(o, what->word); return;
    case EXPECT_METHOD_OPTION:
        o->suffix = "=";
        methods_options(o->in, what->word, offer_each, o);
        return;
    case EXPECT_SETTING:
        for (size_t i = 0; i < SET_COUNT; i++) offer_with(o, setting_rows[i].name, "");
        return;
    case EXPECT_VALUE: return;
    case EXPECT_FILE: o->out->files = true; return;
    case EXPECT_TOPIC: help_topics(o->in, offer_each, o); return;
    case EXPECT_SYMBOL: return;
    }
}

static int by_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

void complete_words(Interp *in, const char *before, size_t len, const char *prefix,
                    Completions *out) {
    memset(out, 0, sizeof *out);
    Offer o = {.in = in, .prefix = prefix, .prefix_len = strlen(prefix), .out = out, .suffix = ""};
    parse_expected(in->names, &in->scope, before, len, offer_values_only, &o);
    if (out->count == 0) parse_expected(in->names, &in->scope, before, len, offer_expected, &o);
    if (out->count > 0) qsort(out->word, out->count, sizeof *out->word, by_text);
}

void completions_done(Completions *c) {
    for (size_t i = 0; i < c->count; i++) free(c->word[i]);
    free(c->word);
    memset(c, 0, sizeof *c);
}
