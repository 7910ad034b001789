/* Running programs: inputs and outputs attached, one point or many; what went wrong, in words. */
#include <math.h>
#include <string.h>

#include "eval/interp.h"
#include "eval/program_text.h"

/* Row `point` of inputs and outputs.  Parameters are never written: there is no instruction that
 * stores into one. */
static inline void attach_row(Workspace *w, size_t point, const double *x, double *const *slots) {
    x += point * w->points;
    for (const Scalar *s = w->scalar, *end = s + w->scalars; s < end; s++)
        *s->to = x[s->from];
    for (const Array *a = w->vector, *end = a + w->vectors; a < end; a++)
        *a->to = (double *)(uintptr_t)(x + a->from);
    for (const Array *a = w->given, *end = a + w->givens; a < end; a++)
        *a->to = slots[a->from] + point * a->length;
}

/* Outputs that are added to start at 0. */
static void clear_outputs(const Workspace *w, size_t points, double *const *slots) {
    for (uint32_t k = 0; k < w->zeroed_count; k++)
        memset(slots[w->zeroed[k]], 0, points * w->slot_length[w->zeroed[k]] * sizeof(double));
}

void workspace_attach(Workspace *w, const double *x, double *const *slots) {
    clear_outputs(w, 1, slots);
    attach_row(w, 0, x, slots);
}

RunStatus program_run(const Program *p, Workspace *w, const double *x, double *const *slots) {
    workspace_attach(w, x, slots);
    return w->counting ? interp_run_counting(p, w) : interp_run(p, w);
}

RunStatus program_run_batch(const Program *p, Workspace *w, size_t points, const double *x, double *const *slots) {
    RunStatus status = RUN_OK;
    clear_outputs(w, points, slots);
    for (size_t i = 0; i < points && status == RUN_OK; i++) {
        attach_row(w, i, x, slots);
        status = w->counting ? interp_run_counting(p, w) : interp_run(p, w);
        if (status == RUN_OK && w->interrupt && *w->interrupt)
            status = RUN_INTERRUPT;
    }
    return status;
}

/* ---- explanations ---- */
static void explain_index(const Workspace *w, Buf *out) {
    const Fault *f = &w->fault;
    buf_text(out, "index ");
    buf_double(out, f->index);
    if (f->index != floor(f->index))
        buf_text(out, " is not a whole number");
    else
        buf_printf(out, " is outside 1..%zu", f->length);
    if (f->axis)
        buf_text(out, " (columns)");
    text_fault_place(w, f, out);
}

static void explain_size(const Workspace *w, Buf *out) {
    const Fault *f = &w->fault;
    if (!f->name) {
        buf_text(out, "the lengths of two arrays disagree");
        return;
    }
    buf_printf(out, "%s has length %zu where %zu is needed", text_name(w, f->name), f->length, f->other);
    if (f->axis)
        buf_text(out, " (columns)");
}

static void explain_range(const Workspace *w, Buf *out) {
    buf_text(out, "a range cannot end at ");
    buf_double(out, w->fault.index);
    text_fault_place(w, &w->fault, out);
    if (isfinite(w->fault.index) && w->fault.index != floor(w->fault.index))
        buf_text(out, ": its ends are whole numbers, for example 1..floor(n/2)");
}

static void explain_rounds(const Workspace *w, Buf *out) {
    buf_text(out, "more than ");
    buf_double(out, (double)w->most_rounds);
    buf_text(out, " rounds of loops and calls; set rounds N allows more");
}

void workspace_explain(const Workspace *w, RunStatus status, Buf *out) {
    switch (status) {
    case RUN_OK: break;
    case RUN_INDEX: explain_index(w, out); break;
    case RUN_DEPTH: buf_printf(out, "more than %d nested calls", MOST_CALLS); break;
    case RUN_INTERRUPT: buf_text(out, "interrupted"); break;
    case RUN_MEMORY: buf_text(out, "an array does not fit the memory limit"); break;
    case RUN_EMPTY:
        buf_text(out, "max or min of nothing");
        text_fault_place(w, &w->fault, out);
        break;
    case RUN_SIZE: explain_size(w, out); break;
    case RUN_ROUNDS: explain_rounds(w, out); break;
    case RUN_RANGE: explain_range(w, out); break;
    }
}
