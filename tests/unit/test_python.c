/* Exported Python and JSON are run and give plumb's values and gradients: where nothing but + - * / and sqrt
 * occurs bit for bit, else within a few units in the last place.  Without Python, or NumPy, skipped. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "eval/evaluator.h"
#include "expr/functions.h"
#include "repl/interp.h"

enum { MOST = 5000, ROUNDS = 4 };

/* Reads lines FILE PARAMETER... with a parameter as a shape, 0, n or mxn, and its numbers; writes the
 * value and the gradient, numbers in hexadecimal. */
static const char driver[] =
    "import importlib, sys\n"
    "import numpy as np\n"
    "def flat(v):\n"
    "    parts = v if isinstance(v, tuple) else (v,)\n"
    "    return [float(t) for part in parts for t in np.ravel(part)]\n"
    "for line in open('cases').readlines():\n"
    "    word = line.split()\n"
    "    module, args, at = importlib.import_module(word[0]), [], 1\n"
    "    while at < len(word):\n"
    "        shape = [int(k) for k in word[at].split('x')]\n"
    "        size = max(int(np.prod(shape)), 1) if shape != [0] else 1\n"
    "        data = [float.fromhex(k) for k in word[at + 1:at + 1 + size]]\n"
    "        args.append(data[0] if shape == [0] else np.array(data).reshape(shape))\n"
    "        at += 1 + size\n"
    "    name = 'f' if hasattr(module, 'f') else word[0]\n"
    "    res = flat(getattr(module, name)(*args))\n"
    "    if hasattr(module, name + '_and_grad'):\n"
    "        value, gradient = getattr(module, name + '_and_grad')(*args)\n"
    "        if float(value).hex() != res[0].hex(): print('another value beside the gradient')\n"
    "        if flat(getattr(module, 'grad_' + name)(*args)) != flat(gradient) and 'nan' not in str(gradient):\n"
    "            print('another gradient')\n"
    "        res += flat(gradient)\n"
    "    print(*[v.hex() for v in res])\n";

/* The same for graphs in JSON, without NumPy: reads FILE.json by its description in docs/json.md. */
static const char reader[] =
    "import json, math\n"
    "def ranged(lo, hi): return range(int(lo), int(hi) + 1)\n"
    "def first_best(v, better):\n"
    "    best = 0\n"
    "    for i in range(1, len(v)):\n"
    "        if better(v[i], v[best]): best = i\n"
    "    return best\n"
    "def product(v):\n"
    "    res = 1.0\n"
    "    for t in v: res *= t\n"
    "    return res\n"
    "functions = {'abs': abs, 'max': max, 'min': min, 'sign': lambda x: (x > 0) - (x < 0), 'sigmoid': lambda x: 1/(1 + math.exp(-x))}\n"
    "operations = {\n"
    "    'add': lambda a, b: a + b, 'subtract': lambda a, b: a - b, 'multiply': lambda a, b: a*b,\n"
    "    'divide': lambda a, b: a/b, 'power': lambda a, b: a**b, 'negate': lambda a: -a, 'not': lambda a: not a,\n"
    "    'less': lambda a, b: a < b, 'less_equal': lambda a, b: a <= b, 'greater': lambda a, b: a > b,\n"
    "    'greater_equal': lambda a, b: a >= b, 'equal': lambda a, b: a == b, 'not_equal': lambda a, b: a != b,\n"
    "    'list': lambda *a: list(a), 'element': lambda a, k: a[int(k) - 1],\n"
    "    'products_before': lambda a: [product(a[:i]) for i in range(len(a))],\n"
    "    'products_after': lambda a: [product(a[i + 1:]) for i in range(len(a))]}\n"
    "loops = {'sum': sum, 'product': product, 'vector': list, 'max': max, 'min': min}\n"
    "def evaluate(nodes, k, values, index):\n"
    "    node = nodes[k]\n"
    "    op, get = node['op'], lambda i: evaluate(nodes, i, values, index)\n"
    "    if op in ('number', 'variable'): return node['value']\n"
    "    if op in ('parameter', 'length'): return values[node['name']]\n"
    "    if op == 'index': return index[k]\n"
    "    if 'body' in node:\n"
    "        span = ranged(get(node['from']), get(node['to']))\n"
    "        v = [evaluate(nodes, node['body'], values, {**index, node['index']: i}) for i in span]\n"
    "        if op == 'argmax': return span[first_best(v, lambda a, b: a > b)]\n"
    "        if op == 'argmin': return span[first_best(v, lambda a, b: a < b)]\n"
    "        return loops[op](v)\n"
    "    args = node['args']\n"
    "    assert all(i < k for i in args)\n"
    "    if op == 'if': return get(args[1]) if get(args[0]) else get(args[2])\n"
    "    if op == 'and': return get(args[0]) and get(args[1])\n"
    "    if op == 'or': return get(args[0]) or get(args[1])\n"
    "    if op == 'function': return (functions.get(node['name']) or getattr(math, node['name']))(*map(get, args))\n"
    "    return operations[op](*map(get, args))\n"
    "def flat(v): return [t for part in v for t in flat(part)] if isinstance(v, list) else [float(v)]\n"
    "def shaped(data, shape):\n"
    "    if not shape: return data.pop(0)\n"
    "    return [shaped(data, shape[1:]) for _ in range(shape[0])]\n"
    "for line in open('cases').readlines():\n"
    "    word = line.split()\n"
    "    graph = json.load(open(word[0] + '.json'))\n"
    "    assert graph['format'] == 'plumb graph 1'\n"
    "    assert len(set(map(json.dumps, graph['nodes']))) == len(graph['nodes']), 'a node twice'\n"
    "    values, at = {}, 1\n"
    "    for param in graph['params']:\n"
    "        shape = [int(k) for k in word[at].split('x') if k != '0']\n"
    "        size = int(product(shape))\n"
    "        values[param['name']] = shaped([float.fromhex(t) for t in word[at + 1:at + 1 + size]], shape)\n"
    "        values.update({name: n for name, n in zip(param['shape'], shape) if isinstance(name, str)})\n"
    "        at += 1 + size\n"
    "    res = flat(evaluate(graph['nodes'], graph['value'], values, {}))\n"
    "    for k in graph.get('gradient', []): res += flat(evaluate(graph['nodes'], k, values, {}))\n"
    "    print(*[v.hex() for v in res])\n";

