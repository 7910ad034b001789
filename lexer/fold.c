/* Folding of typed characters; see fold.h.  One pass, which knows about strings and comments (they
 * are left as they are) and about names (a lowered digit belongs to one). */
#include "lexer/fold.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/utf8.h"

typedef struct FoldRow {
    uint32_t code;
    const char *as;
} FoldRow;

/* What single characters are read as. */
static const FoldRow rows[] = {
    {0xa0, " "},      {0xb2, "\x12"},   {0xb3, "\x13"},   {0xb5, "\xCE\xBC"}, {0xb7, "*"},
    {0xb9, "\x11"},   {0xd7, "*"},      {0xf7, "/"},      {0x2c6, "^"},       {0x3c0, "\x02"},
    {0x1680, " "},    {0x2016, "\x08"}, {0x2018, "'"},    {0x2019, "'"},      {0x201c, "\""},
    {0x201d, "\""},   {0x202f, " "},    {0x2032, "'"},    {0x2033, "''"},     {0x2034, "'''"},
    {0x2044, "/"},    {0x205f, " "},    {0x2070, "\x10"}, {0x207a, "\x1a"},   {0x207b, "\x1b"},
    {0x2202, "\x0e"}, {0x2207, "\x07"}, {0x220f, "\x05"}, {0x2211, "\x04"},   {0x2212, "-"},
    {0x2215, "/"},    {0x2217, "*"},    {0x2219, "*"},    {0x221a, "\x06"},   {0x221e, "\x03"},
    {0x2223, "|"},    {0x2225, "\x08"}, {0x2254, ":="},   {0x2260, "!="},     {0x2264, "<="},
    {0x2265, ">="},   {0x2266, "<="},   {0x2267, ">="},   {0x22c5, "*"},      {0x3000, " "},
    {0x3001, ","},    {0x3002, "."},
};

typedef struct Folder {
    Fold *fold;
    size_t at; /* of the typed text */
    bool in_string, in_comment;
    bool curly;        /* the string began with a typographic quote */
    bool in_name;      /* the last character belongs to a name */
    uint32_t previous; /* the last character */
    bool shifted;      /* the last character folded to another length */
} Folder;

static void mark(Fold *f, uint32_t typed) {
    f->step = mem_grow(f->step, &f->cap, f->steps + 1, sizeof *f->step);
    f->step[f->steps++] = (FoldStep){f->len, typed};
}

static void put(Folder *o, const char *text, size_t len, size_t bytes) {
    Fold *f = o->fold;
    if (o->shifted)
        mark(f, (uint32_t)o->at);
    o->shifted = false;
    for (size_t i = 0; i < len; i++) {
        if (0 < i && len != bytes)
            mark(f, (uint32_t)o->at);
        f->own[f->len++] = text[i];
    }
    o->shifted = len != bytes;
}

static const char *row_for(uint32_t code) {
    size_t low = 0, high = sizeof rows / sizeof *rows;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (rows[mid].code < code)
            low = mid + 1;
        else
            high = mid;
    }
    return low < sizeof rows / sizeof *rows && rows[low].code == code ? rows[low].as : NULL;
}

/* What a character outside ASCII, strings and comments is read as, in buf[4]; NULL: as itself. */
static const char *fold_one(const Folder *o, uint32_t code, char *buf) {
    const char *row = row_for(code);
    if (row)
        return row;
    buf[1] = '\0';
    if (0xff01 <= code && code <= 0xff5e)
        buf[0] = (char)(code - 0xff01 + 0x21);
    else if (0x2010 <= code && code <= 0x2015)
        buf[0] = '-';
    else if (code == 0x30fc && !letter_is_kana(o->previous))
        buf[0] = '-';
    else if (0x2000 <= code && code <= 0x200a)
        buf[0] = ' ';
    else if (0x2074 <= code && code <= 0x2079)
        buf[0] = (char)(FOLD_SUP + code - 0x2070);
    else if (0x2080 <= code && code <= 0x2089 && o->in_name)
        buf[0] = (char)('0' + code - 0x2080);
    else if (letter_is_raised(code) || letter_is_lowered(code))
        buf[0] = FOLD_BAD;
    else if (letter_is(code) || (o->in_name && letter_is_mark(code)))
        return NULL;
    else
        buf[0] = FOLD_BAD;
    return buf;
}

