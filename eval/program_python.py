# Helpers of exported Python modules.  Each is taken into a module that needs it; a part ends at a
# blank line, so there is none within a function.
import numpy as np

def sq(x):
    return x*x

def cube(x):
    return x*x*x

def fourth(x):
    return (x*x)*(x*x)

# 1/0 is infinite, as in C.
def quotient(a, b):
    return np.float64(a)/b

# The whole numbers from lo to hi.
def span(lo, hi):
    if lo != np.floor(lo) or hi != np.floor(hi):
        raise ValueError("an end of a range is no whole number")
    return range(int(lo), int(hi) + 1)

def last_of(lo, hi):
    return float(max(span(lo, hi).stop - 1, int(lo) - 1))

# The index k as an int; an error outside 0..n-1.
def inside(k, n):
    if not (0 <= k < n) or k != int(k):
        raise IndexError("index %g is outside 1..%d" % (k + 1, n))
    return int(k)

def room(n):
    return max(int(np.floor(n)), 0)

def copy_row(matrix, k, row):
    if len(row) != matrix.shape[1]:
        raise ValueError("rows of different lengths")
    matrix[k] = row

def products_before(out, x):
    v = 1.0
    for k in range(len(x)):
        out[k] = v
        v = v*x[k]

def products_after(out, x):
    v = 1.0
    for k in reversed(range(len(x))):
        out[k] = v
        v = v*x[k]

# The order of sums and products: below 32 terms left to right; from 32 on term i goes to one of 16
# lanes, the lanes of a block of 4096 terms are joined as a tree, and blocks pairwise.
def in_order(terms, join, neutral):
    if len(terms) < 32:
        res = np.float64(neutral)
        for t in terms:
            res = join(res, t)
        return res
    blocks = []
    for k in range(0, len(terms), 4096):
        lane = [np.float64(neutral)]*16
        for i, t in enumerate(terms[k:k + 4096]):
            lane[i % 16] = join(lane[i % 16], t)
        half = 8
        while half:
            for i in range(half):
                lane[i] = join(lane[i], lane[i + half])
            half //= 2
        blocks.append([1, lane[0]])
        while 1 < len(blocks) and blocks[-2][0] == blocks[-1][0]:
            count, v = blocks.pop()
            blocks[-1] = [2*count, join(blocks[-1][1], v)]
    res = blocks.pop()[1]
    while blocks:
        res = join(blocks.pop()[1], res)
    return res

def sum_of(terms):
    return in_order(terms, lambda a, b: a + b, -0.0) if terms else np.float64(0.0)

def product_of(terms):
    return in_order(terms, lambda a, b: a*b, 1.0)

# The position of the best term: the first of equals, or the first that is NaN.
def place_of_best(terms, better):
    if not terms:
        raise ValueError("max or min of nothing")
    best = 0
    for i, t in enumerate(terms):
        if terms[best] == terms[best] and (t != t or better(t, terms[best])):
            best = i
    return best

def largest_of(terms):
    return np.float64(terms[place_of_best(terms, lambda a, b: a > b)])

def smallest_of(terms):
    return np.float64(terms[place_of_best(terms, lambda a, b: a < b)])

def place_of_largest(terms, first):
    return float(int(first) + place_of_best(terms, lambda a, b: a > b))

def place_of_smallest(terms, first):
    return float(int(first) + place_of_best(terms, lambda a, b: a < b))

# C's function, which is plumb's; where Python raises an error, NumPy's infinity or NaN.
def library(function, ieee):
    def call(*x):
        try:
            return np.float64(function(*x))
        except (ValueError, OverflowError):
            return np.float64(ieee(*x))
    return call

power = library(math.pow, np.power)

pow_ = power

sqrt = np.sqrt

cbrt = library(getattr(math, "cbrt", np.cbrt), np.cbrt)

hypot = np.hypot

exp = library(math.exp, np.exp)

exp2 = library(getattr(math, "exp2", np.exp2), np.exp2)

expm1 = library(math.expm1, np.expm1)

log = library(math.log, np.log)

log2 = library(math.log2, np.log2)

log10 = library(math.log10, np.log10)

log1p = library(math.log1p, np.log1p)

sin = library(math.sin, np.sin)