typedef struct Case {
    const char *text;       /* defines f */
    size_t dims[3][2];      /* of its parameters: 0, n or m, n */
    double tolerance;       /* relative to the largest number of the gradient; 0: bit for bit */
} Case;

static bool ignore(void *context, const Buf *out, const Buf *err) {
    (void)context, (void)out;
    if (err->len) fprintf(stderr, "%s", buf_str(err));
    return true;
}

/* A Python that has the module, or NULL. */
static const char *find_python(const char *module) {
    static const char *const names[] = {"python3", "/usr/bin/python3"};
    char line[200];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(line, sizeof line, "%s -c 'import %s' >/dev/null 2>&1", names[i], module);
        if (system(line) == 0) return names[i];
    }
    return NULL;
}

static void run_text(Interp *in, const char *format, ...) {
    char text[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    if (!interp_run_text(in, "test", text, strlen(text), 1)) fail_msg("cannot be run: %s", text);
}

static Evaluator *evaluator_of(Interp *in, const char *name, const size_t (*dims)[2], Def **def) {
    Arena arena;
    Diags diags;
    arena_init(&arena);
    diags_init(&diags, &arena);
    *def = defs_function(in->defs, names_intern_str(in->names, name));
    Evaluator *res = evaluator_new(in->defs, (*def)->param_count, (*def)->param, (*def)->body, dims, NULL, &diags, span_of(0, 0));
    assert_non_null(res);
    arena_done(&arena);
    return res;
}

static void write_case(FILE *file, const char *name, const Def *def, const size_t (*dims)[2], const double *x) {
    fprintf(file, "%s", name);
    for (size_t i = 0; i < def->param_count; i++) {
        int rank = def->param[i].rank;
        size_t size = rank == 0 ? 1 : rank == 1 ? dims[i][0] : dims[i][0] * dims[i][1];
        if (rank < 2) fprintf(file, " %zu", rank ? dims[i][0] : (size_t)0);
        else fprintf(file, " %zux%zu", dims[i][0], dims[i][1]);
        for (size_t k = 0; k < size; k++) fprintf(file, " %a", *x++);
    }
    fprintf(file, "\n");
}

static double read_number(FILE *file, const char *what) {
    char word[64];
    if (fscanf(file, "%63s", word) != 1) fail_msg("%s: no number", what);
    char *end;
    double res = strtod(word, &end);
    if (*end) fail_msg("%s: %s", what, word);
    return res;
}

static void compare(const char *what, double got, double want, double size, double tolerance) {
    if ((isnan(got) && isnan(want)) || got == want) {
        if (tolerance > 0 || memcmp(&got, &want, sizeof got) == 0 || isnan(got)) return;
    }
    if (tolerance > 0 && fabs(got - want) <= tolerance * fmax(size, fabs(want))) return;
    fail_msg("%s: %.17g, wanted %.17g (%.2g)", what, got, want, fabs(got / want - 1));
}

static void make_folder(char *folder, const char *program) {
    assert_non_null(mkdtemp(folder));
    char name[200];
    snprintf(name, sizeof name, "%s/driver.py", folder);
    FILE *file = fopen(name, "w");
    assert_non_null(file);
    fputs(program, file);
    fclose(file);
}

static FILE *open_in(const char *folder, const char *name, const char *mode) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *res = fopen(path, mode);
    assert_non_null(res);
    return res;
}

