/* Settings by name: their rows, their ranges, their values as text. */
#include "repl/settings.h"

#include <math.h>
#include <string.h>

#include "base/names.h"

const SettingRow setting_rows[SET_COUNT] = {
#define SETTING(name, kind, start, low, high, words, help)                                         \
    {#name, SETTING_##kind, start, low, high, words, help},
#include "repl/settings.def"
#undef SETTING
};

void settings_init(Settings *s) {
    for (size_t i = 0; i < SET_COUNT; i++) s->value[i] = setting_rows[i].start;
}

SettingId setting_find(const char *name) {
    for (size_t i = 0; i < SET_COUNT; i++)
        if (strcmp(setting_rows[i].name, name) == 0) return (SettingId)i;
    return SET_COUNT;
}

const char *setting_nearest(const char *name) {
    const char *all[SET_COUNT];
    for (size_t i = 0; i < SET_COUNT; i++) all[i] = setting_rows[i].name;
    return names_nearest(name, strlen(name), all, SET_COUNT);
}

/* Word number `i` of a list separated by spaces; NULL past the last. */
static const char *word_at(const char *words, size_t i, size_t *len) {
    const char *p = words;
    for (;;) {
        size_t n = strcspn(p, " ");
        if (n == 0) return NULL;
        if (i-- == 0) {
            *len = n;
            return p;
        }
        p += n;
        p += strspn(p, " ");
    }
}

bool setting_set_word(Settings *s, SettingId id, const char *word) {
    const SettingRow *row = &setting_rows[id];
    if (row->kind != SETTING_WORD) return false;
    size_t len = 0;
    const char *w;
    for (size_t i = 0; (w = word_at(row->words, i, &len)) != NULL; i++) {
        if (strlen(word) != len || memcmp(w, word, len) != 0) continue;
        s->value[id] = (double)i;
        return true;
    }
    return false;
}

bool setting_set_number(Settings *s, SettingId id, double value) {
    const SettingRow *row = &setting_rows[id];
    if (row->kind == SETTING_WORD) return false;
    if (!(row->low <= value && value <= row->high)) return false;
    if (row->kind == SETTING_COUNT && floor(value) != value) return false;
    s->value[id] = value;
    return true;
}

void setting_accepts(SettingId id, Buf *out) {
    const SettingRow *row = &setting_rows[id];
    if (row->kind == SETTING_WORD) {
        size_t len = 0;
        const char *w;
        for (size_t i = 0; (w = word_at(row->words, i, &len)) != NULL; i++) {
            if (i > 0) buf_text(out, " or ");
            buf_add(out, w, len);
        }
        return;
    }
    buf_text(out, row->kind == SETTING_COUNT ? "a whole number from " : "a number from ");
    buf_double(out, row->low);
    buf_text(out, " to ");
    buf_double(out, row->high);
}

void setting_print(const Settings *s, SettingId id, Buf *out) {
    const SettingRow *row = &setting_rows[id];
    if (row->kind != SETTING_WORD) {
        buf_double(out, s->value[id]);
        return;
    }
    size_t len = 0;
    const char *w = word_at(row->words, (size_t)s->value[id], &len);
    if (w) buf_add(out, w, len);
}
