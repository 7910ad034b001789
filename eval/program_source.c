/* Parts of sources by name; see program_source.h. */
#include "eval/program_source.h"

#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

/* Text from one blank line to the next that defines a name. */
typedef struct SourcePart {
    const char *text, *name, *code; /* code: without the remark before it */
    size_t len, name_len;
    bool function; /* else a constant */
    bool needed;
} SourcePart;

struct Sources {
    SourcePart *part;
    size_t count, cap;
};

static bool is_letter(char c) {
    return ('a' <= c && c <= 'z') || ('A' <= c && c <= 'Z') || ('0' <= c && c <= '9') || c == '_';
}

/* The name that the first line of code defines: the word before its first ( or =. */
static bool find_name(SourcePart *p) {
    const char *end = p->text + p->len, *at = p->text;
    while (at < end && strncmp(at, "/*", 2) == 0) {
        at = strstr(at, "*/");
        if (!at || end <= at) return false;
        at += 2;
        while (at < end && (*at == '\n' || *at == ' ')) at++;
    }
    while (at < end && *at == '#' && strncmp(at, "#include", 8) != 0 && strncmp(at, "#define", 7) != 0)
        at += strcspn(at, "\n") + 1; /* a remark in Python */
    size_t stop = strcspn(at, "(=[");
    if (end <= at || *at == '#' || (size_t)(end - at) <= stop) return false;
    p->code = at;
    p->function = at[stop] == '(';
    const char *last = at + stop;
    while (at < last && !is_letter(last[-1])) last--;
    p->name = last;
    while (at < p->name && is_letter(p->name[-1])) p->name--;
    p->name_len = (size_t)(last - p->name);
    return p->name_len > 0;
}

static void cut(Sources *s, const char *text) {
    while (*text) {
        const char *end = strstr(text, "\n\n");
        size_t len = end ? (size_t)(end - text) + 1 : strlen(text);
        SourcePart p = {.text = text, .len = len};
        if (find_name(&p)) {
            s->part = mem_grow(s->part, &s->cap, s->count + 1, sizeof *s->part);
            s->part[s->count++] = p;
        }
        text += len;
        text += strspn(text, "\n");
    }
}

Sources *sources_new(const char *ending) {
    Sources *s = mem_new(1, sizeof *s);
    *s = (Sources){0};
    size_t tail = strlen(ending);
    for (size_t i = 0; i < source_text_count; i++) {
        size_t len = strlen(source_texts[i].file);
        if (tail <= len && strcmp(source_texts[i].file + len - tail, ending) == 0) cut(s, source_texts[i].text);
    }
    return s;
}

void sources_free(Sources *s) {
    if (s) free(s->part);
    free(s);
}

static size_t find_part(const Sources *s, const char *name, size_t len) {
    for (size_t i = 0; i < s->count; i++)
        if (s->part[i].name_len == len && memcmp(s->part[i].name, name, len) == 0) return i;
    return s->count;
}

bool sources_define(const Sources *s, const char *name, size_t len) {
    return find_part(s, name, len) < s->count;
}

bool sources_need(Sources *s, const char *name, size_t len) {
    size_t found = find_part(s, name, len);
    if (found == s->count) return false;
    bool *seen = mem_new(s->count, sizeof *seen);
    s->part[found].needed = true;
    for (bool more = true; more;) { /* until nothing is added */
        more = false;
        for (size_t i = 0; i < s->count; i++) {
            SourcePart *p = &s->part[i];
            if (!p->needed || seen[i]) continue;
            seen[i] = more = true;
            const char *end = p->text + p->len;
            for (const char *at = p->code; at < end;) {
                size_t word = 0;
                while (at + word < end && is_letter(at[word])) word++;
                size_t k = word && at[-1] != '.' ? find_part(s, at, word) : s->count;
                /* a function where it is called; a variable of its name is none */
                if (k < s->count && (!s->part[k].function || at[word] == '(')) s->part[k].needed = true;
                at += word ? word : 1;
            }
        }
    }
    free(seen);
    return true;
}

bool sources_mention(const Sources *s, const char *text) {
    for (size_t i = 0; i < s->count; i++) {
        const char *at = s->part[i].needed ? strstr(s->part[i].code, text) : NULL;
        if (at && at < s->part[i].text + s->part[i].len) return true;
    }
    return false;
}

void sources_write(const Sources *s, const char *before, Buf *out) {
    for (size_t i = 0; i < s->count; i++) {
        const SourcePart *p = &s->part[i];
        if (!p->needed) continue;
        buf_add(out, p->text, (size_t)(p->code - p->text));
        buf_text(out, strncmp(p->code, before, strlen(before)) == 0 ? "" : before);
        buf_add(out, p->code, p->len - (size_t)(p->code - p->text));
        buf_char(out, '\n');
    }
}
