/* A rule's tree to a table of variables and a list of lines.  grad(p) inside an expression becomes
 * two lines before it: a hidden local for the point, one for the gradient there. */
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "optim/rule_internal.h"
#include "optim/rule_source.h"

static const char *text_of(const RuleBuild *b, Name name) {
    return names_text(rules_names(b->rules), name);
}

size_t rule_var(const RuleBuild *b, Name name) {
    for (size_t i = 0; i < b->vars; i++)
        if (b->var[i].name == name) return i;
    return SIZE_MAX;
}

static size_t add_var(RuleBuild *b, RuleVar var) {
    if (b->vars == b->var_cap) {
        RuleVar *old = b->var;
        b->var_cap = b->var_cap ? 2 * b->var_cap : 16;
        b->var = arena_array(b->arena, b->var_cap, sizeof *b->var);
        if (old) memcpy(b->var, old, b->vars * sizeof *old);
    }
    b->var[b->vars] = var;
    return b->vars++;
}

static void add_line(RuleBuild *b, RuleLine line) {
    if (b->lines == b->line_cap) {
        RuleLine *old = b->line;
        b->line_cap = b->line_cap ? 2 * b->line_cap : 16;
        b->line = arena_array(b->arena, b->line_cap, sizeof *b->line);
        if (old) memcpy(b->line, old, b->lines * sizeof *old);
    }
    b->line[b->lines++] = line;
}

static const char *kind_says(RuleVarKind kind) {
    switch (kind) {
    case RULE_X: return "the point";
    case RULE_G: return "the gradient at the step's start";
    case RULE_F: return "the value at the step's start";
    case RULE_T: return "the step, from 1";
    case RULE_N: return "the length of x";
    case RULE_OPTION: return "an option";
    case RULE_STATE: return "a state";
    default: return "a local";
    }
}

/* A new name; an error if it is taken. */
static bool declare(RuleBuild *b, RuleVar var) {
    size_t at = rule_var(b, var.name);
    if (at == SIZE_MAX) {
        add_var(b, var);
        return true;
    }
    diag_error(b->diags, var.span, "choose another name", "%s is already %s of this rule",
               text_of(b, var.name), kind_says(b->var[at].kind));
    return false;
}

static void declare_given(RuleBuild *b) {
    static const struct {
        const char *name;
        RuleVarKind kind;
        int rank;
    } given[] = {
        {"x", RULE_X, 1}, {"g", RULE_G, 1}, {"f", RULE_F, 0}, {"t", RULE_T, 0}, {"n", RULE_N, 0}};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        add_var(b, (RuleVar){.name = names_intern_str(rules_names(b->rules), given[i].name),
                             .kind = given[i].kind,
                             .rank = given[i].rank,
                             .used = true});
}

/* ---- copying a tree, with grad(p) taken out ---- */

typedef struct Copies {
    Ast **node;
    size_t count, cap;
} Copies;

/* Every node of the tree copied into the arena, parents before kids. */
static Ast *copy_tree(RuleBuild *b, const Ast *tree, Copies *all) {
    Ast *root = arena_alloc(b->arena, sizeof *root);
    *root = *tree;
    all->node = mem_grow(all->node, &all->cap, 1, sizeof *all->node);
    all->node[all->count++] = root;
    for (size_t i = 0; i < all->count; i++) {
        Ast *at = all->node[i];
        Ast **kids = arena_array(b->arena, at->count, sizeof *kids);
        for (uint32_t k = 0; k < at->count; k++) {
            kids[k] = arena_alloc(b->arena, sizeof **kids);
            *kids[k] = *at->kids[k];
            all->node = mem_grow(all->node, &all->cap, all->count + 1, sizeof *all->node);
            all->node[all->count++] = kids[k];
        }
        at->kids = kids;
    }
    return root;
}

/* The point of grad(p), a call of the function grad that rules have; NULL for other nodes. */
static Ast *gradient_point(const RuleBuild *b, const Ast *node) {
    if (node->kind != AST_CALL || node->count != 2 || node->kids[0]->kind != AST_NAME) return NULL;
    return strcmp(text_of(b, node->kids[0]->name), "grad") == 0 ? node->kids[1] : NULL;
}

static size_t add_hidden(RuleBuild *b, Span span) {
    char *name = arena_printf(b->arena, "grad %u", ++b->hidden);
    return add_var(b, (RuleVar){.name = names_intern_str(rules_names(b->rules), name),
                                .kind = RULE_LOCAL,
                                .rank = 1,
                                .ready = b->lines + 1,
                                .used = true,
                                .assigned = true,
                                .span = span});
}

