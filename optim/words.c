/* What happened, from the statistics that the run kept.  They are of the minimized function, so
 * that for max `falls` means that f rose. */
#include "optim/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct Teller {
    Words *out;
    const RunResult *r;
    const RunStats *s;
    const WordsAbout *about;
    double f; /* the last value, minimized */
    uint64_t t;
    bool cut; /* stopped by a limit or the user, not by itself */
} Teller;

const char *words_name(WordsKind kind) {
    switch (kind) {
    case WORDS_CONVERGED: return "converged";
    case WORDS_AT_START: return "at_start";
    case WORDS_BLIND: return "blind";
    case WORDS_DIVERGING: return "diverging";
    case WORDS_UNBOUNDED: return "unbounded";
    case WORDS_BOUNCING: return "bouncing";
    case WORDS_SWINGING: return "swinging";
    case WORDS_CREEPING: return "creeping";
    case WORDS_FALLING: return "falling";
    case WORDS_STANDING: return "standing";
    case WORDS_NAN: return "nan";
    case WORDS_INFEASIBLE: return "infeasible";
    case WORDS_STOPPED: return "stopped";
    }
    return "stopped";
}

/* ---- pieces of sentences ---- */

static void say(Teller *w, const char *text) { buf_text(&w->out->said, text); }
static void say_number(Teller *w, double value) {
    buf_double_digits(&w->out->said, value, w->about->digits ? w->about->digits : 6);
}
static void say_f(Teller *w, double minimized) {
    say_number(w, w->r->maximize ? -minimized : minimized);
}
static void say_count(Teller *w, uint64_t count, const char *one, const char *many) {
    buf_printf(&w->out->said, "%llu %s", (unsigned long long)count, count == 1 ? one : many);
}
static void say_steps(Teller *w) { say_count(w, w->t, "step", "steps"); }
static void say_step(Teller *w, uint64_t step) {
    buf_printf(&w->out->said, "step %llu", (unsigned long long)step);
}
static const char *down(const Teller *w) { return w->r->maximize ? "up" : "down"; }
static void say_gradient(Teller *w) {
    say(w, "the largest |gradient| is ");
    say_number(w, w->r->grad_norm);
}
static void advise(Teller *w, const char *text) { buf_text(&w->out->advice, text); }

/* lr rounded down to one digit, as a person would type it. */
static double round_down(double lr) {
    double unit = pow(10, floor(log10(lr)));
    double res = floor(lr / unit + 1e-9) * unit;
    char text[32];
    Buf b;
    buf_init(&b);
    buf_double_digits(&b, res, 1);
    strncpy(text, buf_str(&b), sizeof text - 1);
    text[sizeof text - 1] = '\0';
    buf_done(&b);
    return strtod(text, NULL);
}

static void advise_lr(Teller *w, const char *how, double lr) {
    advise(w, how);
    if (!isfinite(lr) || !(0 < lr)) return;
    w->out->try_lr = round_down(lr);
    advise(w, ", for example lr=");
    buf_double(&w->out->advice, w->out->try_lr);
}

/* Where steps turn back each time they are -(lr*L-1) times the one before, L the curvature: 1/L is
 * the lr that would go straight there. */
static double calm_lr(const Teller *w) {
    double by = w->about->plain && isfinite(w->s->growth) && 0 < w->s->growth ? 1 + w->s->growth
                                                                              : 4;
    return w->about->lr / (by < 1e3 ? by : 1e3);
}

/* Plain descent rests at a minimum only with lr below 2 over the largest curvature there. */
static bool advise_by_curvature(Teller *w) {
    const Classified *at = w->about->at;
    if (!w->about->plain || !at || !at->count) return false;
    double most = w->r->maximize ? -at->curvature[0] : at->curvature[at->count - 1];
    if (!(at->bound < most) || w->about->lr * most < 2) return false;
    Buf *b = &w->out->advice;
    int digits = w->about->digits ? w->about->digits : 6;
    w->out->try_lr = round_down(1.6 / most);
    buf_text(b, "at the best point the largest curvature is ");
    buf_double_digits(b, w->r->maximize ? -most : most, digits);
    buf_printf(b, ": %s cannot rest with lr > ", w->r->maximize ? "ascent" : "descent");
    buf_double_digits(b, 2 / most, digits < 3 ? digits : 3);
    buf_text(b, "; try lr=");
    buf_double(b, w->out->try_lr);
    return true;
}

static void say_stop(Teller *w) {
    switch (w->r->stop) {
    case STOP_TIME: say(w, "out of time after "); break;
    case STOP_INTERRUPT: say(w, "interrupted after "); break;
    case STOP_LIBRARY: say(w, "the method stopped after "); break;
    case STOP_NONE: say(w, "so far "); break;
    default: say(w, "stopped after "); break;
    }
    say_steps(w);
}

/* ---- what the steps looked like ---- */

static bool is_swinging(const Teller *w) {
    return 3 <= w->t && 0.7 * (double)(w->t - 1) <= (double)w->s->reversals;
}

