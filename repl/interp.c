/* The interpreter object: birth, death, and the loop that reads and runs statements. */
#include "repl/interp.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "repl/command.h"
#include "repl/astray.h"
#include "repl/dump.h"
#include "repl/errors.h"
#include "repl/json.h"
#include "repl/methods.h"
#include "repl/reader.h"
#include "repl/statement.h"

Interp *interp_new(const volatile int *interrupt) {
    Interp *in = mem_new(1, sizeof *in);
    in->names = names_new();
    in->store = store_new(in->names);
    in->defs = defs_new(in->store);
    in->interrupt = interrupt;
    store_set_interrupt(in->store, interrupt);
    settings_init(&in->set);
    for (size_t i = 0; i < SET_COUNT; i++) interp_apply_setting(in, (SettingId)i);
    in->undo = undo_new();
    in->ans = names_intern_str(in->names, "ans");
    buf_init(&in->out);
    buf_init(&in->err);
    buf_init(&in->proof.why);
    methods_init(in);
    scope_init(in);
    return in;
}

void interp_free(Interp *in) {
    if (!in) return;
    methods_done(in);
    undo_free(in->undo);
    refuted_free(in->refuted);
    free(in->syntax);
    free(in->said);
    buf_done(&in->out);
    buf_done(&in->err);
    buf_done(&in->proof.why);
    defs_free(in->defs);
    store_free(in->store);
    names_free(in->names);
    free(in);
}

bool interp_interrupted(const Interp *in) { return in->interrupt && *in->interrupt; }
bool interp_is_json(const Interp *in) {
    const SettingRow *row = &setting_rows[SET_format];
    return in->set.value[SET_format] > 0 && row->kind == SETTING_WORD;
}
int interp_digits(const Interp *in) { return (int)in->set.value[SET_digits]; }
int interp_sentence_digits(const Interp *in) {
    int digits = interp_digits(in);
    return digits > 0 ? digits : 6;
}

void interp_apply_setting(Interp *in, SettingId id) {
    if (id == SET_seed) interp_set_seed(in, (uint64_t)in->set.value[SET_seed]);
    Budget budget = {(size_t)(in->set.value[SET_memory] * 1048576.0),
                     (uint64_t)in->set.value[SET_rounds]};
    if (id == SET_memory || id == SET_rounds) store_set_budget(in->store, budget);
    if (id == SET_nodes) store_set_limit(in->store, (size_t)in->set.value[SET_nodes]);
}

void interp_set_seed(Interp *in, uint64_t seed) { random_seed(&in->random, seed); }
double interp_random(Interp *in) { return random_uniform(&in->random); }

bool interp_said(Interp *in, Name name) {
    for (size_t i = 0; i < in->said_count; i++)
        if (in->said[i] == name) return true;
    in->said = mem_grow(in->said, &in->said_cap, in->said_count + 1, sizeof *in->said);
    in->said[in->said_count++] = name;
    return false;
}

int interp_status(const Interp *in) {
    bool flagged = !in->interactive && interp_interrupted(in); /* while a script was being read */
    if (flagged || (in->outcome & OUTCOME_INTERRUPT)) return 130;
    if (in->broken || (in->outcome & OUTCOME_ERROR)) return 1;
    if (in->outcome & OUTCOME_FAILED) return 3;
    if (in->outcome & OUTCOME_NOT_CONVERGED) return 4;
    if (in->outcome & OUTCOME_UNDECIDED) return 5;
    return 0;
}

void interp_flush(Interp *in) {
    if (!in->sink) return;
    if (!in->sink(in->sink_context, &in->out, &in->err)) in->broken = true;
    buf_clear(&in->out);
    buf_clear(&in->err);
}

static void write_report(Interp *in, const Report *r) {
    const Format *f = format_find(interp_is_json(in) ? "json" : "text");
    if (f) f->write(&in->out, r);
}

void interp_say_error(Interp *in, const char *file, const char *message) {
    in->outcome |= OUTCOME_ERROR;
    buf_printf(&in->err, "error: %s\n", message);
    if (interp_is_json(in)) {
        Report r;
        report_init(&r);
        r.kind = "error";
        r.line = 1;
        r.file = file;
        json_string(&r.json, "message", message);
        write_report(in, &r);
        report_done(&r);
    }
    interp_flush(in);
}

static void say_readings(Task *t) {
    for (size_t i = 0; i < t->reading_count; i++) {
        json_comma(&t->report->readings);
        buf_json_string(&t->report->readings, t->reading[i], strlen(t->reading[i]));
        if (t->tree->kind == AST_DEF || t->in->quiet || t->report->silenced)
            continue; /* a definition says it itself */
        buf_printf(&t->in->err, "%s%s%s", i == 0 ? "(read " : ", ", t->reading[i],
                   i + 1 == t->reading_count ? ")\n" : "");
    }
}