cos = library(math.cos, np.cos)

tan = library(math.tan, np.tan)

def sec(x):
    return 1/cos(x)

def csc(x):
    return 1/sin(x)

def cot(x):
    return 1/tan(x)

asin = library(math.asin, np.arcsin)

acos = library(math.acos, np.arccos)

atan = library(math.atan, np.arctan)

atan2 = library(math.atan2, np.arctan2)

sinh = library(math.sinh, np.sinh)

cosh = library(math.cosh, np.cosh)

tanh = library(math.tanh, np.tanh)

def sech(x):
    return 1/cosh(x)

def csch(x):
    return 1/sinh(x)

def coth(x):
    return 1/tanh(x)

asinh = library(math.asinh, np.arcsinh)

acosh = library(math.acosh, np.arccosh)

atanh = library(math.atanh, np.arctanh)

def sigmoid(x):
    if x < 0:
        t = exp(x)
        return t/(1 + t)
    return 1/(1 + exp(-x))

def logit(x):
    if 0.25 <= x <= 0.75:
        return 2*atanh(2*x - 1)
    return log(x) - log1p(-x) if x < 0.25 else log(quotient(x, 1 - x))

def softplus(x):
    return x + log1p(exp(-x)) if x > 0 else log1p(exp(x))

def relu(x):
    return np.float64(0.0 if x <= 0 else x)

def abs_(x):
    return np.float64(abs(x))

def sign(x):
    return np.float64(1.0 if x > 0 else -1.0 if x < 0 else x)

def heaviside(x):
    return np.float64(1.0 if x > 0 else 0.0 if x < 0 else x + 0.5)

copysign = np.copysign

def min_(x, y):
    return np.float64(x if x != x else y if y != y or y < x else x)

def max_(x, y):
    return np.float64(x if x != x else y if y != y or y > x else x)

def fdim(x, y):
    return np.float64(0.0 if x <= y else x - y)

# x*y + z rounded once.
def fma(x, y, z):
    if not (np.isfinite(x) and np.isfinite(y) and np.isfinite(z)):
        return np.float64(x)*y + z
    exact = Fraction(float(x))*Fraction(float(y)) + Fraction(float(z))
    if exact == 0:
        return np.float64(x)*y + z
    try:
        return np.float64(float(exact))
    except OverflowError:
        return np.float64(np.inf if exact > 0 else -np.inf)

floor = np.floor

ceil = np.ceil

# Halves away from 0.
def round_(x):
    t = np.trunc(x)
    return t + np.copysign(1.0, x) if abs(x - t) >= 0.5 else t

rint = np.rint

trunc = np.trunc

def mod(x, y):
    res = np.fmod(x, y)
    if res == 0:
        return np.copysign(res, y)
    return res + y if (res < 0) != (y < 0) else res

fmod = np.fmod

remainder = library(math.remainder, np.fmod)

def logb(x):
    if x == 0 or not np.isfinite(x):
        return np.float64(x if x != x else np.inf if x else -np.inf)
    return np.float64(math.frexp(x)[1] - 1)

def ldexp(x, y):
    return np.ldexp(np.float64(x), int(min(max(y, -5000), 5000))) if y == np.floor(y) else np.float64(np.nan)

erf = library(math.erf, np.sign)

erfc = library(math.erfc, np.sign)

# c[0] + c[1]*x + ... + c[n-1]*x^(n-1)
def polynomial(c, x):
    res = c[-1]
    for a in c[-2::-1]:
        res = res*x + a
    return res

# Giles, "Approximating the erfinv function" (2011), then Halley's steps.
def erfinv(x):
    a = abs(x)
    if not a < 1:
        return np.copysign(np.inf, x) if a == 1 else np.float64(np.nan)
    w = -log((1 - a)*(1 + a))
    if w < 5:
        res = a*polynomial([1.50140941, 0.246640727, -0.00417768164, -0.00125372503, 0.00021858087,
                            -4.39150654e-06, -3.5233877e-06, 3.43273939e-07, 2.81022636e-08], w - 2.5)
    elif w < 16:
        res = a*polynomial([2.83297682, 1.00167406, 0.00943887047, -0.0076224613, 0.00573950773,
                            -0.00367342844, 0.00134934322, 0.000100950558, -0.000200214257], sqrt(w) - 3)
    else:
        u = -log(1 - a)
        res = sqrt(u - 0.5*log(u*math.pi))
    for _ in range(3):
        gap = erf(res) - a if a < 0.5 else (1 - a) - erfc(res)
        step = gap*(math.sqrt(math.pi)/2)*exp(res*res)
        res -= step/(1 + res*step)
    return np.copysign(res, x)

