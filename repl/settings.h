/* The settings of a session: rows of repl/settings.def. */
#ifndef REPL_SETTINGS_H
#define REPL_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

typedef enum SettingId {
#define SETTING(name, kind, start, low, high, words, help) SET_##name,
#include "repl/settings.def"
#undef SETTING
    SET_COUNT
} SettingId;

typedef enum SettingKind { SETTING_NUMBER, SETTING_COUNT, SETTING_WORD } SettingKind;

typedef struct SettingRow {
    const char *name;
    SettingKind kind;
    double start, low, high;
    const char *words;
    const char *help;
} SettingRow;

extern const SettingRow setting_rows[SET_COUNT];

typedef struct Settings {
    double value[SET_COUNT];
} Settings;

/* Every setting at its default. */
void settings_init(Settings *s);
/* The row of that name, SET_COUNT if there is none. */
SettingId setting_find(const char *name);
/* The nearest name, or NULL. */
const char *setting_nearest(const char *name);
/* Sets a WORD by its word; false if it is none of them. */
bool setting_set_word(Settings *s, SettingId id, const char *word);
/* Sets a number; false outside the range, or not whole where it must be. */
bool setting_set_number(Settings *s, SettingId id, double value);
/* What the setting accepts, in words: "text or json", "a whole number from 0 to 17". */
void setting_accepts(SettingId id, Buf *out);
/* Its value as typed after set. */
void setting_print(const Settings *s, SettingId id, Buf *out);

#endif
