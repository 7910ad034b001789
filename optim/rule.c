/* The rules of a session: shipped ones, read from their texts on first use, and those defined
 * since; names of options. */
#include "optim/rule.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/rule_internal.h"
#include "optim/rule_source.h"

struct Rules {
    Names *names;
    Store *store; /* owned, with defs: rules share nothing with the session but names */
    Defs *defs;
    Rule **shipped; /* by number of the text; NULL until first used */
    Rule **own;
    size_t owns, own_cap;
};

Rules *rules_new(Names *names) {
    Rules *res = mem_new(1, sizeof *res);
    res->names = names;
    res->store = store_new(names);
    res->defs = defs_new(res->store);
    res->shipped = mem_new(rule_text_count, sizeof *res->shipped);
    return res;
}

void rule_release(Rule *r) {
    if (!r || --r->uses) return;
    for (size_t i = 0; i < r->options; i++) {
        free(r->option[i].text);
        rule_value_done(&r->option[i].value);
    }
    program_free(r->start);
    program_free(r->step);
    free(r->option);
    free(r->state);
    free(r->text);
    free(r->summary);
    free(r->citation);
    free(r);
}

void rules_free(Rules *rules) {
    if (!rules) return;
    for (size_t i = 0; i < rule_text_count; i++) rule_release(rules->shipped[i]);
    for (size_t i = 0; i < rules->owns; i++) rule_release(rules->own[i]);
    defs_free(rules->defs);
    store_free(rules->store);
    free(rules->shipped);
    free(rules->own);
    free(rules);
}

Names *rules_names(const Rules *rules) { return rules->names; }
Defs *rules_defs(const Rules *rules) { return rules->defs; }

static size_t shipped_find(const char *name) {
    for (size_t i = 0; i < rule_text_count; i++)
        if (strcmp(rule_texts[i].name, name) == 0) return i;
    return SIZE_MAX;
}

static size_t own_find(const Rules *rules, const char *name) {
    for (size_t i = 0; i < rules->owns; i++)
        if (strcmp(rule_name(rules->own[i]), name) == 0) return i;
    return SIZE_MAX;
}

/* Own rules that stand for a shipped one are counted with it. */
size_t rules_count(const Rules *rules) {
    size_t res = rule_text_count;
    for (size_t i = 0; i < rules->owns; i++)
        res += shipped_find(rule_name(rules->own[i])) == SIZE_MAX;
    return res;
}

const char *rules_name(const Rules *rules, size_t i) {
    if (i < rule_text_count) return rule_texts[i].name;
    i -= rule_text_count;
    for (size_t k = 0; k < rules->owns; k++) {
        if (shipped_find(rule_name(rules->own[k])) != SIZE_MAX) continue;
        if (!i--) return rule_name(rules->own[k]);
    }
    return NULL;
}

bool rules_has(const Rules *rules, const char *name) {
    return own_find(rules, name) != SIZE_MAX || shipped_find(name) != SIZE_MAX;
}

/* ---- making a rule ---- */

static char *copy_span(const Source *source, Span at) {
    bool inside = at.start <= at.end && at.end <= source->len;
    return inside ? mem_copy_text(source->text + at.start, at.end - at.start)
                  : mem_copy_text("", 0);
}

static bool read_defaults(RuleBuild *b, const Source *source) {
    Rule *r = b->rule;
    Name t = names_intern_str(b->rules->names, "t");
    r->option = mem_new(b->vars, sizeof *r->option);
    for (size_t i = 0; i < b->vars; i++) {
        const RuleVar *v = &b->var[i];
        if (v->kind != RULE_OPTION) continue;
        RuleOption *o = &r->option[r->options++];
        o->name = v->name;
        o->text = copy_span(source, v->value->span);
        if (!rule_value_read(&o->value, v->value, t, b->rules->defs, b->diags)) return false;
    }
    return true;
}

