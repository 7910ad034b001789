/* Names and numbers in LaTeX; see export_latex.h. */
#include "repl/export_latex.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* Greek letters as words and, in UTF-8, as themselves. */
static const struct {
    const char *word, *letter;
} greek[] = {
    {"alpha", "α"}, {"beta", "β"}, {"gamma", "γ"}, {"delta", "δ"}, {"epsilon", "ε"}, {"zeta", "ζ"}, {"eta", "η"},
    {"theta", "θ"}, {"iota", "ι"}, {"kappa", "κ"}, {"lambda", "λ"}, {"mu", "μ"}, {"nu", "ν"}, {"xi", "ξ"},
    {"rho", "ρ"}, {"sigma", "σ"}, {"tau", "τ"}, {"upsilon", "υ"}, {"phi", "φ"}, {"chi", "χ"}, {"psi", "ψ"},
    {"omega", "ω"}, {"Gamma", "Γ"}, {"Delta", "Δ"}, {"Theta", "Θ"}, {"Lambda", "Λ"}, {"Xi", "Ξ"}, {"Pi", "Π"},
    {"Sigma", "Σ"}, {"Upsilon", "Υ"}, {"Phi", "Φ"}, {"Psi", "Ψ"}, {"Omega", "Ω"}, {"pi", "π"},
};

static const char *find_greek(const char *text, size_t len) {
    for (size_t i = 0; i < sizeof greek / sizeof *greek; i++)
        if ((strlen(greek[i].word) == len && memcmp(greek[i].word, text, len) == 0) ||
            (strlen(greek[i].letter) == len && memcmp(greek[i].letter, text, len) == 0))
            return greek[i].word;
    return NULL;
}

/* One letter, or a word in upright type. */
static void write_word(Buf *out, const char *text, size_t len) {
    const char *word = find_greek(text, len);
    if (word) {
        buf_printf(out, "\\%s", word);
    } else if (len <= 1 || (unsigned char)text[0] >= 0x80) {
        buf_add(out, text, len);
    } else {
        buf_text(out, "\\mathrm{");
        for (size_t i = 0; i < len; i++)
            buf_printf(out, "%s%c", text[i] == '_' ? "\\" : "", text[i]);
        buf_char(out, '}');
    }
}

static size_t count_digits(const char *text, size_t len) {
    size_t res = 0;
    while (res < len && '0' <= text[len - 1 - res] && text[len - 1 - res] <= '9') res++;
    return res;
}

void latex_write_name(Buf *out, const char *text) {
    size_t len = strlen(text), stem = strcspn(text, "_");
    bool letter = stem == 1 || find_greek(text, stem);
    if (letter && stem + 1 < len) { /* x_1, x_max */
        const char *index = text + stem + 1;
        size_t rest = len - stem - 1;
        write_word(out, text, stem);
        buf_text(out, "_{");
        if (count_digits(index, rest) == rest)
            buf_text(out, index);
        else
            write_word(out, index, rest);
        buf_char(out, '}');
        return;
    }
    size_t digits = count_digits(text, len);
    write_word(out, text, len - digits);
    if (digits) buf_printf(out, "_{%s}", text + len - digits);
}

/* The digits before the exponent as d.ddd; a lone 1 is left out. */
static void write_power_of_ten(Buf *out, const char *text, const char *ten) {
    const char *dot = memchr(text, '.', (size_t)(ten - text)), *end = dot ? dot : ten;
    size_t whole = (size_t)(end - text);
    long exponent = strtol(ten + 1, NULL, 10) + (long)whole - 1;
    bool lone = *text == '1' && ten == text + 1;
    if (!lone) {
        buf_char(out, *text);
        Buf rest;
        buf_init(&rest);
        buf_add(&rest, text + 1, whole - 1);
        if (dot) buf_add(&rest, dot + 1, (size_t)(ten - dot) - 1);
        if (rest.len) buf_printf(out, ".%s", buf_str(&rest));
        buf_done(&rest);
        buf_text(out, "\\cdot ");
    }
    buf_printf(out, "10^{%ld}", exponent);
}

void latex_write_number(Buf *out, const char *text) {
    if (*text == '-') buf_char(out, *text++);
    const char *slash = strchr(text, '/'), *ten = strchr(text, 'e');
    if (slash)
        buf_printf(out, "\\frac{%.*s}{%s}", (int)(slash - text), text, slash + 1);
    else if (ten && *text != '0')
        write_power_of_ten(out, text, ten);
    else
        buf_text(out, text);
}