static void run_driver(const char *python, const char *folder) {
    char line[400];
    snprintf(line, sizeof line, "cd %s && %s -W error -W ignore::ResourceWarning driver.py >answers", folder, python);
    assert_int_equal(system(line), 0);
}

static void remove_folder(const char *folder) {
    char line[200];
    snprintf(line, sizeof line, "rm -r %s", folder);
    assert_int_equal(system(line), 0);
}

static void draw(unsigned *seed, double *x, size_t n) {
    for (size_t i = 0; i < n; i++) {
        *seed = *seed * 1103515245u + 12345u;
        x[i] = (double)(*seed >> 8) / 3e6 - 2;
    }
}

/* All cases in one run of Python. */
static void compare_cases(const Case *cases, size_t count, bool json) {
    const char *python = find_python(json ? "json" : "numpy");
    if (!python) skip();
    char folder[] = "/tmp/plumb-python-XXXXXX", name[32];
    make_folder(folder, json ? reader : driver);
    static double x[MOST], g[MOST];
    FILE *file = open_in(folder, "cases", "w");
    for (int pass = 0; pass < 2; pass++) {
        unsigned seed = 7;
        if (pass == 1) {
            fclose(file);
            run_driver(python, folder);
            file = open_in(folder, "answers", "r");
        }
        for (size_t i = 0; i < count; i++) {
            Interp *in = interp_new(NULL);
            in->sink = ignore;
            snprintf(name, sizeof name, "f%zu", i);
            run_text(in, "%s\nexport f as %s > \"%s/%s.%s\"\n", cases[i].text, json ? "json" : "python", folder, name,
                         json ? "json" : "py");
            Def *def;
            Evaluator *e = evaluator_of(in, "f", cases[i].dims, &def);
            size_t n = evaluator_points(e), m = evaluator_results(e);
            for (int round = 0; round < ROUNDS; round++) {
                draw(&seed, x, n);
                if (pass == 0) {
                    write_case(file, name, def, cases[i].dims, x);
                    continue;
                }
                static double f[MOST];
                assert_int_equal(evaluator_value(e, x, f), RUN_OK);
                for (size_t k = 0; k < m; k++)
                    compare(cases[i].text, read_number(file, cases[i].text), f[k], 0, cases[i].tolerance);
                if (m > 1 || expr_rank(in->store, def->body) > 0) continue;
                assert_int_equal(evaluator_gradient(e, x, f, g), RUN_OK);
                double size = 0;
                for (size_t k = 0; k < n; k++) size = fmax(size, fabs(g[k]));
                for (size_t k = 0; k < n; k++)
                    compare(cases[i].text, read_number(file, cases[i].text), g[k], size, cases[i].tolerance);
            }
            evaluator_free(e);
            interp_free(in);
        }
    }
    fclose(file);
    remove_folder(folder);
}

