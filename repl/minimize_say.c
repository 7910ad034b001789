/* The end of a run in words, as JSON, and as ans. */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "optim/words.h"
#include "repl/json.h"
#include "repl/minimize.h"
#include "repl/show_value.h"

enum { SAY_CURVATURES = 4 };

/* A point or gradient in the shape of the parameters: a number, a vector, a matrix. */
static Value shaped(const Minimize *m, const double *x, size_t n) {
    Value v;
    const Param *p = m->target.param;
    bool one = m->target.param_count == 1;
    if (one && p->rank == 0) {
        value_init_number(&v, x[0]);
        return v;
    }
    size_t dim[2] = {n, 0};
    if (one && p->rank == 2) memcpy(dim, m->start.dims[0], sizeof dim);
    value_init_array(&v, one && p->rank == 2 ? 2 : 1, dim);
    memcpy(v.data, x, n * sizeof *x);
    return v;
}

static void keep_number(Interp *in, const char *field, double value) {
    Value v;
    value_init_number(&v, value);
    define_result(in, field, v);
}

static void keep_path(Minimize *m) {
    Value v;
    size_t count, n = run_n(m->run);
    double *path = run_take_path(m->run, &count);
    value_own_array(&v, n == 1 && m->target.param[0].rank == 0 ? 1 : 2, (size_t[2]){count, n}, path);
    define_result(m->task->in, "path", v);
}

static void keep_result(Minimize *m, const RunResult *r) {
    Interp *in = m->task->in;
    define_forget_result(in);
    keep_number(in, NULL, r->f);
    keep_number(in, "f", r->f);
    keep_number(in, "steps", (double)r->steps);
    keep_number(in, "grad_norm", r->grad_norm);
    keep_number(in, "f_evals", (double)r->f_evals);
    keep_number(in, "grad_evals", (double)r->grad_evals);
    define_result(in, "x", shaped(m, r->x, r->n));
    define_result(in, "grad", shaped(m, r->g, r->n));
    keep_path(m);
}

static void json_shaped(Buf *out, const char *key, const Minimize *m, const double *x, bool full) {
    Point p = m->start;
    p.x = (double *)(uintptr_t)x;
    json_key(out, key);
    point_json(out, &m->target, &p, full);
}

static void json_run(Minimize *m, const RunResult *r, const Words *w) {
    Report *out = m->task->report;
    bool full = m->task->in->set.value[SET_json] > 0;
    json_string(&out->json, "function", m->target.name);
    json_bool(&out->json, "maximize", m->maximize);
    json_string(&out->json, "method", m->method);
    json_shaped(&out->json, "x", m, r->x, full);
    json_number(&out->json, "f", r->f);
    json_shaped(&out->json, "grad", m, r->g, full);
    json_number(&out->json, "grad_norm", r->grad_norm);
    json_count(&out->json, "steps", r->steps);
    json_count(&out->json, "f_evals", r->f_evals);
    json_count(&out->json, "grad_evals", r->grad_evals);
    json_count(&out->json, "hess_evals", 0);
    json_string(&out->json, "stop", stop_name(r->stop));
    json_bool(&out->json, "converged", r->converged);
    json_string(&out->json, "class", end_class_name(m->end));
    if (m->curvature) {
        json_key(&out->json, "curvatures");
        json_row(&out->json, m->curvature, m->curvatures, full);
    }
    if (m->direction) {
        json_key(&out->json, "direction");
        json_row(&out->json, m->direction, r->n, full);
    }
    json_number(&out->json, "violation", 0);
    json_string(&out->json, "words", words_name(w->kind));
    json_string(&out->json, "said", buf_str(&w->said));
    if (w->advice.len > 0) json_string(&out->json, "advice", buf_str(&w->advice));
}

static void say_class(Minimize *m) {
    Buf *out = &m->task->report->text;
    int digits = interp_sentence_digits(m->task->in);
    bool good = m->end == (m->maximize ? END_MAXIMUM : END_MINIMUM);
    if (m->end == END_UNKNOWN) return;
    buf_text(out, "  ");
    for (const char *p = end_class_name(m->end); *p; p++)
        buf_char(out, good ? *p : (char)toupper((unsigned char)*p));
    if (m->curvature && m->curvatures > 0) {
        bool many = m->curvature[0] < m->curvature[m->curvatures - 1];
        buf_text(out, many                ? ", curvatures "
                      : m->curvatures > 1 ? ", all curvatures "
                                          : ", curvature ");
        show_number(out, m->curvature[0], digits);
        if (many) {
            buf_text(out, m->curvatures == 2 ? " and " : " to ");
            show_number(out, m->curvature[m->curvatures - 1], digits);
        }
    }
    buf_char(out, '\n');
}

/* From a saddle or a maximum, where f goes down. */
static void say_direction(Minimize *m) {
    if (!m->direction) return;
    Buf *out = &m->task->report->text;
    buf_text(out, "  downhill along ");
    show_row(out, m->direction, m->start.count, interp_sentence_digits(m->task->in));
    buf_text(out, " and its opposite: start a little that way\n");
}

static void say_text(Minimize *m, const RunResult *r, const Words *w) {
    Task *t = m->task;
    Buf *out = &t->report->text;
    bool cut = r->stop == STOP_INTERRUPT && strstr(buf_str(&w->said), "interrupted") == NULL;
    buf_printf(out, "%s%s%s\n", cut ? "interrupted; " : "", buf_str(&w->said),
               m->default_method ? "   (by adam lr=0.05)" : "");
    Point p = m->start;
    p.x = (double *)(uintptr_t)r->x;
    buf_printf(out, "  %s = ", m->target.named ? m->target.name : "value");
    show_number(out, r->f, interp_digits(t->in));
    buf_text(out, " at ");
    point_show(out, t->in->names, &m->target, &p, interp_digits(t->in));
    buf_char(out, '\n');
    say_class(m);
    say_direction(m);
    if (r->start_moved) buf_text(out, "  the start lay outside the box and was moved into it\n");
    if (w->advice.len > 0) buf_printf(out, "  %s\n", buf_str(&w->advice));
}

static void say_origin(Minimize *m, const RunResult *r) {
    bool f_good = isfinite(r->f), good = f_good;
    for (size_t i = 0; i < r->n && good; i++) good = isfinite(r->g[i]);
    if (good) return;
    Buf where;
    buf_init(&where);
    evaluator_origin(m->f, r->x, f_good, &where);
    evaluate_say_origin(m->task->report, f_good ? r->g : &r->f, f_good ? r->n : 1, &where);
    buf_done(&where);
}

void minimize_say(Minimize *m, const RunResult *r) {
    WordsAbout about = {.lr = m->lr,
                        .plain = strcmp(m->method, "gd") == 0,
                        .digits = interp_sentence_digits(m->task->in)};
    Classified best = {
        0}; /* a step that is too long for the best point is told by the curvature there */
    if (about.plain && !r->converged && !m->numeric)
        classify_point(&best, m->f, r->best_x, m->lo, m->hi, INFINITY);
    about.at = &best;
    Words w;
    words_describe(&w, r, &about);
    classified_done(&best);
    json_run(m, r, &w);
    say_text(m, r, &w);
    say_origin(m, r);
    words_done(&w);
    keep_result(m, r);
}
