/* The history file: one statement a line, "\n" and "\\" inside escaped.  Each line is one write
 * with O_APPEND, so two sessions at once lose nothing. */
#include "repl/history.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "repl/files.h"

enum { HISTORY_LINES = 2000 };

bool history_path(Buf *out) {
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    if (state && state[0] == '/')
        buf_printf(out, "%s/plumb/history", state);
    else if (home && home[0] == '/')
        buf_printf(out, "%s/.local/state/plumb/history", home);
    else
        return false;
    return true;
}

/* Makes the folders above the file. */
static bool make_folders(const char *path) {
    Buf part;
    buf_init(&part);
    bool res = true;
    for (const char *p = path + 1; *p && res; p++) {
        if (*p != '/') continue;
        buf_clear(&part);
        buf_add(&part, path, (size_t)(p - path));
        res = mkdir(buf_str(&part), 0700) == 0 || errno == EEXIST;
    }
    buf_done(&part);
    return res;
}

bool history_append(const char *path, const char *text, size_t len) {
    Buf line;
    buf_init(&line);
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\n')
            buf_text(&line, "\\n");
        else if (text[i] == '\\')
            buf_text(&line, "\\\\");
        else
            buf_char(&line, text[i]);
    }
    buf_char(&line, '\n');
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 && errno == ENOENT && make_folders(path))
        fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
    bool res = fd >= 0 && write(fd, buf_str(&line), line.len) == (ssize_t)line.len;
    if (fd >= 0 && close(fd) != 0) res = false;
    buf_done(&line);
    return res;
}

static void give_line(const char *line, size_t len, void (*each)(void *to, const char *text),
                      void *to) {
    Buf text;
    buf_init(&text);
    for (size_t i = 0; i < len; i++) {
        if (line[i] == '\\' && i + 1 < len) {
            i++;
            buf_char(&text, line[i] == 'n' ? '\n' : line[i]);
        } else {
            buf_char(&text, line[i]);
        }
    }
    if (text.len > 0 && strlen(buf_str(&text)) == text.len) each(to, buf_str(&text));
    buf_done(&text);
}

void history_load(const char *path, void (*each)(void *to, const char *text), void *to) {
    Buf all, why;
    buf_init(&all);
    buf_init(&why);
    struct stat st;
    if (stat(path, &st) == 0 && S_ISREG(st.st_mode) && file_read(path, &all, &why)) {
        size_t lines = 0, start = all.len;
        while (start > 0 && lines <= HISTORY_LINES) /* back to the newest that are wanted */
            if (all.text[--start] == '\n') lines++;
        if (start > 0) start++;
        while (start < all.len) {
            const char *line = all.text + start, *end = memchr(line, '\n', all.len - start);
            size_t len = end ? (size_t)(end - line) : all.len - start;
            give_line(line, len, each, to);
            start += len + 1;
        }
    }
    buf_done(&all);
    buf_done(&why);
}