/* Arithmetic alone: not a bit may differ. */
static void test_exact(void **state) {
    (void)state;
    static const Case cases[] = {
        {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^4", {{0}}, 0},
        {"f(x,y) = sqrt(x^2+y^2)/(1+x/y) - abs(x)*y", {{0}}, 0},
        {"f(x,t1) = if(x > t1 and t1 < 1, x*t1, if(x < 0 or t1 > 3, x/t1, x - t1))", {{0}}, 0},
        {"f(x,y) = max(x, y) + min(x^2, y) + sign(x)*y + floor(x)*ceil(y) + mod(x, 2.385) + relu(y)*round(x)", {{0}}, 0},
        {"f(x,y) = (x > y) + 2*(x < 1)*y + (not (x > 2))", {{0}}, 0},
        {"f(x,y) = if((x > y) == (y > 0), 1/(x-x), -x)/y", {{0}}, 0},
        {"f(i,k) = sum(j=1..3, i*j/(j-2)) - 1/(k*0)", {{0}}, 0},
        {"f(x,y) = 2.5", {{0}}, 0},
        {"f(η,β1) = η^2*β1 + η", {{0}}, 0},
        {"f(lambda,g_x) = lambda*g_x/(1 + lambda^2)", {{0}}, 0},
        {"f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)", {{2}}, 0},
        {"f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)", {{31}}, 0},
        {"f(x[n]) = sum(i=1..n, x[i]^2/i)", {{32}}, 0},
        {"f(x[n]) = sum(i=1..n, x[i]^2/i)", {{1}}, 0},
        {"f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2)", {{4098}}, 0},
        {"f(x[n]) = prod(i=1..n, 1 + x[i]/1000) + max(i=1..n, x[i]) + argmin(i=2..n, x[i])*x[1]", {{50}}, 0},
        {"f(x[n]) = sum(i=1..n, if(x[i] > 1 and x[i] < 3, x[i]^3, abs(x[i])))*sum(i=1..n-1, x[i]*x[i+1])", {{40}}, 0},
        {"f(x[3]) = x[1]*x[2] - x[3]/x[1]", {{3}}, 0},
        {"v = [1.5, 2, 4, 8]; f(x[n]) = sum(i=1..4, v[i]*x[i]) + sum(i=1..n, sum(j=1..i, x[j]*j))", {{6}}, 0},
        {"f(W[m,n],x[n],s) = sum(i=1..m, sum(j=1..n, W[i,j]*x[j])^2)/s", {{3, 35}, {35}, {0}}, 0},
        {"f(W[m,n],x[n]) = dot(W,x)", {{3, 4}, {4}}, 0},
        {"h(x[n]) = vec(i=1..n, x[i]*2 + sum(j=1..n, x[j]))\nf(v[n],b[n]) = sum(i=1..n, (h(v)[i] - b[i])^2)", {{40}, {40}}, 0},
        {"p(x, k) = if(k <= 0, 1, x*p(x, k-1) + 1)\nf(x,y) = p(x, 5)*y", {{0}}, 0},
        {"f(x[n]) = sum(i=1..n, x[i]^2) + max(0, x[1])*prod(i=1..2, x[i])", {{7}}, 0},
    };
    compare_cases(cases, sizeof cases / sizeof *cases, false);
}

/* Functions of C's library are called through Python's math: the same library. */
static void test_functions(void **state) {
    (void)state;
    static const Case cases[] = {
        {"f(x,y) = exp(sin(x)*y) + 2^x/(1+y^2) + abs(x)^1.5 + exp(2)", {{0}}, 1e-14},
        {"a = 0.731; f(x,y) = if(x > y and a < x, sigmoid(x) + softplus(y), mod(x, 2.385) + relu(y))", {{0}}, 1e-14},
        {"f(x,y) = log(x)/y + sqrt(x-1) + exp(900*x) + log(x-x)", {{0}}, 1e-14},
        {"f(v[n],b[n]) = sum(i=1..n, tanh(sum(j=1..n, v[j]*b[i]) + b[i])^2)", {{5}, {5}}, 1e-13},
        {"f(x[n]) = -20*exp(-0.2*sqrt(sum(i=1..n, x[i]^2)/n)) - exp(sum(i=1..n, cos(2*pi*x[i]))/n)", {{33}}, 1e-13},
    };
    compare_cases(cases, sizeof cases / sizeof *cases, false);
}

/* Every function of the table with its derivatives; the argument by which there is none is 2. */
static void define_row(Interp *in, size_t id) {
    static const char *const letters[] = {"x", "y", "z"};
    const Function *f = function_at(id);
    char line[200];
    size_t used = (size_t)snprintf(line, sizeof line, "f%zu(x,y,z) = %s(", id, f->name);
    for (int i = 0; i < f->arity; i++)
        used += (size_t)snprintf(line + used, sizeof line - used, "%s%s", i ? ", " : "", f->d[i] ? letters[i] : "2");
    run_text(in, "%s)\n", line);
}

static bool is_scipy(const Function *f) {
    return strncmp(f->name, "bessel", 6) == 0;
}

/* Python's math has gamma functions of its own; near the zeros of lgamma they lose digits. */
static bool is_gamma(const Function *f) {
    return f->value == function_at(FUNCTION_gamma)->value || f->value == function_at(FUNCTION_lgamma)->value ||
           f->value == function_at(FUNCTION_beta)->value;
}

static void test_table(void **state) {
    (void)state;
    const char *python = find_python("numpy");
    if (!python) skip();
    bool scipy = find_python("scipy.special") != NULL;
    if (scipy) python = find_python("scipy.special");
    char folder[] = "/tmp/plumb-python-XXXXXX", name[32];
    make_folder(folder, driver);
    Interp *in = interp_new(NULL);
    in->sink = ignore;
    FILE *file = open_in(folder, "cases", "w");
    const size_t dims[3][2] = {{0}};
    for (int pass = 0; pass < 2; pass++) {
        if (pass == 1) {
            fclose(file);
            run_driver(python, folder);
            file = open_in(folder, "answers", "r");
        }
        for (size_t id = 0; id < functions_count(); id++) {
            const Function *f = function_at(id);
            snprintf(name, sizeof name, "f%zu", id);
            if (pass == 0) {
                define_row(in, id);
                run_text(in, "export %s as python > \"%s/%s.py\"\n", name, folder, name);
            }
            if (is_scipy(f) && !scipy) continue;
            Def *def;
            Evaluator *e = evaluator_of(in, name, dims, &def);
            for (int k = 0; k <= 30; k++) { /* over the range of usual values, a little beyond, and far out */
                double x[3] = {1, 1, 1}, g[3], value;
                for (int i = 0; i < f->arity; i++) {
                    double lo = f->sample[i][0], hi = f->sample[i][1], at = k == 30 ? 20 : 0.0371 * k - 0.02;
                    x[i] = lo + (hi - lo) * at * (i == 1 ? 0.93 : 1);
                }
                if (pass == 0) {
                    write_case(file, name, def, dims, x);
                    continue;
                }
                double tolerance = is_scipy(f) ? 1e-10 : is_gamma(f) ? 5e-14 : 1e-15;
                assert_int_equal(evaluator_gradient(e, x, &value, g), RUN_OK);
                char what[100];
                snprintf(what, sizeof what, "%s at %g, %g, %g", f->name, x[0], x[1], x[2]);
                compare(what, read_number(file, what), value, is_scipy(f) ? 1 : 0, tolerance);
                for (int i = 0; i < 3; i++) compare(what, read_number(file, what), g[i], is_scipy(f) ? 1 : 0, tolerance);
            }
            evaluator_free(e);
        }
    }
    fclose(file);
    interp_free(in);
    remove_folder(folder);
}

static void test_json(void **state) {
    (void)state;
    static const Case cases[] = {
        {"f(x,y) = (1.5-x+x*y)^2 + (2.25-x+x*y^2)^2 + (2.625-x+x*y^3)^4", {{0}}, 1e-13},
        {"f(x,y) = if(x > y and y < 1 or not (x < 3), x*y, x/y) + exp(-x^2)*sin(y)/sqrt(1+x^2)", {{0}}, 1e-13},
        {"f(x,y) = max(x, y, 0.3) + min(x^2, y) + abs(x)*y + sigmoid(y)", {{0}}, 1e-13},
        {"a = 0.731; v = [1.5, 2, 4, 8]; f(x[n]) = a*sum(i=1..4, v[i]*x[i]) + sum(i=1..n, sum(j=1..i, x[j]*j))", {{6}}, 1e-13},
        {"f(x[n]) = sum(i=1..n-1, 100*(x[i+1]-x[i]^2)^2 + (1-x[i])^2) + max(x)*argmin(i=1..n, x[i])", {{9}}, 1e-13},
        {"f(W[m,n],x[n],s) = sum(i=1..m, prod(j=1..n, W[i,j]*x[j]))/s", {{3, 4}, {4}, {0}}, 1e-12},
        {"f(W[2,n],x[n]) = dot(W,x)", {{2, 4}, {4}}, 1e-13},
        {"h(x[n]) = vec(i=1..n, x[i]*2 + sum(j=1..n, x[j]))\nf(v[n],b[n]) = sum(i=1..n, (h(v)[i] - b[i])^2)", {{5}, {5}}, 1e-13},
    };
    compare_cases(cases, sizeof cases / sizeof *cases, true);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_exact), cmocka_unit_test(test_functions),
                                       cmocka_unit_test(test_table), cmocka_unit_test(test_json)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