static void take_gradient(RuleBuild *b, Ast *node, Ast *point) {
    size_t at = add_hidden(b, point->span);
    Ast *value = arena_alloc(b->arena, sizeof *value);
    *value = *point;
    add_line(b, (RuleLine){.target = at, .value = value, .span = point->span});
    size_t out = add_hidden(b, node->span);
    add_line(b, (RuleLine){.target = out, .point = at, .span = node->span});
    *node = (Ast){
        .kind = AST_NAME, .span = node->span, .name = b->var[out].name, .name_span = node->span};
}

static bool will_be_assigned(const RuleBuild *b, const Ast *rule, Name name) {
    for (uint32_t i = rule->op; i < rule->count; i++)
        if (rule->kids[i]->kind == AST_LET && rule->kids[i]->name == name)
            return rule_var(b, name) == SIZE_MAX;
    return false;
}

/* Bound inside the expression: the index of a loop, a name of where. */
static bool is_bound(const Copies *all, Name name) {
    for (size_t i = 0; i < all->count; i++)
        if (all->node[i]->kind == AST_NAMED && all->node[i]->name == name) return true;
    return false;
}

static bool say_unknown(RuleBuild *b, const Ast *node) {
    const char *text = text_of(b, node->name), **known = mem_new(b->vars, sizeof *known);
    for (size_t i = 0; i < b->vars; i++) known[i] = text_of(b, b->var[i].name);
    const char *near = names_nearest(text, strlen(text), known, b->vars);
    const char *hint = near ? arena_printf(b->diags->arena, "did you mean %s?", near)
                            : "a rule sees x, g, f, t, n, its options, states and locals, and the "
                              "built-in functions; nothing of the session";
    free(known);
    diag_error(b->diags, node->span, hint, "%s is not known in a rule", text);
    return false;
}

/* A name that has a meaning here, and by now a value. */
static bool check_name(RuleBuild *b, const Copies *all, const Ast *node, const Ast *rule) {
    if (node->kind != AST_NAME) return true;
    size_t at = rule_var(b, node->name);
    if (at != SIZE_MAX) {
        b->var[at].used = true;
        return true;
    }
    if (is_bound(all, node->name)) return true;
    if (will_be_assigned(b, rule, node->name)) {
        diag_error(b->diags, node->span, "to keep a value from step to step: state NAME = start",
                   "%s has no value yet here", text_of(b, node->name));
        return false;
    }
    const char *text = text_of(b, node->name);
    if (strcmp(text, "grad") == 0 || rule_source_knows(rules_names(b->rules), node->name)) return true;
    return say_unknown(b, node);
}

/* A copy of the expression with its gradients in lines of their own; NULL after a diagnostic. */
static const Ast *take_value(RuleBuild *b, const Ast *tree, const Ast *rule) {
    Copies all = {0};
    Ast *res = copy_tree(b, tree, &all);
    for (size_t i = all.count; 0 < i && res; i--) {
        Ast *node = all.node[i - 1], *point = gradient_point(b, node);
        if (point) take_gradient(b, node, point);
        else if (!check_name(b, &all, node, rule)) res = NULL;
    }
    free(all.node);
    return res;
}

/* ---- lines ---- */

static bool read_state(RuleBuild *b, const Ast *tree) {
    for (uint32_t i = 0; i < tree->count; i++) {
        const Ast *s = tree->kids[i];
        if (!declare(b, (RuleVar){.name = s->name,
                                  .kind = RULE_STATE,
                                  .span = s->name_span,
                                  .value = s->kids[0]}))
            return false;
    }
    return true;
}

/* NAME op= VALUE as NAME = NAME op VALUE. */
static const Ast *spell_out(RuleBuild *b, const Ast *let) {
    static const AstKind kinds[] = {
        [LET_ADD] = AST_ADD, [LET_SUB] = AST_SUB, [LET_MUL] = AST_MUL, [LET_DIV] = AST_DIV};
    if (let->op == LET_SET || let->op == LET_DEFINE) return let->kids[0];
    Ast *name = arena_alloc(b->arena, sizeof *name), *res = arena_alloc(b->arena, sizeof *res);
    *name = (Ast){
        .kind = AST_NAME, .span = let->name_span, .name = let->name, .name_span = let->name_span};
    *res = (Ast){.kind = kinds[let->op], .span = let->span, .count = 2};
    res->kids = arena_array(b->arena, 2, sizeof *res->kids);
    res->kids[0] = name;
    res->kids[1] = let->kids[0];
    return res;
}

