/* Running files: each is remembered while it runs, so that none loads itself. */
#include <string.h>
#include <sys/stat.h>

#include "repl/files.h"
#include "repl/interp.h"

enum { LOAD_DEPTH = 16, INPUT_ENOUGH = 1 << 20 };

typedef struct LoadedFile {
    dev_t device;
    ino_t inode;
    struct LoadedFile *outer;
} LoadedFile;

static bool is_loading(const Interp *in, const struct stat *st) {
    for (const LoadedFile *f = in->loading; f; f = f->outer)
        if (f->device == st->st_dev && f->inode == st->st_ino) return true;
    return false;
}

/* How much of the text is whole lines that end with a whole statement; 0: none of it can run yet. */
static size_t whole_part(const Interp *in, const Buf *text) {
    size_t len = text->len;
    while (len && text->text[len - 1] != '\n') len--;
    return len && parse_is_complete(in->names, &in->scope, text->text, len) ? len : 0;
}

/* Standard input runs as it comes: whoever writes a line and waits for its answer gets it.  What has
 * arrived runs when more would have to be waited for, or when there is much of it. */
static LoadStatus run_input(Interp *in, Buf *why) {
    Buf text;
    buf_init(&text);
    size_t line = 1, enough = INPUT_ENOUGH;
    InputStatus status = INPUT_MORE;
    LoadStatus res = LOAD_DONE;
    for (bool first = true; status == INPUT_MORE && res == LOAD_DONE; first = false) {
        status = input_read(&text, first, enough, why);
        if (status == INPUT_FAILED) {
            res = LOAD_FAILED;
            break;
        }
        size_t part = status == INPUT_END ? text.len : whole_part(in, &text);
        enough = part ? INPUT_ENOUGH : 2 * text.len + INPUT_ENOUGH;
        if (!part) continue;
        if (!interp_run_text(in, "stdin", text.text, part, line)) res = LOAD_STOPPED;
        for (size_t i = 0; i < part; i++) line += text.text[i] == '\n';
        memmove(text.text, text.text + part, text.len - part);
        text.len -= part;
        text.text[text.len] = 0;
    }
    buf_done(&text);
    return res;
}

LoadStatus interp_load(Interp *in, const char *path, Buf *why) {
    struct stat st = {0};
    bool known = stat(path, &st) == 0 && S_ISREG(st.st_mode);
    if (known && is_loading(in, &st)) {
        buf_printf(why, "%s loads itself", path);
        return LOAD_FAILED;
    }
    if (LOAD_DEPTH <= in->depth) {
        buf_printf(why, "%s: scripts load each other %d deep", path, LOAD_DEPTH);
        return LOAD_FAILED;
    }
    if (strcmp(path, "-") == 0) return run_input(in, why);
    Buf text;
    buf_init(&text);
    LoadStatus res = LOAD_FAILED;
    if (file_read(path, &text, why)) {
        LoadedFile here = {.device = st.st_dev, .inode = st.st_ino, .outer = in->loading};
        if (known) in->loading = &here;
        bool whole = interp_run_text(in, path, buf_str(&text), text.len, 1);
        in->loading = here.outer;
        res = whole ? LOAD_DONE : LOAD_STOPPED;
    }
    buf_done(&text);
    return res;
}
