/* For tests: the value in doubles of a short plumb text over x, y, z and f, read by plain recursive
 * descent.  Powers, operators and functions act as they do in a program. */
#ifndef TESTS_PLAIN_EVAL_H
#define TESTS_PLAIN_EVAL_H

#include <ctype.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "expr/functions.h"

typedef struct PlainEval {
    const char *at;     /* what is left of the text */
    double x, y, z, f;
    const char *unread; /* where the text could not be read, or NULL */
} PlainEval;

static double plain_choice(PlainEval *p);

static bool plain_takes(PlainEval *p, const char *token) {
    size_t len = strlen(token);
    p->at += strspn(p->at, " ");
    if (strncmp(p->at, token, len) != 0)
        return false;
    if (isalpha((unsigned char)*token) && isalnum((unsigned char)p->at[len]))
        return false; /* the beginning of a longer name */
    p->at += len;
    return true;
}

static double plain_fails(PlainEval *p) {
    if (!p->unread)
        p->unread = p->at;
    p->at += strlen(p->at);
    return NAN;
}

static double plain_call(PlainEval *p, const char *name, size_t len) {
    double arg[FUNCTION_ARGS] = {0, 0, 0};
    int count = 0;
    do {
        double v = plain_choice(p);
        if (count < FUNCTION_ARGS)
            arg[count] = v;
        count++;
    } while (plain_takes(p, ","));
    if (!plain_takes(p, ")"))
        return plain_fails(p);
    if (len == 2 && memcmp(name, "if", 2) == 0)
        return count == 3 ? (arg[0] != 0 ? arg[1] : arg[2]) : plain_fails(p);
    int id = function_find(name, len);
    if (id < 0 || function_at((size_t)id)->arity != count) {
        p->at = name;
        return plain_fails(p);
    }
    return function_at((size_t)id)->value(arg[0], arg[1], arg[2]);
}

static double plain_primary(PlainEval *p) {
    p->at += strspn(p->at, " ");
    const char *start = p->at;
    if (isdigit((unsigned char)*start)) {
        char *end;
        double res = strtod(start, &end);
        p->at = end;
        return res;
    }
    if (plain_takes(p, "(")) {
        double res = plain_choice(p);
        return plain_takes(p, ")") ? res : plain_fails(p);
    }
    while (isalnum((unsigned char)*p->at))
        p->at++;
    size_t len = (size_t)(p->at - start);
    if (0 < len && plain_takes(p, "("))
        return plain_call(p, start, len);
    if (len == 1 && strchr("xyzfe", *start))
        return *start == 'x' ? p->x : *start == 'y' ? p->y : *start == 'z' ? p->z
               : *start == 'f' ? p->f : 2.7182818284590452354;
    if (len == 2 && memcmp(start, "pi", 2) == 0)
        return 3.14159265358979323846;
    p->at = start;
    return plain_fails(p);
}

static double plain_unary(PlainEval *p);

static double plain_power(PlainEval *p) {
    double base = plain_primary(p);
    if (!plain_takes(p, "^"))
        return base;
    const char *text = p->at;
    double power = plain_unary(p);
    if (text[0] == '2' && p->at == text + 1) /* a literal 2 is a product */
        return base * base;
    return pow(base, power);
}

static double plain_unary(PlainEval *p) {
    return plain_takes(p, "-") ? -plain_unary(p) : plain_power(p);
}

static double plain_product(PlainEval *p) {
    double res = plain_unary(p);
    for (;;) {
        if (plain_takes(p, "*"))
            res *= plain_unary(p);
        else if (plain_takes(p, "/"))
            res /= plain_unary(p);
        else
            return res;
    }
}

static double plain_sum(PlainEval *p) {
    double res = plain_product(p);
    for (;;) {
        if (plain_takes(p, "+"))
            res += plain_product(p);
        else if (plain_takes(p, "-"))
            res -= plain_product(p);
        else
            return res;
    }
}

static double plain_relation(PlainEval *p) {
    static const char *const ops[] = {"<=", ">=", "==", "!=", "<", ">"};
    double left = plain_sum(p);
    bool any = false, all = true;
    for (size_t i = 0; i < 6;) {
        if (!plain_takes(p, ops[i])) {
            i++;
            continue;
        }
        double right = plain_sum(p);
        const bool holds[] = {left <= right, left >= right, left == right, left != right,
                              left < right, left > right};
        all = all && holds[i];
        any = true;
        left = right;
        i = 0;
    }
    return any ? all : left;
}

static double plain_conjunction(PlainEval *p) {
    double res = plain_takes(p, "not") ? !(plain_relation(p) != 0) : plain_relation(p);
    while (plain_takes(p, "and")) {
        bool next = plain_relation(p) != 0;
        res = res != 0 && next;
    }
    return res;
}

static double plain_choice(PlainEval *p) {
    double res = plain_conjunction(p);
    while (plain_takes(p, "or")) {
        bool next = plain_conjunction(p) != 0;
        res = res != 0 || next;
    }
    return res;
}

/* The value; *unread is where the text could not be read, NULL if it was read to its end. */
static inline double plain_eval(const char *text, const double arg[FUNCTION_ARGS], double f,
                                const char **unread) {
    PlainEval p = {text, arg[0], arg[1], arg[2], f, NULL};
    double res = plain_choice(&p);
    p.at += strspn(p.at, " ");
    if (*p.at != '\0' && !p.unread)
        p.unread = p.at;
    *unread = p.unread;
    return res;
}

#endif