# Gamma functions of Python's own: a few units in the last place from C's, lgamma near its zeros more.
def gamma(x):
    try:
        return np.float64(math.gamma(x))
    except OverflowError:
        return np.float64(np.inf)
    except ValueError:
        return np.copysign(np.inf, x) if x == 0 else np.float64(np.nan)

def lgamma(x):
    try:
        return np.float64(math.lgamma(x))
    except (ValueError, OverflowError):
        return np.float64(np.inf)

# digamma on [1, 2]: John Maddock's rational form (Boost, 2006).
def digamma_middle(x):
    p = [0.25479851061131551, -0.32555031186804491, -0.65031853770896507, -0.28919126444774784,
         -0.045251321448739056, -0.0020713321167745952]
    q = [1.0, 2.0767117023730469, 1.4606242909763515, 0.43593529692665969, 0.054151797245674225,
         0.0021284987017821144, -0.55789841321675513e-6]
    root = 1569415565.0/1073741824, 381566830.0/1073741824/1073741824, 0.9016312093258695918315325266959189453125e-19
    g = ((x - root[0]) - root[1]) - root[2]
    return g*0.99558162689208984 + g*(polynomial(p, x - 1)/polynomial(q, x - 1))

def digamma(x):
    x = np.float64(x)
    if x <= 0:
        r = x - round_(x)
        return np.float64(np.nan) if r == 0 or not np.isfinite(x) else digamma(1 - x) - math.pi/tan(math.pi*r)
    if x < 1:
        return digamma_middle(1 + x) - 1/x
    if x < 10:
        res = 0.0
        while 2 < x:
            x = x - 1
            res += 1/x
        return digamma_middle(x) + res
    c = [1/12, -1/120, 1/252, -1/240, 1/132, -691/32760, 1/12, -3617/8160]
    z = 1/x/x
    total = 0.0
    for a in reversed(c):
        total = (total + a)*z
    return log(x) - 0.5/x - total

def growth(z, p, L):
    return 1.0 if z == 0 else expm1(-p*L)

# x^s times the sum of (x + k)^-s, or with z of (x + z + k)^-s - (x + k)^-s, by Euler and Maclaurin.
def hurwitz(s, x, z):
    c = [1/12, -1/720, 1/30240, -1/1209600, 1/47900160, -691/1307674368000, 1/74724249600,
         -3617/10670622842880000, 43867/5109094217170944000, -174611/802857662698291200000]
    total, q, k = 0.0, x, 0.0
    while x + k + min(z, 0.0) < 10 + s:
        t = power(x/q, s)*growth(z, s, log1p(z/q))
        total += t
        if z == 0 and t*q < 1e-18*total:
            return total
        k += 1
        q = x + k
    L = log1p(z/q)
    tail = q*(-L if s == 1 else growth(z, s - 1, L)/(s - 1)) + 0.5*growth(z, s, L)
    rise = s/q
    for j in range(10):
        p = s + 2*j + 1
        tail += c[j]*rise*growth(z, p, L)
        rise *= p/q*((p + 1)/q)
    return total + power(x/q, s)*tail

def factorial_over_power(n, x, h):
    if 170 < n:
        return exp(lgamma(n + 1) - (n + 1)*log(x))*h
    half = power(x, -(n + 1)/2)
    return half*gamma(n + 1)*half*h

def zeta_factorial(n, x):
    return factorial_over_power(n, x, hurwitz(n + 1, x, 0.0))