static bool read_let(RuleBuild *b, const Ast *let, const Ast *rule) {
    const Ast *value = take_value(b, spell_out(b, let), rule);
    if (!value) return false;
    size_t at = rule_var(b, let->name);
    if (at == SIZE_MAX)
        at = add_var(b, (RuleVar){.name = let->name,
                                  .kind = RULE_LOCAL,
                                  .ready = b->lines + 1,
                                  .span = let->name_span});
    RuleVarKind kind = b->var[at].kind;
    if (kind != RULE_X && kind != RULE_STATE && kind != RULE_LOCAL) {
        diag_error(b->diags, let->name_span,
                   "a rule sets x, its states, and locals of any other name",
                   "%s cannot be set: it is %s", text_of(b, let->name), kind_says(kind));
        return false;
    }
    b->var[at].assigned = true;
    add_line(b, (RuleLine){.target = at, .value = value, .span = let->span});
    return true;
}

static bool read_line(RuleBuild *b, const Ast *line, const Ast *rule) {
    switch (line->kind) {
    case AST_STRING:
        free(b->rule->summary);
        b->rule->summary = mem_copy_text(line->text, line->len);
        return true;
    case AST_CITE:
        free(b->rule->citation);
        b->rule->citation = mem_copy_text(line->kids[0]->text, line->kids[0]->len);
        return true;
    case AST_STATE: return true; /* read before the others */
    case AST_LET: return read_let(b, line, rule);
    default:
        diag_error(b->diags, line->span,
                   "a line of a rule is NAME = ..., state NAME = ..., or a text",
                   "this cannot stand in a rule");
        return false;
    }
}

/* A default sees t and the built-in functions. */
static bool check_default(RuleBuild *b, const Ast *value) {
    Copies all = {0};
    bool res = true;
    copy_tree(b, value, &all);
    for (size_t i = 0; i < all.count && res; i++) {
        const Ast *node = all.node[i];
        bool known = node->kind != AST_NAME || is_bound(&all, node->name) ||
                     strcmp(text_of(b, node->name), "t") == 0 ||
                     rule_source_knows(rules_names(b->rules), node->name);
        if (known) continue;
        diag_error(b->diags, node->span, "a default is a number, or an expression in t",
                   "%s is not known in an option's default", text_of(b, node->name));
        res = false;
    }
    free(all.node);
    return res;
}

static bool read_options(RuleBuild *b, const Ast *tree) {
    for (uint32_t i = 0; i < tree->op; i++) {
        const Ast *o = tree->kids[i];
        if (!declare(b, (RuleVar){.name = o->name,
                                  .kind = RULE_OPTION,
                                  .span = o->name_span,
                                  .value = o->kids[0]}))
            return false;
        if (!check_default(b, o->kids[0])) return false;
    }
    return true;
}

/* States that are set but never read, and options that are never read, are worth a word. */
static bool check_use(RuleBuild *b, const Ast *tree) {
    for (size_t i = 0; i < b->vars; i++) {
        const RuleVar *v = &b->var[i];
        if (v->kind == RULE_X && !v->assigned) {
            diag_error(b->diags, tree->name_span, "for example x -= 0.1*g",
                       "this rule never moves x");
            return false;
        }
        if (!v->used && v->kind == RULE_OPTION)
            diag_add(b->diags, DIAG_WARNING, v->span, NULL, "the option %s is never used",
                     text_of(b, v->name));
    }
    return true;
}

/* The initial value of a state may use the start and the options, and nothing that steps make. */
static bool read_starts(RuleBuild *b, const Ast *tree) {
    size_t lines = b->lines;
    for (size_t i = 0; i < b->vars; i++) {
        if (b->var[i].kind != RULE_STATE) continue;
        const Ast *value = take_value(b, b->var[i].value, tree);
        if (!value) return false;
        if (b->lines != lines) {
            diag_error(b->diags, b->var[i].value->span, "g is the gradient at the start",
                       "a state cannot start with a gradient elsewhere");
            return false;
        }
        b->var[i].value = value;
    }
    return true;
}

bool rule_read(RuleBuild *b, const Ast *tree) {
    declare_given(b);
    if (!read_options(b, tree)) return false;
    for (uint32_t i = tree->op; i < tree->count; i++)
        if (tree->kids[i]->kind == AST_STATE && !read_state(b, tree->kids[i])) return false;
    if (!read_starts(b, tree)) return false;
    for (uint32_t i = tree->op; i < tree->count; i++)
        if (!read_line(b, tree->kids[i], tree)) return false;
    return check_use(b, tree);
}
