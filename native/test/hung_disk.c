/*
 * A disk that does not answer, as a network disk whose server is gone: preloaded into node (LD_PRELOAD), it keeps each call of libuv that names
 * something below HUNG_FOLDER, or writes to a file that lies there, for as long as the file HUNG_WHILE exists.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void wait_for_disk(const char *path) {
    const char *folder = getenv("HUNG_FOLDER");
    const char *flag = getenv("HUNG_WHILE");
    if (!folder || !flag || !path || strncmp(path, folder, strlen(folder)) != 0) return;
    const struct timespec nap = {.tv_nsec = 20 * 1000 * 1000};
    while (REAL(access)(flag, F_OK) == 0) nanosleep(&nap, NULL);
}

static void wait_for_file(int fd) {
    char name[32], path[PATH_MAX];
    snprintf(name, sizeof name, "/proc/self/fd/%d", fd);
    const ssize_t length = readlink(name, path, sizeof path - 1);
    if (length <= 0) return;
    path[length] = 0;
    wait_for_disk(path);
}

#define NAMING(type, name, parameters, ...) \
    type name parameters {                  \
        wait_for_disk(path);                \
        return REAL(name)(__VA_ARGS__);     \
    }
NAMING(int, access, (const char *path, int mode), path, mode)
NAMING(int, statfs64, (const char *path, struct statfs64 *out), path, out)
NAMING(int, mkdir, (const char *path, mode_t mode), path, mode)
NAMING(char *, realpath, (const char *path, char *out), path, out)
NAMING(int, scandir64, (const char *path, struct dirent64 ***out, int (*filter)(const struct dirent64 *), int (*compare)(const struct dirent64 **, const struct dirent64 **)), path, out, filter, compare)

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    wait_for_disk(path);
    return REAL(open64)(path, flags, mode);
}

/* libuv asks for what stat says this way. */
long syscall(long number, ...) {
    long a[6];
    va_list rest;
    va_start(rest, number);
    for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
    va_end(rest);
    if (number == SYS_statx) {
        const char *path = (const char *)a[1];
        if (path && path[0] != 0) wait_for_disk(path);
        else wait_for_file((int)a[0]);
    }
    return REAL(syscall)(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#define WRITING(type, name, parameters, ...) \
    type name parameters {                   \
        wait_for_file(fd);                   \
        return REAL(name)(__VA_ARGS__);      \
    }
WRITING(ssize_t, writev, (int fd, const struct iovec *pieces, int count), fd, pieces, count)
WRITING(ssize_t, pwritev64, (int fd, const struct iovec *pieces, int count, off64_t at), fd, pieces, count, at)
WRITING(int, fsync, (int fd), fd)
WRITING(int, fdatasync, (int fd), fd)
