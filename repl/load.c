/* Running files: each is remembered while it runs, so that none loads itself. */
#include <string.h>
#include <sys/stat.h>

#include "repl/files.h"
#include "repl/interp.h"

enum { LOAD_DEPTH = 16 };

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

LoadStatus interp_load(Interp *in, const char *path, Buf *why) {
    bool input = strcmp(path, "-") == 0;
    struct stat st = {0};
    bool known = !input && stat(path, &st) == 0 && S_ISREG(st.st_mode);
    if (known && is_loading(in, &st)) {
        buf_printf(why, "%s loads itself", path);
        return LOAD_FAILED;
    }
    if (LOAD_DEPTH <= in->depth) {
        buf_printf(why, "%s: scripts load each other %d deep", path, LOAD_DEPTH);
        return LOAD_FAILED;
    }
    Buf text;
    buf_init(&text);
    LoadStatus res = LOAD_FAILED;
    if (file_read(path, &text, why)) {
        LoadedFile here = {.device = st.st_dev, .inode = st.st_ino, .outer = in->loading};
        if (known) in->loading = &here;
        bool whole = interp_run_text(in, input ? "stdin" : path, buf_str(&text), text.len, 1);
        in->loading = here.outer;
        res = whole ? LOAD_DONE : LOAD_STOPPED;
    }
    buf_done(&text);
    return res;
}
