/* Verdicts in words, in tables, and as JSON. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "repl/json.h"
#include "repl/judge.h"
#include "repl/show_value.h"

/* "x", or "w[2,3]" for element k of the parameters together. */
static void variable_name(Buf *out, const VerdictNames *n, size_t k) {
    for (size_t i = 0; i < n->target->param_count; i++) {
        const Param *p = &n->target->param[i];
        size_t rows = p->rank > 0 ? n->point->dims[i][0] : 1,
               columns = p->rank > 1 ? n->point->dims[i][1] : 1;
        if (rows * columns <= k) {
            k -= rows * columns;
            continue;
        }
        buf_text(out, names_text(n->names, p->name));
        if (p->rank == 1) buf_printf(out, "[%zu]", k + 1);
        if (p->rank == 2) buf_printf(out, "[%zu,%zu]", k / columns + 1, k % columns + 1);
        return;
    }
    buf_printf(out, "%zu", k + 1);
}

void verdict_component_name(Buf *out, const VerdictNames *n, const CheckComponent *c,
                            size_t columns) {
    if (n->plain) {
        buf_text(out, n->whole);
        if (n->matrix)
            buf_printf(out, "[%zu,%zu]", c->row / columns + 1, c->row % columns + 1);
        else if (columns > 0)
            buf_printf(out, "[%zu]", c->row + 1);
        return;
    }
    if (c->direction) {
        buf_printf(out, "direction %zu", c->column + 1);
        return;
    }
    if (n->of == CHECK_HESSIAN) {
        buf_printf(out, "d2%s/d", n->function);
        variable_name(out, n, c->row);
        buf_char(out, 'd');
        variable_name(out, n, c->column);
        return;
    }
    buf_printf(out, "d%s", n->function);
    if (n->of == CHECK_JACOBIAN) buf_printf(out, "[%zu]", c->row + 1);
    buf_text(out, "/d");
    variable_name(out, n, c->column);
}

static void json_reason(Buf *out, const CheckComponent *c) {
    if (c->reason) json_string(out, "reason", c->reason);
}

static void json_function_component(Buf *out, const CheckComponent *c, const char *what) {
    json_comma(out);
    buf_char(out, '{');
    json_string(out, "what", what);
    json_string(out, "verdict", verdict_text(c->verdict));
    json_number(out, "symbolic", c->symbolic);
    json_number(out, "numeric", c->numeric);
    json_number(out, "difference", c->difference);
    json_number(out, "bound", c->bound);
    if (c->bits) json_count(out, "bits", (size_t)c->bits);
    if (c->kink) {
        json_number(out, "left", c->left);
        json_number(out, "right", c->right);
    }
    json_reason(out, c);
    buf_char(out, '}');
}

static void cell(Buf *out, double value, int digits, size_t width) {
    Buf b;
    buf_init(&b);
    show_number(&b, value, digits);
    buf_printf(out, " %*s", (int)width, buf_str(&b));
    buf_done(&b);
}

static void say_reason(Report *r, const CheckComponent *c) {
    if (c->bits) buf_printf(&r->text, "  in ball arithmetic of %ld bits", c->bits);
    if (c->reason) buf_printf(&r->text, "%s%s", c->bits ? "; " : "  ", c->reason);
}

enum { VERDICT_LINES = 40, VERDICT_FEW = 3 }; /* so many agreements get a line each */

void verdict_say_function(Task *t, const VerdictNames *n, const CheckResult *r) {
    Report *out = t->report;
    int digits = interp_sentence_digits(t->in);
    json_string(&out->json, "what", n->function);
    json_string(&out->json, "verdict", verdict_text(r->verdict));
    bool table = r->count > 0 && !r->reason;
    if (r->reason) {
        buf_printf(&out->text, "%s: %s: %s\n", n->function, verdict_text(r->verdict), r->reason);
        json_string(&out->json, "reason", r->reason);
    }
    if (n->point->x) {
        if (table) {
            buf_printf(&out->text, "%s at ", n->function);
            point_show(&out->text, t->in->names, n->target, n->point, digits);
            buf_char(&out->text, '\n');
        }
        json_key(&out->json, "x");
        point_json(&out->json, n->target, n->point, false);
    }
    if (r->sampled)
        report_note(out, "many variables: a sample of components and random directions");
    if (r->lacking) report_note(out, "%s", r->lacking);
    json_key(&out->json, "components");
    buf_char(&out->json, '[');
    if (table)
        buf_printf(&out->text, "%-12s %14s %14s %12s %12s  verdict\n", "", "symbolic", "numeric",
                   "difference", "bound");
    for (size_t i = 0; i < r->count; i++) {
        const CheckComponent *c = &r->component[i];
        Buf what;
        buf_init(&what);
        verdict_component_name(&what, n, c, 0);
        json_function_component(&out->json, c, buf_str(&what));
        if (table && (i < VERDICT_LINES || c->verdict != VERDICT_AGREES)) {
            buf_printf(&out->text, "%-12s", buf_str(&what));
            cell(&out->text, c->symbolic, digits + 4, 14);
            cell(&out->text, c->numeric, digits + 4, 14);
            cell(&out->text, c->difference, 3, 12);
            cell(&out->text, c->bound, 3, 12);
            buf_printf(&out->text, "  %s",
                       c->verdict == VERDICT_DIFFERS ? "DIFFERS" : verdict_text(c->verdict));
            say_reason(out, c);
            buf_char(&out->text, '\n');
        } else if (table && i == VERDICT_LINES) {
            buf_printf(&out->text, "... %zu components in all\n", r->count);
        }
        buf_done(&what);
    }
    buf_char(&out->json, ']');
}