/* f ends above its start and is, or was just now, at its highest. */
static bool is_growing(const Teller *w) {
    const RunStats *s = w->s;
    if (w->t < 3 || !(s->f_start < w->f)) return false;
    uint64_t late = w->t / 5 < 2 ? 2 : w->t / 5;
    if (s->peak_step + late < w->t) return false;
    return 2 * (s->f_start - s->best_f) < w->f - s->best_f &&
           (!s->rising_since || s->rising_since + 2 <= w->t + 1);
}

static bool is_bouncing(const Teller *w) {
    const RunStats *s = w->s;
    uint64_t long_ago = w->t / 10 < 20 ? 20 : w->t / 10;
    return s->best_step + long_ago < w->t && s->best_f < s->bounce &&
           (w->t - s->best_step) / 8 < s->rises;
}

static bool is_coming_down(const Teller *w) { return 0.9 * (double)w->t <= (double)w->s->falls; }

static bool is_creeping(const Teller *w) {
    const RunStats *s = w->s;
    return 2 <= w->t && is_coming_down(w) && !is_swinging(w) &&
           0.9 * s->first_length <= s->last_length && s->last_length <= s->first_length &&
           0.9 * s->norm_start <= w->r->grad_norm;
}

/* ---- the stories ---- */

static void tell_growth(Teller *w) {
    const RunStats *s = w->s;
    bool unbroken = s->rising_since && s->rising_since <= s->best_step + w->t / 2 + 1;
    w->out->kind = WORDS_DIVERGING;
    w->out->step = unbroken ? s->rising_since : s->best_step + 1;
    if (w->cut) {
        say_stop(w);
        say(w, ", ");
    }
    say(w, "diverging since ");
    say_step(w, w->out->step);
    say(w, ": f went from ");
    say_f(w, unbroken ? s->rising_from : s->best_f);
    say(w, " to ");
    say_f(w, w->f);
    if (is_swinging(w)) say(w, ", each step farther to the other side");
    advise_lr(w, "try a smaller lr", calm_lr(w));
}

static void tell_bounces(Teller *w) {
    const RunStats *s = w->s;
    w->out->kind = WORDS_BOUNCING;
    w->out->step = s->best_step;
    say(w, "not converging: best f = ");
    say_f(w, s->best_f);
    say(w, " at ");
    say_step(w, s->best_step);
    say(w, ", then it swings out and bounces near ");
    say_f(w, s->bounce);
    if (!advise_by_curvature(w)) advise_lr(w, "try a smaller lr", 0.5 * w->about->lr);
}

static void tell_swings(Teller *w) {
    w->out->kind = WORDS_SWINGING;
    say_stop(w);
    say(w, ": it swings from side to side and still comes ");
    say(w, down(w));
    say(w, ", to f = ");
    say_f(w, w->f);
    advise_lr(w, "a smaller lr swings less", calm_lr(w));
}

static void tell_creep(Teller *w) {
    w->out->kind = WORDS_CREEPING;
    if (isfinite(w->about->lr)) {
        say(w, "lr=");
        buf_double(&w->out->said, w->about->lr);
        say(w, " hardly moves in ");
    } else say(w, "it hardly moves in ");
    say_steps(w);
    say(w, ": f went from ");
    say_f(w, w->s->f_start);
    say(w, " to ");
    say_f(w, w->f);
    advise_lr(w, "try a larger lr", 10 * w->about->lr);
}

static void tell_fall(Teller *w) {
    w->out->kind = WORDS_FALLING;
    say_stop(w);
    say(w, ", still on its way ");
    say(w, down(w));
    say(w, ": f = ");
    say_f(w, w->f);
    say(w, ", ");
    say_gradient(w);
    advise(w, isfinite(w->about->lr) ? "try more steps, or a larger lr" : "try more steps");
}

static void tell_plain(Teller *w) {
    w->out->kind = WORDS_STOPPED;
    say_stop(w);
    say(w, ": f = ");
    say_f(w, w->f);
    say(w, ", ");
    say_gradient(w);
    if (w->r->stop == STOP_INTERRUPT && 0 < w->t) {
        say(w, "; x is the best point, of ");
        say_step(w, w->s->best_step);
    }
}

static void tell_cut(Teller *w) {
    if (w->t == 0) tell_plain(w);
    else if (is_growing(w)) tell_growth(w);
    else if (is_bouncing(w)) tell_bounces(w);
    else if (is_swinging(w) && is_coming_down(w)) tell_swings(w);
    else if (is_creeping(w)) tell_creep(w);
    else if (is_coming_down(w)) tell_fall(w);
    else tell_plain(w);
}