static bool is_word(unsigned char c) {
    return ('a' <= (c | 0x20) && (c | 0x20) <= 'z') || ('0' <= c && c <= '9') || c == '_' ||
           0x80 <= c;
}

static void follow_ascii(Folder *o, char c) {
    if (c == '\n')
        o->in_string = o->in_comment = false;
    else if (o->in_comment)
        return;
    else if (c == '"')
        o->in_string = !o->in_string;
    else if (c == '#' && !o->in_string)
        o->in_comment = true;
    if (!o->in_string)
        o->curly = false;
    bool digit = '0' <= c && c <= '9';
    o->in_name = digit || c == '_' ? o->in_name : is_word((unsigned char)c);
}

static bool is_refused_ascii(const char *text, size_t left) {
    unsigned char c = (unsigned char)*text;
    if (c == '\t' || c == '\n' || c == '\f' || c == '\v')
        return false;
    if (c == '\r')
        return !(1 < left && text[1] == '\n');
    return c < 0x20 || c == 0x7f;
}

/* Folds the character at o->at, returns its bytes. */
static size_t fold_next(Folder *o, const char *text, size_t left) {
    unsigned char c = (unsigned char)*text;
    if (c < 0x80) {
        char as = is_refused_ascii(text, left) ? FOLD_BAD : (char)c;
        bool escape = o->in_string && c == '\\' && 1 < left && (unsigned char)text[1] < 0x80 &&
                      (text[1] == '"' || text[1] == '\\');
        put(o, &as, 1, 1);
        follow_ascii(o, (char)c);
        o->previous = c;
        if (!escape)
            return 1;
        o->at++;
        put(o, text + 1, 1, 1);
        o->at--;
        return 2;
    }
    uint32_t code = 0;
    size_t bytes = utf8_decode(text, left, &code);
    if (bytes == 0) { /* bytes that are no UTF-8 */
        char bad = FOLD_BAD;
        put(o, &bad, 1, 1);
        o->in_name = false;
        o->previous = 0;
        return 1;
    }
    if (code == 0xfeff && o->at == 0) { /* byte order mark */
        o->shifted = true;
        return bytes;
    }
    char buf[4];
    bool quote = code == 0x201c || code == 0x201d || code == 0xff02;
    bool plain = o->in_comment || (o->in_string && !(quote && o->curly));
    const char *as = plain ? NULL : fold_one(o, code, buf);
    if (as) {
        put(o, as, strlen(as), bytes);
        if (strlen(as) == 1) {
            follow_ascii(o, as[0]);
            o->curly = quote && o->in_string;
        } else {
            o->in_name = code == 0xb5;
        }
    } else {
        put(o, text, bytes, bytes);
        o->in_name = true;
    }
    o->previous = code;
    return bytes;
}

static bool is_plain(const char *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (0x80 <= c || c == 0x7f || (c < 0x20 && c != '\n' && c != '\t'))
            return false;
    }
    return true;
}

void fold_init(Fold *f, const char *typed, size_t len) {
    *f = (Fold){.text = typed, .len = (uint32_t)len};
    if (is_plain(typed, len))
        return;
    f->own = mem_new(len + 1, 1);
    f->len = 0;
    Folder o = {.fold = f};
    while (o.at < len)
        o.at += fold_next(&o, typed + o.at, len - o.at);
    if (o.shifted)
        mark(f, (uint32_t)len);
    f->text = f->own;
}

void fold_done(Fold *f) {
    free(f->own);
    free(f->step);
    *f = (Fold){.text = ""};
}

uint32_t fold_typed(const Fold *f, uint32_t folded) {
    size_t low = 0, high = f->steps;
    while (low < high) { /* the last step at or before the place */
        size_t mid = low + (high - low) / 2;
        if (f->step[mid].folded <= folded)
            low = mid + 1;
        else
            high = mid;
    }
    return low == 0 ? folded : f->step[low - 1].typed + (folded - f->step[low - 1].folded);
}
