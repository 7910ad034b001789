/* Files as a whole. */
#include "repl/files.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILE_MOST = 256 << 20, FILE_BLOCK = 1 << 16 };

static bool complain(Buf *why, const char *path, const char *what) {
    buf_printf(why, "%s: %s", path, what);
    return false;
}

/* Appends one block; its length, 0 at the end, -1 with a sentence in `why`. */
static ssize_t read_block(int fd, const char *path, Buf *out, Buf *why) {
    char *block = malloc(FILE_BLOCK);
    ssize_t n = block ? read(fd, block, FILE_BLOCK) : -1;
    if (!block)
        complain(why, path, "no memory");
    else if (n < 0)
        complain(why, path, errno == EINTR ? "interrupted" : strerror(errno));
    else
        buf_add(out, block, (size_t)n);
    free(block);
    if (0 < n && FILE_MOST < out->len) {
        complain(why, path, "larger than 256 MiB");
        return -1;
    }
    return n;
}

static void drop_mark(Buf *text, size_t start) {
    if (text->len - start < 3 || memcmp(text->text + start, "\xEF\xBB\xBF", 3) != 0) return;
    memmove(text->text + start, text->text + start + 3, text->len - start - 3);
    text->len -= 3;
    text->text[text->len] = '\0';
}

static bool read_all(int fd, const char *path, Buf *out, Buf *why) {
    size_t start = out->len;
    ssize_t n;
    do n = read_block(fd, path, out, why);
    while (0 < n);
    drop_mark(out, start);
    return n == 0;
}

static bool has_more(int fd) {
    struct pollfd p = {.fd = fd, .events = POLLIN};
    return poll(&p, 1, 0) != 0;
}

InputStatus input_read(Buf *out, bool first, size_t enough, Buf *why) {
    size_t start = out->len;
    ssize_t n;
    do n = read_block(STDIN_FILENO, "standard input", out, why);
    while (0 < n && out->len < enough && has_more(STDIN_FILENO));
    if (first) drop_mark(out, start);
    return n < 0 ? INPUT_FAILED : n == 0 ? INPUT_END : INPUT_MORE;
}

bool file_read(const char *path, Buf *out, Buf *why) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return complain(why, path, errno == ENOENT ? "there is no such file" : strerror(errno));
    struct stat st;
    bool res;
    if (fstat(fd, &st) != 0)
        res = complain(why, path, strerror(errno));
    else if (S_ISDIR(st.st_mode))
        res = complain(why, path, "this is a directory, not a script");
    else
        res = read_all(fd, path, out, why);
    close(fd);
    return res;
}

static bool write_all(int fd, const Buf *text) {
    size_t done = 0;
    while (done < text->len) {
        ssize_t n = write(fd, text->text + done, text->len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return false;
        done += (size_t)n;
    }
    return fsync(fd) == 0;
}

/* A rename is lasting once its folder is on the disk too; some systems cannot sync folders. */
static void sync_folder(const char *path) {
    Buf folder;
    buf_init(&folder);
    const char *slash = strrchr(path, '/');
    if (slash == path)
        buf_char(&folder, '/');
    else if (slash)
        buf_add(&folder, path, (size_t)(slash - path));
    else
        buf_char(&folder, '.');
    int fd = open(buf_str(&folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd >= 0) {
        (void)fsync(fd);
        close(fd);
    }
    buf_done(&folder);
}

bool file_replace(const char *path, const Buf *text, Buf *why) {
    struct stat st;
    bool there = stat(path, &st) == 0;
    if (there && S_ISDIR(st.st_mode)) return complain(why, path, "this is a directory");
    if (there && !S_ISREG(st.st_mode)) return complain(why, path, "this is no ordinary file");
    Buf temporary;
    buf_init(&temporary);
    buf_printf(&temporary, "%s.XXXXXX", path);
    int fd = mkstemp(temporary.text);
    bool res = fd >= 0;
    if (!res) complain(why, path, strerror(errno));
    if (res) {
        mode_t mask = umask(0);
        umask(mask);
        (void)fchmod(fd, there ? st.st_mode & 0777 : 0666 & ~mask);
        res = write_all(fd, text);
        int error = errno;
        if (close(fd) != 0 && res) {
            res = false;
            error = errno;
        }
        if (res && rename(temporary.text, path) != 0) {
            res = false;
            error = errno;
        }
        if (!res) {
            unlink(temporary.text);
            complain(why, path, strerror(error));
        } else {
            sync_folder(path);
        }
    }
    buf_done(&temporary);
    return res;
}