/* ---- claims ---- */

static void json_witness(Buf *out, const VerdictNames *n, const CheckComponent *c) {
    Point p = *n->point;
    p.x = c->witness;
    json_key(out, "witness");
    buf_char(out, '{');
    json_key(out, "at");
    point_json(out, n->target, &p, false);
    json_number(out, "yours", c->yours);
    json_number(out, "derivative", c->derivative);
    if (c->yours_exact) json_string(out, "yours_exact", c->yours_exact);
    if (c->derivative_exact) json_string(out, "derivative_exact", c->derivative_exact);
    buf_char(out, '}');
}

/* Conditions, one a line, as a list. */
static void json_conditions(Buf *out, const char *key, const char *lines) {
    if (!lines) return;
    json_key(out, key);
    buf_char(out, '[');
    for (const char *at = lines; *at;) {
        size_t len = strcspn(at, "\n");
        json_comma(out);
        buf_json_string(out, at, len);
        at += len + (at[len] == '\n');
    }
    buf_char(out, ']');
}

/* Conditions, one a line, as a sentence has them. */
static void say_conditions(Buf *out, const char *lines) {
    for (const char *at = lines; *at;) {
        size_t len = strcspn(at, "\n");
        buf_add(out, at, len);
        at += len + (at[len] == '\n');
        if (*at) buf_text(out, " and ");
    }
}

void verdict_say_where(Buf *out, const char *lines) {
    buf_text(out, "proved where ");
    say_conditions(out, lines);
    buf_text(out, "; elsewhere yours is undefined: simplify it");
}

static void json_claim_component(Buf *out, const Task *t, const VerdictNames *n, const CheckComponent *c,
                                 const char *what) {
    json_comma(out);
    buf_char(out, '{');
    json_string(out, "what", what);
    json_string(out, "verdict", verdict_text(c->verdict));
    json_count(out, "points", c->points);
    json_number(out, "max_rel_error", c->max_rel_error);
    bool open = c->verdict == VERDICT_AGREES || c->verdict == VERDICT_UNDECIDED;
    if (open && c->digits >= 1) json_number(out, "digits", floor(fmin(c->digits, 299)));
    if (c->witness) json_witness(out, n, c);
    verdict_json_slip(out, t, c);
    json_conditions(out, "conditions", c->conditions);
    json_conditions(out, "proved_where", c->proved_where);
    json_reason(out, c);
    buf_char(out, '}');
}

/* A number, as a fraction beside it where it is one that the digits do not show. */
static void show_side(Buf *out, double value, const char *exact, int digits) {
    if (isnan(value)) {
        buf_text(out, "undefined");
        return;
    }
    size_t from = out->len;
    show_number(out, value, digits);
    const char *bar = exact ? strchr(exact, '/') : NULL;
    if (!bar || 12 < strlen(exact)) return;
    long q = atol(bar + 1);
    while (q && q % 2 == 0) q /= 2;
    while (q && q % 5 == 0) q /= 5;
    bool shown = q == 1 && strtod(buf_str(out) + from, NULL) == value; /* 94.25 says it all */
    if (!shown) buf_printf(out, " (%s)", exact);
}

/* Do both print the same with so many digits? */
static bool look_alike(double a, double b, int digits) {
    char x[40], y[40];
    snprintf(x, sizeof x, "%.*g", digits, a);
    snprintf(y, sizeof y, "%.*g", digits, b);
    return strcmp(x, y) == 0;
}