/* NULL after a diagnostic. */
static Rule *make(Rules *rules, const Ast *tree, const Source *source, Diags *diags) {
    Arena arena;
    arena_init(&arena);
    Rule *r = mem_new(1, sizeof *r);
    r->rules = rules;
    r->name = tree->name;
    r->uses = 1;
    r->text = copy_span(source, tree->span);
    RuleBuild b = {.rules = rules, .rule = r, .arena = &arena, .diags = diags, .span = tree->span};
    bool ok = rule_read(&b, tree) && read_defaults(&b, source) && rule_compile(&b);
    arena_done(&arena);
    if (ok) return r;
    rule_release(r);
    return NULL;
}

/* The texts in the program are right: tests read them all. */
static Rule *make_shipped(Rules *rules, size_t i) {
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Source source = {.name = rule_texts[i].name,
                     .text = rule_texts[i].text,
                     .len = strlen(rule_texts[i].text),
                     .first_line = 1};
    const Ast *tree = rule_source_read(rules->names, &source, &arena, &diags);
    Rule *res = tree ? make(rules, tree, &source, &diags) : NULL;
    if (res) res->shipped = true;
    arena_done(&arena);
    return res;
}

const Rule *rules_find(Rules *rules, const char *name) {
    size_t at = own_find(rules, name);
    if (at != SIZE_MAX) return rules->own[at];
    at = shipped_find(name);
    if (at == SIZE_MAX) return NULL;
    if (!rules->shipped[at]) rules->shipped[at] = make_shipped(rules, at);
    return rules->shipped[at];
}

const Rule *rules_define(Rules *rules, const Ast *tree, const Source *source, Diags *diags) {
    Rule *r = make(rules, tree, source, diags);
    if (!r) return NULL;
    rules_remove(rules, rule_name(r));
    rules->own = mem_grow(rules->own, &rules->own_cap, rules->owns + 1, sizeof *rules->own);
    rules->own[rules->owns++] = r;
    return r;
}

void rules_remove(Rules *rules, const char *name) {
    size_t at = own_find(rules, name);
    if (at == SIZE_MAX) return;
    rule_release(rules->own[at]);
    memmove(rules->own + at, rules->own + at + 1, (rules->owns - at - 1) * sizeof *rules->own);
    rules->owns--;
}

/* ---- what a rule says of itself ---- */

const char *rule_name(const Rule *r) { return names_text(r->rules->names, r->name); }
const char *rule_text(const Rule *r) { return r->text; }
const char *rule_summary(const Rule *r) { return r->summary ? r->summary : ""; }
const char *rule_citation(const Rule *r) { return r->citation ? r->citation : ""; }
bool rule_is_shipped(const Rule *r) { return r->shipped; }
size_t rule_options(const Rule *r) { return r->options; }
const char *rule_option_name(const Rule *r, size_t i) {
    return names_text(r->rules->names, r->option[i].name);
}
const char *rule_option_default(const Rule *r, size_t i) { return r->option[i].text; }

/* One thing has one name everywhere; these are read too. */
static const struct {
    const char *name, *alias[5];
} aliases[] = {
    {"lr", {"alpha", "eta", "rate", "learning_rate"}},
    {"momentum", {"gamma", "mu"}},
};

/* The row of a name or alias, SIZE_MAX if there is none. */
static size_t alias_row(const char *name) {
    for (size_t i = 0; i < sizeof aliases / sizeof *aliases; i++) {
        if (strcmp(aliases[i].name, name) == 0) return i;
        for (size_t k = 0; aliases[i].alias[k]; k++)
            if (strcmp(aliases[i].alias[k], name) == 0) return i;
    }
    return SIZE_MAX;
}

int rule_find_option(const Rule *r, const char *name) {
    for (size_t i = 0; i < r->options; i++)
        if (strcmp(rule_option_name(r, i), name) == 0) return (int)i;
    size_t row = alias_row(name);
    for (size_t i = 0; row != SIZE_MAX && i < r->options; i++)
        if (alias_row(rule_option_name(r, i)) == row) return (int)i;
    return -1;
}
