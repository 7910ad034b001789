/* One run: start, box, objective, loop. */
#include "repl/minimize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "repl/show_value.h"

/* ---- the objective ---- */

static RunStatus objective_value(void *context, const double *x, double *f) {
    Minimize *m = context;
    return evaluator_value(m->f, x, f);
}

static RunStatus objective_gradient(void *context, const double *x, double *f, double *g) {
    Minimize *m = context;
    return evaluator_gradient(m->f, x, f, g);
}

static bool make_objective(Minimize *m) {
    Task *t = m->task;
    if (expr_rank(t->in->store, m->target.body) != 0) {
        diag_error(t->diags, m->target.span, "for example the sum of squares: sum(f(x,y)^2)",
                   "%s gives an array; only a number can be minimized", m->target.name);
        return false;
    }
    m->f = evaluator_new(t->in->defs, m->target.param_count, m->target.param, m->target.body,
                         m->start.dims, t->in->interrupt, t->diags, m->target.span);
    if (!m->f) return false;
    Buf why;
    buf_init(&why);
    bool res = m->numeric || evaluator_has_gradient(m->f, &why);
    if (!res)
        diag_error(t->diags, m->target.span, "gradient=numeric uses difference quotients", "%s",
                   why.len > 0 ? buf_str(&why) : "this function has no derivative");
    buf_done(&why);
    return res;
}

/* ---- start and box ---- */

static bool read_box(Minimize *m, const Ast *box, bool sized) {
    Task *t = m->task;
    size_t n;
    if (!point_read_box(t, &m->target, box->count, box->kids, box->span,
                        sized ? m->start.dims : NULL, &m->lo, &m->hi, &n))
        return false;
    if (sized) return true;
    m->start.count = n; /* the start: the middle of the box, 1 or its nearest where it is open */
    m->start.x = arena_array(t->arena, n + 1, sizeof(double));
    m->start.dims = arena_array(t->arena, m->target.param_count + 1, sizeof *m->start.dims);
    for (size_t i = 0; i < n; i++) {
        bool closed = isfinite(m->lo[i]) && isfinite(m->hi[i]);
        m->start.x[i] =
            closed ? 0.5 * m->lo[i] + 0.5 * m->hi[i] : fmin(fmax(1, m->lo[i]), m->hi[i]);
    }
    return true;
}

static bool start_at_one(Minimize *m, size_t *n) {
    Task *t = m->task;
    *n = 0;
    for (size_t i = 0; i < m->target.param_count; i++) {
        size_t size = 1;
        for (int k = 0; k < m->target.param[i].rank; k++) {
            long length;
            if (!expr_is_integer(t->in->store, m->target.param[i].dim[k], &length)) {
                diag_error(t->diags, t->tree->span, "for example from fill(1, 10)",
                           "say from where: the length of %s is open",
                           names_text(t->in->names, m->target.param[i].name));
                return false;
            }
            size *= (size_t)length;
        }
        *n += size;
    }
    m->start.x = arena_array(t->arena, *n + 1, sizeof(double));
    for (size_t i = 0; i < *n; i++) m->start.x[i] = 1;
    return true;
}

/* The dims of parameters whose lengths the definition fixes. */
static void fixed_dims(Minimize *m) {
    for (size_t i = 0; i < m->target.param_count; i++)
        for (int k = 0; k < m->target.param[i].rank; k++) {
            long n = 0;
            if (expr_is_integer(m->task->in->store, m->target.param[i].dim[k], &n))
                m->start.dims[i][k] = (size_t)n;
        }
}

static bool read_place(Minimize *m) {
    Task *t = m->task;
    const Ast *from = command_clause(t->tree, "from", t->in->names);
    const Ast *box = command_clause(t->tree, "in", t->in->names);
    if (from && !point_read(t, &m->target, from->count, from->kids, from->span, &m->start))
        return false;
    if (box && !read_box(m, box, from != NULL)) return false;
    if (!from && !box) {
        m->start.dims = arena_array(t->arena, m->target.param_count + 1, sizeof *m->start.dims);
        if (!start_at_one(m, &m->start.count)) return false;
    }
    if (!from) fixed_dims(m);
    for (size_t i = 0; i < m->start.count; i++)
        if (!isfinite(m->start.x[i])) {
            diag_error(t->diags, from ? from->span : t->tree->span, NULL,
                       "the start has to be finite");
            return false;
        }
    if (m->start.count == 0) {
        diag_error(t->diags, m->target.span, NULL, "%s has no variables", m->target.name);
        return false;
    }
    return true;
}

/* ---- progress ---- */

