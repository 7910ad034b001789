/* Scripts from the grammar of plumb, written by a generator with a work list instead of recursion:
 * a template's letters stand for parts that are still to be filled in. */
#include "tests/fuzz/generate.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof *(a))

uint64_t dice_next(Dice *r) {
    uint64_t z = (r->state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

size_t dice_below(Dice *r, size_t count) { return (size_t)(dice_next(r) % count); }

/* In a template: $e expression, $a atom, $n number, $v name, $f function of one argument, $F user's
 * function with brackets to be filled, $c condition, $p point, $m method, $o option, $s statement of
 * a rule, $b box. */
static const char *const atoms[] = {"$n",  "$n",  "$v",  "$v", "$v", "pi",   "e",
                                    "inf", "nan", "ans", "v",  "W",  "ans.x"};
static const char *const numbers[] = {
    "0",  "1",     "2",      "3",  "0.731", "2.385", "1e-3",
    ".5", "1e308", "1e-308", "17", "0.1",   "65536", "9007199254740993"};
static const char *const names[] = {"x", "y", "z", "t", "a", "b", "n", "i", "k", "xy", "β", "x₁"};
static const char *const functions[] = {
    "sin",    "cos",   "tan",   "exp",   "log",   "sqrt",     "abs",      "tanh",      "sinh",
    "cosh",   "atan",  "asin",  "acos",  "gamma", "lgamma",   "digamma",  "erf",       "erfc",
    "erfinv", "floor", "ceil",  "round", "sign",  "sigmoid",  "softplus", "relu",      "cbrt",
    "log2",   "log10", "log1p", "exp2",  "expm1", "lambertw", "sec",      "csc",       "cot",
    "g",      "norm",  "len",   "sum",   "prod",  "max",      "min",      "transpose", "not "};
static const char *const expressions[] = {"$a",
                                          "$a",
                                          "$a",
                                          "$a",
                                          "$e + $e",
                                          "$e - $e",
                                          "$e*$e",
                                          "$e/$e",
                                          "$e^$n",
                                          "$e^$e",
                                          "-$e",
                                          "($e)",
                                          "($e)",
                                          "2$v",
                                          "$v^2",
                                          "$vy",
                                          "$f($e)",
                                          "$f($e)",
                                          "$f($e)",
                                          "f($e, $e)",
                                          "g($e)",
                                          "h($p)",
                                          "h($e, $e, $e)",
                                          "atan2($e, $e)",
                                          "hypot($e, $e)",
                                          "mod($e, $e)",
                                          "besselj($n, $e)",
                                          "polygamma($n, $e)",
                                          "beta($e, $e)",
                                          "min($e, $e)",
                                          "max($e, $e, $e)",
                                          "if($c, $e, $e)",
                                          "($c ? $e : $e)",
                                          "|$e|",
                                          "||$e||",
                                          "sum(i=1..$n, $e)",
                                          "sum(i=1..4, $e*i)",
                                          "prod(i=1..3, $e)",
                                          "max(i=1..3, $e)",
                                          "vec(i=1..3, $e)",
                                          "sum(i=1..3, sum(k=i..4, $e))",
                                          "($e, $e)",
                                          "[$e, $e]",
                                          "[$e, $e; $e, $e]",
                                          "$e[$e]",
                                          "v[2]",
                                          "W[1, 2]",
                                          "dot($e, $e)",
                                          "diff($e, x)",
                                          "diff($e, x, y)",
                                          "df/dx($e, $e)",
                                          "df/dy",
                                          "d2f/dxdy($e, $e)",
                                          "g'($e)",
                                          "g''($e)",
                                          "g'",
                                          "(grad f)($e, $e)",
                                          "grad f($e, $e)",
                                          "hess f($e, $e)",
                                          "grad h($p)",
                                          "sin²($e)",
                                          "√$a",
                                          "$e²",
                                          "($e where a = $e)",
                                          "ans.f"};
static const char *const conditions[] = {"$e < $e",     "$e <= $e",  "$e == $e", "$e != $e",
                                         "0 < $e <= 1", "$c and $c", "$c or $c", "not $c",
                                         "x > 0",       "t < 9"};
static const char *const points[] = {"($n, $n)",  "($n, $n)",  "($n, -$n)", "x=$n, y=$n",
                                     "(1, 2, 3)", "$e",        "$n",        "v",
                                     "ans.x",     "random(2)", "fill(1, 3)"};
static const char *const methods[] = {"gd",      "momentum", "nesterov", "adagrad",
                                      "rmsprop", "adadelta", "adam",     "adamax",
                                      "nadam",   "amsgrad",  "heavy",    "mine"};
static const char *const options[] = {
    " lr=$n",    " lr=0.1/t",     " lr=$e",    " steps=7",          " steps=100",
    " steps=$n", " tol=$n",       " tol=0",    " gradient=numeric", " h=1e-6",
    " h=$n",     " momentum=0.9", " beta1=$n", " beta2=0.9",        " eps=$n",
    " seed=3"};
static const char *const rule_lines[] = {"x = x - lr*g",
                                         "x = x + m",
                                         "m = b*m - lr*g",
                                         "m += g^2",
                                         "x -= $e*g",
                                         "x = $e",
                                         "s = $e",
                                         "x = x - lr*grad(x + m)",
                                         "m = if(g > 0, $e, m)",
                                         "x = x - lr*sign(g)"};
static const char *const boxes[] = {"x=0..1, y=0..2", "x=-$n..$n", "0..1, 0..1",
                                    "x=$e..$e, y=0..1"};
static const char *const statements[] = {
    "f(x,y) = $e",
    "f(x, y) = $e",
    "g(x) = $e",
    "h(u[n]) = sum(i=1..n, $e)",
    "h(u[n]) = $e",
    "h(u[3]) = $e",
    "k(x) = if(x <= 0, 1, x*k(x - 1))",
    "x = $e",
    "y = $n",
    "a = $e",
    "v = ($e, $e, $e)",
    "W = [$e, $e; $e, $e]",
    "a += $e",
    "v *= $e",
    "n := $n",
    "$e",
    "$e",
    "$e",
    "$c",
    "$e;",
    "grad f",
    "hess f",
    "df/dx",
    "d2f/dxdy",
    "g''",
    "diff($e, x)",
    "at f($n, $n)",
    "at g($n)",
    "at h($p)",
    "check f",
    "check g",
    "check h",
    "check f at ($n, $n)",
    "check df/dx = $e",
    "check df/dy = $e",
    "check df/dx = 2(1.5-x+x*y)*(y-1) + $e",
    "check d2f/dxdy = $e",
    "check grad f = ($e, $e)",
    "check hess f = [$e, $e; $e, $e]",
    "check g' = 3x^2 - $e",
    "check g' = $e digits=3",
    "check dh/du = vec(k=1..n, 2k*u[k] + $e)",
    "check grad h = vec(k=1..n, $e)",
    "check $e = $e",
    "explain df/dx",
    "explain g'",
    "explain grad f",
    "explain diff($e, x)",
    "export f as latex",
    "export f as c",
    "export g as c",
    "export h as c",
    "show df/dx as latex",
    "show $e as latex",
    "q(A[m,n], u[n]) = sum(i=1..m, dot(A[i], u)^2) + $e",
    "q(A[2,2]) = $e*A[1,2] + sum(A)",
    "q([$e, $e; $e, $e], ($e, $e))",
    "check q at ([1, 2; 3, 4], (0.5, $n))",
    "grad q",
    "min q from ([1, 2; 3, 4], (1, 1)) by $m$o steps=20",
    "load \"$e\"",
    "check f at $p h=1e-6",
    "check h at (1, 2, 3)",
    "min f from $p by $m$o steps=50",
    "min f from ($n, $n) by $m$o$o steps=50",
    "max f from $p by $m$o steps=50",
    "min g from $n by $m$o steps=50",
    "min f from $p by $m$o in $b steps=50",
    "min h from (1, 2, 3) by $m$o steps=50",
    "min f from $p by $m gradient=numeric h=1e-6 steps=20",
    "assert $c",
    "assert $e within $n",
    "print $e, $e",
    "show f",
    "show g",
    "show adam",
    "show limits",
    "vars",
    "undo",
    "set digits $n",
    "set format text",
    "set seed $n",
    "help $f",
    "help",
    "rule mine(lr=0.1, b=0.5) {\n  state m = 0\n  $s\n  $s\n}",
    "rule mine(lr=0.1, b=0.5) { \"own\"; state m = $n; $s; $s }",
    "$e where a = $e",
    "ans",
    "# $e"};

typedef struct Choice {
    char letter;
    const char *const *list;
    size_t count, simple; /* the first `simple` end quickly: taken when the text grows long */
} Choice;

#define CHOICE(letter, list, simple)                                                               \
    { letter, list, COUNT(list), simple }
static const Choice choices[] = {
    CHOICE('a', atoms, 8),      CHOICE('n', numbers, 8),     CHOICE('v', names, 6),
    CHOICE('f', functions, 10), CHOICE('e', expressions, 4), CHOICE('c', conditions, 1),
    CHOICE('p', points, 3),     CHOICE('m', methods, 10),    CHOICE('o', options, 2),
    CHOICE('s', rule_lines, 5), CHOICE('b', boxes, 2),
};

/* Appends the template with its parts filled in: the stack holds what is left of the templates that
 * are being written. */
static void fill(Dice *r, Buf *out, const char *template, size_t most) {
    const char *stack[256];
    size_t depth = 1, start = out->len;
    stack[0] = template;
    while (0 < depth) {
        const char *at = stack[depth - 1];
        if (*at == '\0') {
            depth--;
            continue;
        }
        stack[depth - 1] = at + (*at == '$' ? 2 : 1);
        if (*at != '$') {
            buf_char(out, *at);
            continue;
        }
        for (size_t i = 0; i < COUNT(choices); i++) {
            if (choices[i].letter != at[1]) continue;
            bool brief = most < out->len - start + 16 * depth || depth + 1 == COUNT(stack);
            stack[depth++] =
                choices[i].list[dice_below(r, brief ? choices[i].simple : choices[i].count)];
            if (depth == COUNT(stack)) depth--;
        }
    }
}

void generate_script(Dice *r, Buf *out) {
    static const char *const preludes[] = {
        "", "x = 0.731; y = 2.385; v = (1, 2.5, 3); W = [1, 2; 3, 4];\nf(x,y) = "
            "(1.5-x+x*y)^2;\ng(x) = x^3 - 2x;\nh(u[n]) = sum(i=1..n, i*u[i]^2);\n"};
    buf_text(out, preludes[dice_below(r, 4) != 0]);
    for (size_t count = 1 + dice_below(r, 8); 0 < count; count--) {
        fill(r, out, statements[dice_below(r, COUNT(statements))], 20 + dice_below(r, 200));
        buf_char(out, '\n');
    }
}

static const char *const pieces[] = {"(",
                                     ")",
                                     "[",
                                     "]",
                                     "{",
                                     "}",
                                     ",",
                                     ";",
                                     "=",
                                     "'",
                                     "^",
                                     "/",
                                     "-",
                                     "|",
                                     "||",
                                     "..",
                                     ":",
                                     "?",
                                     " ",
                                     "\n",
                                     "\\\n",
                                     "\"",
                                     "#",
                                     "e",
                                     "1e",
                                     ".",
                                     "x",
                                     "f(",
                                     "df/dx",
                                     "grad ",
                                     "²",
                                     "√",
                                     "−",
                                     "π",
                                     "\xff",
                                     "\xc3",
                                     "\xe2\x80\x8b",
                                     "1e999",
                                     "0",
                                     "inf",
                                     "nan",
                                     "check ",
                                     "min ",
                                     " from ",
                                     " by ",
                                     " where ",
                                     " at ",
                                     "sum(i=1..n, ",
                                     "$",
                                     "∇",
                                     "\xf0\x9f\x92\xa9",
                                     "\xed\xa0\x80",
                                     "\xef\xbb\xbf",
                                     "\xe3\x80\x80",
                                     "\r\n",
                                     " proved ",
                                     "explain ",
                                     "export ",
                                     " as c",
                                     "999999999999999999999999"};

/* One change at a random place: a piece put in, bytes taken out, doubled, or replaced. */
static void change(Dice *r, Buf *out, const char *text, size_t len) {
    size_t at = dice_below(r, len + 1),
           span = dice_below(r, 1 + (len - at < 12 ? len - at : 12));
    const char *piece = pieces[dice_below(r, COUNT(pieces))];
    buf_add(out, text, at);
    switch (dice_below(r, 5)) {
    case 0:
        buf_text(out, piece);
        span = 0;
        break;
    case 1: break;
    case 2:
        buf_add(out, text + at, span);
        buf_add(out, text + at, span);
        break;
    case 3:
        buf_char(out, (char)dice_below(r, 256));
        span = span < 1 ? span : 1;
        break;
    default: buf_text(out, piece); break;
    }
    buf_add(out, text + at + span, len - at - span);
}

void generate_mutation(Dice *r, Buf *out, const char *text, size_t len, const char *other,
                       size_t other_len) {
    Buf from, to;
    buf_init(&from), buf_init(&to);
    buf_add(&from, text, len);
    if (dice_below(r, 4) == 0) { /* the start of one, the end of the other */
        size_t cut = dice_below(r, len + 1), other_cut = dice_below(r, other_len + 1);
        buf_clear(&from);
        buf_add(&from, text, cut);
        buf_add(&from, other + other_cut, other_len - other_cut);
    }
    for (size_t count = 1 + dice_below(r, 6); 0 < count; count--) {
        buf_clear(&to);
        change(r, &to, buf_str(&from), from.len);
        Buf swap = from;
        from = to;
        to = swap;
    }
    buf_add(out, buf_str(&from), from.len);
    buf_done(&from), buf_done(&to);
}