static void say_claim_component(Task *t, const VerdictNames *n, const CheckComponent *c,
                                const char *what, const char *reason) {
    Buf *out = &t->report->text;
    int digits = interp_sentence_digits(t->in);
    bool derivative = n->derivative;
    if ((c->verdict == VERDICT_DIFFERS || c->verdict == VERDICT_REFUTED) && c->witness) {
        const char *word = c->verdict == VERDICT_REFUTED ? "REFUTED" : "DIFFERS";
        Point p = *n->point;
        p.x = c->witness;
        int apart = digits; /* enough to tell the two sides from each other */
        while (apart < 17 && look_alike(c->yours, c->derivative, apart)) apart++;
        buf_printf(out, "%s %s.  At ", what, word);
        if (p.count > 0)
            point_show(out, t->in->names, n->target, &p, digits);
        else
            buf_text(out, "these numbers");
        buf_text(out, derivative ? " yours is " : " the right side is ");
        show_side(out, c->yours, c->yours_exact, apart);
        buf_text(out, derivative ? ", the derivative is " : ", the left side is ");
        show_side(out, c->derivative, c->derivative_exact, apart);
        buf_char(out, '\n');
        verdict_say_slip(t, n, c);
        return;
    }
    buf_printf(out, "%s %s", what, verdict_text(c->verdict));
    if (c->proved_where && c->verdict == VERDICT_PROVED) {
        buf_text(out, " where ");
        say_conditions(out, c->proved_where);
    } else if (c->proved_where) {
        buf_text(out, ": ");
        verdict_say_where(out, c->proved_where);
    }
    if (c->proved_where || c->verdict == VERDICT_PROVED) {
        buf_char(out, '\n');
        return;
    }
    if (c->points > 0) {
        buf_printf(out, " at %zu point%s, largest relative error ", c->points,
                   c->points == 1 ? "" : "s");
        show_number(out, c->max_rel_error, 2);
    }
    if (c->digits >= 300)
        buf_text(out, ", exactly equal there");
    else if (c->digits >= 1)
        buf_printf(out, ", %.0f digits agree", floor(c->digits));
    if (c->reason || (reason && c->verdict != VERDICT_AGREES))
        buf_printf(out, ": %s", c->reason ? c->reason : reason);
    buf_char(out, '\n');
}

/* One line for all components where all agree. */
static void say_all_agree(Task *t, const VerdictNames *n, const CheckResult *r) {
    size_t points = r->component[0].points, proved = 0;
    double error = 0;
    const char *reason = NULL;
    for (size_t i = 0; i < r->count; i++) {
        if (!reason) reason = r->component[i].reason;
        proved += r->component[i].verdict == VERDICT_PROVED;
        points = r->component[i].points < points ? r->component[i].points : points;
        error = fmax(error, r->component[i].max_rel_error);
    }
    Buf *out = &t->report->text;
    if (proved == r->count) {
        buf_printf(out, "%s proved in all %zu components\n", n->whole, proved);
        return;
    }
    buf_printf(out, "%s agrees in all %zu components at %zu point%s, largest relative error ", n->whole,
               r->count, points, points == 1 ? "" : "s");
    show_number(out, error, 2);
    if (proved) buf_printf(out, "; %zu proved%s", proved, reason ? ", the others" : "");
    if (reason) buf_printf(out, ": %s", reason);
    buf_char(out, '\n');
}

void verdict_say_claim(Task *t, const VerdictNames *n, const CheckResult *r, size_t columns) {
    Report *out = t->report;
    bool all = VERDICT_FEW < r->count;
    for (size_t i = 0; i < r->count; i++)
        all = all && r->component[i].verdict <= VERDICT_AGREES && !r->component[i].proved_where;
    if (all) say_all_agree(t, n, r);
    json_string(&out->json, "what", n->whole);
    json_string(&out->json, "verdict", verdict_text(r->verdict));
    if (r->reason) {
        if (r->count == 0)
            buf_printf(&out->text, "%s %s: %s\n", n->whole, verdict_text(r->verdict), r->reason);
        json_string(&out->json, "reason", r->reason);
    }
    if (r->count == 1 && r->component[0].witness) json_witness(&out->json, n, &r->component[0]);
    if (r->count == 1) verdict_json_slip(&out->json, t, &r->component[0]);
    json_key(&out->json, "components");
    buf_char(&out->json, '[');
    for (size_t i = 0; i < r->count; i++) {
        Buf what;
        buf_init(&what);
        CheckComponent place = r->component[i]; /* `row` counts through all components */
        if (!n->plain && n->point->count > 0) {
            place.column = place.row % n->point->count;
            place.row = place.row / n->point->count;
        }
        verdict_component_name(&what, n, &place, columns);
        json_claim_component(&out->json, t, n, &r->component[i], buf_str(&what));
        if (r->reason && !r->component[i].reason && r->component[i].verdict == VERDICT_UNDECIDED)
            r->component[i].reason = mem_copy_text(r->reason, strlen(r->reason));
        if (!all && (i < VERDICT_LINES || r->component[i].verdict > VERDICT_AGREES))
            say_claim_component(t, n, &r->component[i], buf_str(&what), r->reason);
        buf_done(&what);
    }
    buf_char(&out->json, ']');
}