static double seconds_now(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void progress(void *context, const Run *run, RunEvent event) {
    Minimize *m = context;
    Interp *in = m->task->in;
    if (event != RUN_EVENT_STEP || (++m->ticks & 255) != 0) return;
    double now = seconds_now();
    if (now - m->began < 0.5 || now - m->shown < 0.1) return;
    m->shown = now;
    Buf line;
    buf_init(&line);
    buf_printf(&line, "step %llu   f = ", (unsigned long long)run_steps(run));
    show_number(&line, run_f(run), interp_sentence_digits(in));
    in->progress(in->progress_context, buf_str(&line));
    buf_done(&line);
}

/* ---- the run ---- */

/* A run keeps a dozen vectors of n numbers: points, gradients, the rule's states. */
static bool check_memory(const Minimize *m) {
    Task *t = m->task;
    if (m->start.count <= store_budget(t->in->store).memory / (12 * sizeof(double))) return true;
    diag_error(t->diags, m->target.span, "set memory N allows more MiB",
               "a run in %zu variables does not fit the memory limit", m->start.count);
    return false;
}

static bool go(Minimize *m) {
    Task *t = m->task;
    if (!check_memory(m)) return false;
    Buf what;
    buf_init(&what);
    m->rule = rule_run_new(m->choice, m->start.count, t->in->interrupt, &what);
    if (!m->rule) {
        diag_error(t->diags, t->tree->span, NULL, "%s",
                   what.len > 0 ? buf_str(&what) : "the method does not fit memory");
        buf_done(&what);
        return false;
    }
    buf_done(&what);
    RunSetup setup = run_defaults();
    setup.objective = (Objective){.n = m->start.count, .context = m, .value = objective_value};
    Buf why;
    buf_init(&why);
    if (evaluator_has_gradient(m->f, &why)) setup.objective.gradient = objective_gradient;
    buf_done(&why);
    setup.stepper = rule_stepper(m->rule);
    setup.maximize = m->maximize;
    setup.numeric = m->numeric;
    setup.h = m->h;
    setup.tol = m->tol;
    setup.steps = (uint64_t)m->steps;
    setup.timeout = m->timeout;
    setup.history = (size_t)(t->in->set.value[SET_history] * 1048576.0);
    setup.lo = m->lo;
    setup.hi = m->hi;
    setup.interrupt = t->in->interrupt;
    setup.context = m;
    if (t->in->progress) setup.event = progress;
    m->began = seconds_now();
    m->run = run_new(&setup, m->start.x);
    run_go(m->run);
    if (m->shown > 0) t->in->progress(t->in->progress_context, NULL);
    return true;
}

static bool failed(Minimize *m, const RunResult *r) {
    if (r->stop != STOP_ERROR) return false;
    Buf what;
    buf_init(&what);
    rule_run_explain(m->rule, r->status, &what);
    if (what.len == 0) evaluator_explain(m->f, r->status, &what);
    evaluate_fail(m->task, r->status, m->target.span, &what);
    buf_done(&what);
    return true;
}

static void count_outcome(Minimize *m, const RunResult *r) {
    Interp *in = m->task->in;
    EndClass good = m->maximize ? END_MAXIMUM : END_MINIMUM,
             bad = m->maximize ? END_MINIMUM : END_MAXIMUM;
    if (r->stop == STOP_INTERRUPT) {
        in->outcome |= OUTCOME_INTERRUPT;
    } else if (m->end == END_SADDLE || m->end == bad) {
        in->outcome |= OUTCOME_NOT_CONVERGED;
    } else if (!r->converged && m->end != good && !m->steps_given) {
        in->outcome |= OUTCOME_NOT_CONVERGED;
    }
}

static bool minimize_all(Minimize *m, const Command *c) {
    Task *t = m->task;
    if (command_items(t->tree) != 1) {
        diag_error(t->diags, t->tree->span,
                   arena_printf(t->arena, "for example %s f from (1,2)", c->name),
                   "%s takes one function", c->name);
        return false;
    }
    if (!target_read(t, t->tree->kids[0], command_clause(t->tree, "from", t->in->names),
                     command_clause(t->tree, "in", t->in->names), &m->target))
        return false;
    if (m->target.arg_count > 0 && !target_is_plain_call(&m->target)) {
        diag_error(t->diags, m->target.span, arena_printf(t->arena, "%s f from (1,2)", c->name),
                   "a point stands after from");
        return false;
    }
    if (!minimize_choose(m, c) || !read_place(m) || !make_objective(m) || !go(m)) return false;
    const RunResult *r = run_result(m->run);
    if (failed(m, r)) return false;
    minimize_classify(m, r);
    count_outcome(m, r);
    minimize_say(m, r);
    return true;
}

bool minimize_run(Task *t, const Command *c, bool maximize) {
    Minimize m = {.task = t, .maximize = maximize};
    bool res = minimize_all(&m, c);
    run_free(m.run);
    rule_run_free(m.rule);
    rule_choice_free(m.choice);
    evaluator_free(m.f);
    free(m.curvature);
    free(m.direction);
    return res;
}