static void tell_stop_on_gradient(Teller *w) {
    const RunResult *r = w->r;
    if (r->blind) {
        w->out->kind = WORDS_BLIND;
        say(w, "not converged: the difference quotient is ");
        say_number(w, r->grad_norm);
        say(w, ", but the gradient is ");
        say_number(w, r->exact_norm);
        advise(w, "h is too small for this f: try a larger h, or leave gradient=numeric out");
        return;
    }
    w->out->kind = w->t ? WORDS_CONVERGED : WORDS_AT_START;
    if (w->t) {
        say(w, "converged after ");
        say_steps(w);
        say(w, ": ");
    } else say(w, "stopped at the start: ");
    if (r->grad_norm == 0) say(w, "the gradient is exactly 0");
    else {
        say_gradient(w);
        say(w, ", below tol=");
        buf_double(&w->out->said, r->tol);
    }
    if (w->t && is_swinging(w)) say(w, "; it swung from side to side on the way");
}

static void tell_standstill(Teller *w) {
    w->out->kind = WORDS_STANDING;
    w->out->step = w->t < w->s->same ? 0 : w->t - w->s->same;
    if (w->out->step == 0) say(w, "x does not move from the start");
    else {
        say(w, "x no longer changes since ");
        say_step(w, w->out->step);
    }
    say(w, ": ");
    if (w->r->blind) {
        say(w, "the difference quotient is ");
        say_number(w, w->r->grad_norm);
        say(w, ", but the gradient is ");
        say_number(w, w->r->exact_norm);
        advise(w, "h is too small for this f: try a larger h");
        return;
    }
    say_gradient(w);
    if (w->r->grad_norm <= 1e-6 * (1 + w->s->norm_start))
        say(w, ", as near as doubles come with these steps");
    else advise_lr(w, "the steps are too small to change x: try a larger lr", 10 * w->about->lr);
}

static void tell_nan(Teller *w) {
    w->out->kind = WORDS_NAN;
    w->out->step = w->t;
    if (w->t) {
        say(w, "stopped at ");
        say_step(w, w->t);
    } else say(w, "stopped at the start");
    say(w,
        isnan(w->f) || !isfinite(w->f) ? ": f is " : ": f is finite, but not its gradient; f = ");
    say_f(w, w->f);
    if (!w->t) return;
    say(w, "; the best so far is f = ");
    say_f(w, w->s->best_f);
    say(w, " at ");
    say_step(w, w->s->best_step);
    advise_lr(w, "the last step left the domain: try a smaller lr", 0.25 * w->about->lr);
}

static void tell_unbounded(Teller *w) {
    w->out->kind = WORDS_UNBOUNDED;
    w->out->step = w->t;
    say(w, w->r->maximize ? "f rises without bound: above 1e100 at "
                          : "f falls without bound: below -1e100 at ");
    say_step(w, w->t);
    advise(w, w->r->maximize
                  ? "there is no maximum in this direction; a box (in x=..) would keep it"
                  : "there is no minimum in this direction; a box (in x=..) would keep it");
}

void words_describe(Words *out, const RunResult *r, const WordsAbout *about) {
    memset(out, 0, sizeof *out);
    out->try_lr = NAN;
    Teller w = {.out = out,
                .r = r,
                .s = &r->stats,
                .about = about,
                .f = r->maximize ? -r->f : r->f,
                .t = r->steps};
    switch (r->stop) {
    case STOP_GRADIENT: tell_stop_on_gradient(&w); break;
    case STOP_NO_CHANGE: tell_standstill(&w); break;
    case STOP_DIVERGED: tell_growth(&w); break;
    case STOP_UNBOUNDED: tell_unbounded(&w); break;
    case STOP_NAN: tell_nan(&w); break;
    case STOP_INFEASIBLE:
        out->kind = WORDS_INFEASIBLE;
        say(&w, "the box is empty: a lower end lies above the upper one");
        break;
    default: w.cut = true; tell_cut(&w);
    }
}

void words_done(Words *w) {
    buf_done(&w->said);
    buf_done(&w->advice);
}

static void show_direction(Buf *out, const double *v, size_t n, int digits) {
    buf_char(out, '(');
    for (size_t i = 0; i < n; i++) {
        if (i) buf_text(out, ", ");
        buf_double_digits(out, v[i], digits);
    }
    buf_char(out, ')');
}

void words_class(Buf *out, const Classified *c, size_t n, bool maximize, int digits) {
    static const char *const says[] = {[CLASS_MINIMUM] = "a minimum",
                                       [CLASS_MAXIMUM] = "a maximum",
                                       [CLASS_SADDLE] = "a saddle",
                                       [CLASS_FLAT] = "flat in some direction",
                                       [CLASS_KINK] = "a kink"};
    if (c->kind == CLASS_UNKNOWN) return;
    if (!digits) digits = 6;
    buf_text(out, says[c->kind]);
    if (!c->count) return;
    buf_text(out, c->count == 1 ? ", curvature " : ", curvatures ");
    buf_double_digits(out, c->curvature[0], digits);
    if (1 < c->count) {
        buf_text(out, c->count == 2 ? " and " : " to ");
        buf_double_digits(out, c->curvature[c->count - 1], digits);
    }
    if (c->kind != CLASS_SADDLE || maximize || 10 < n) return;
    buf_text(out, ": downhill along ");
    show_direction(out, c->downhill, n, digits);
    buf_text(out, " and its opposite");
}