/* Each reading once. */
static void set_readings(Task *t, const Statement *st) {
    const char **once = arena_array(t->arena, st->echo_count + 1, sizeof *once);
    for (size_t i = 0; i < st->echo_count; i++) {
        size_t k = 0;
        while (k < t->reading_count && strcmp(once[k], st->echo[i]) != 0) k++;
        if (k == t->reading_count) once[t->reading_count++] = st->echo[i];
    }
    t->reading = once;
}

/* ---- the loop ---- */

/* A statement failed and was interrupted: whatever it says went wrong did so because of that. */
static void say_interrupted(Task *t) {
    diags_init(t->diags, t->arena);
    diag_error(t->diags, t->span, NULL, "interrupted");
}

/* A statement failed without a word: a function that lost its meaning when what it
 * uses was redefined. */
static void unexplained(Task *t) {
    const Interp *in = t->in;
    for (size_t i = 0; i < defs_function_count(in->defs); i++) {
        const Def *f = defs_function_at(in->defs, i);
        if (f->body) continue;
        diag_error(
            t->diags, t->span, arena_printf(t->arena, "define it again; it was: %s", f->text),
            "%s makes no sense since what it uses has changed", names_text(in->names, f->name));
        return;
    }
    diag_error(t->diags, t->span, NULL, "this cannot be done");
}

/* The line of the last statement; counted on from there, not from the start each time. */
typedef struct Place {
    size_t offset, line;
} Place;

static void place_move(Place *p, const Source *source, size_t offset) {
    for (; p->offset < offset; p->offset++)
        if (source->text[p->offset] == '\n') p->line++;
}

/* Runs one parsed statement and writes what it says.  False: stop. */
static bool run_statement(Interp *in, const Source *source, Arena *arena, Diags *diags,
                          const Statement *st, const Place *place) {
    Report report;
    report_init(&report);
    Task t = {.in = in,
              .arena = arena,
              .diags = diags,
              .source = source,
              .tree = st->tree,
              .span = st->span,
              .report = &report};
    set_readings(&t, st);
    report.line = place->line;
    report.file = in->depth > 0 ? source->name : NULL;
    report.silenced = st->silenced;
    double began = in->set.value[SET_timing] > 0 ? clock_seconds() : 0;
    if (diags->errors == 0 && st->tree) {
        if (in->dump) dump_statement(&t);
        bool done = statement_run(&t);
        if (!done && interp_interrupted(in)) say_interrupted(&t);
        else if (!done && diags->errors == 0) unexplained(&t);
    }
    evaluate_forget_random(&t);
    if (began > 0 && in->set.value[SET_timing] > 0) report.seconds = clock_seconds() - began;
    bool failed = diags->errors > 0;
    if (failed) {
        errors_improve(&t);
        errors_report(&t);
        if (!interp_interrupted(in)) in->outcome |= OUTCOME_ERROR;
    } else {
        say_readings(&t);
    }
    if (interp_interrupted(in)) in->outcome |= OUTCOME_INTERRUPT;
    errors_draw(&t);
    write_report(in, &report);
    report_done(&report);
    interp_flush(in);
    return !(failed && !in->keep_going) && !in->broken && !in->quitting && !interp_interrupted(in);
}

bool interp_run_text(Interp *in, const char *name, const char *text, size_t len,
                     size_t first_line) {
    Source source = {.name = name, .text = text, .len = len, .first_line = first_line};
    Arena arena;
    arena_init(&arena);
    Diags diags;
    diags_init(&diags, &arena);
    Parse *parse = parse_new(&arena, in->names, &in->scope, &source, &diags);
    parse_set_interrupt(parse, in->interrupt);
    bool going = true;
    Statement st;
    Place place = {.offset = 0, .line = first_line};
    while (going && parse_next(parse, &st)) {
        place_move(&place, &source, st.span.start);
        if (diags.count > 0 || !st.tree || st.tree->kind != AST_EMPTY) {
            going = run_statement(in, &source, &arena, &diags, &st, &place);
            if (diags.errors > 0) parse_forget(parse);
        }
        arena_reset(&arena);
        diags_init(&diags, &arena);
    }
    parse_free(parse);
    arena_done(&arena);
    return going;
}

const Ast *reader_parse_one(Interp *in, const char *text, Arena *arena, Diags *diags) {
    Source source = {.text = text, .len = strlen(text), .first_line = 1};
    Parse *parse = parse_new(arena, in->names, &in->scope, &source, diags);
    Statement st;
    const Ast *res = parse_next(parse, &st) ? st.tree : NULL;
    parse_free(parse);
    return res;
}