def polygamma(n, x):
    x = np.float64(x)
    if not (0 <= n < np.inf) or n != np.floor(n) or x != x or x == -np.inf:
        return np.float64(np.nan)
    if n == 0:
        return digamma(x)
    if x == np.inf:
        return np.float64(0.0)
    s = -1 if n % 2 == 0 else 1
    if x > 0:
        return s*zeta_factorial(n, x)
    r = x - round_(x)
    if r == 0:
        return np.float64(np.nan)
    whole = (factorial_over_power(n, abs(r), 1.0)*(s if r < 0 else 1) + zeta_factorial(n, 1 + r)
             + s*zeta_factorial(n, 1 - r))
    return s*whole - zeta_factorial(n, 1 - x)

# polygamma(n, x + z) - polygamma(n, x), to full accuracy for small z too.
def polygammadiff(n, x, z):
    x, z = np.float64(x), np.float64(z)
    if not 0 <= n or n != np.floor(n) or not 0 < x or not 0 < x + z:
        return np.float64(np.nan)
    if z == 0:
        return np.float64(0.0)
    if z < -0.5*x:
        return -polygammadiff(n, x + z, -z)
    if 170 < n or not np.isfinite(z) or not np.isfinite(x):
        return polygamma(n, x + z) - polygamma(n, x)
    return (-1 if n % 2 == 0 else 1)*factorial_over_power(n, x, hurwitz(n + 1, x, z))

# log(gamma(x)) less Stirling's formula, x >= 10.
def stirling_rest(x):
    c = [1/12, -1/360, 1/1260, -1/1680, 1/1188, -691/360360, 1/156, -3617/122400]
    return polynomial(c, 1/x/x)/x

def share_power(share_of, total, lost, p):
    share = share_of/total
    gap = (fma(-share, total, share_of) - share*lost)/share_of
    return power(share, p)*exp(p*gap)

def beta(x, y):
    if not (0 < x and 0 < y):
        return np.float64(np.nan)
    a, b = np.float64(min(x, y)), np.float64(max(x, y))
    total = a + b
    if total == np.inf:
        return np.float64(0.0)
    lost = a - (total - b)
    if total < 170:
        return gamma(a)*(gamma(b)/gamma(total))*(1 - lost*digamma(total))
    rest = stirling_rest(b) - stirling_rest(total)
    if a < 10:
        return gamma(a)*power(b, -a)*exp(a - (total - 0.5)*log1p(a/b) + rest)
    return (sqrt(2*math.pi/b)*share_power(a, total, lost, a - 0.5)*share_power(b, total, lost, b)
            *exp(stirling_rest(a) + rest))

# W near its branch point, by powers of sqrt(2*(e*x + 1)): Corless and others (1996), (4.22).
def lambertw_branch(p):
    return polynomial([-1, 1, -1/3, 11/72, -43/540, 769/17280, -221/8505, 680863/43545600,
                       -0.009616892024299432, 0.006014543252956118, -0.0038112980348919993,
                       0.0024408779911439826, -0.0015769303446367841, 0.0010262633205076071,
                       -0.0006720616311561362, 0.0004424730618146209, -0.00029267722472962746,
                       0.00019438727605453933, -0.00012957426685274883, 8.665035805208128e-05,
                       -5.811360750441382e-05, 3.907668486743905e-05], p)

def lambertw(x):
    x = np.float64(x)
    inv_e, inv_e_low = 0.36787944117144233, -1.2428753672788363e-17
    if x != x or x == np.inf or abs(x) < 1e-300:
        return x
    if x <= -inv_e:
        return np.float64(-1.0 if x == -inv_e else np.nan)
    p = sqrt(2*math.e*((x + inv_e) + inv_e_low))
    if p < 0.25:
        return lambertw_branch(p)
    u = log1p(x)
    w = lambertw_branch(p) if p < 1 else u*(1 - log1p(u)/(2 + u))
    for _ in range(8):
        gap = w - x*exp(-w)
        step = gap/(1 + w - gap*(w + 2)/(2*(w + 1)))
        w -= step
        if abs(step) <= 1e-8*abs(w):
            break
    return w

# Bessel functions are SciPy's: about 1e-12 from plumb's, which are GSL's.
def besselj(n, x):
    return np.float64(scipy.special.jv(n, x))

def bessely(n, x):
    return np.float64(scipy.special.yv(n, x))

def besseli(n, x):
    return np.float64(scipy.special.iv(n, x))

def besselk(n, x):
    return np.float64(scipy.special.kv(n, x))
