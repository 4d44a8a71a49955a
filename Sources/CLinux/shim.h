// System calls that glibc declares for _GNU_SOURCE only, which Swift's view of glibc does not define.
#ifndef DIALVAULT_CLINUX_SHIM_H
#define DIALVAULT_CLINUX_SHIM_H

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

// renameat2(2) with RENAME_EXCHANGE (1 << 1): both names exist before and after; they swap what they name.
static inline int linux_exchange(const char *left, const char *right) {
    return (int)syscall(SYS_renameat2, AT_FDCWD, left, AT_FDCWD, right, 1 << 1);
}

// syncfs(2): writes everything pending on the file system of `descriptor` to the disk.
static inline int linux_syncfs(int descriptor) {
    return (int)syscall(SYS_syncfs, descriptor);
}

// O_NOATIME of open(2), for who owns the file: reading it leaves no trace.
static const int linux_no_access_time = 01000000;

// pipe2(2) with O_CLOEXEC: no process that is started meanwhile holds the ends open.
static inline int linux_pipe(int ends[2]) {
    return (int)syscall(SYS_pipe2, ends, O_CLOEXEC);
}

// fcntl(2) with F_SETPIPE_SZ (1031): how much a pipe holds, where that is allowed.
static inline void linux_widen_pipe(int end, int bytes) {
    (void)fcntl(end, 1031, bytes);
}

// socketpair(2) with SOCK_CLOEXEC, for the same reason.
static inline int linux_socket_pair(int ends[2]) {
    return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
}

// sync_file_range(2) with SYNC_FILE_RANGE_WRITE (2): the disk starts on what was written to the file; nobody waits.
static inline int linux_start_writing(int descriptor) {
    return (int)syscall(SYS_sync_file_range, descriptor, 0L, 0L, 2U);
}

// close_range(2): every descriptor from `first` on.
static inline int linux_close_from(unsigned int first) {
    return (int)syscall(SYS_close_range, first, ~0U, 0);
}

// fork(2) and execve(2) with what posix_spawn(3) cannot do: the program ends when the thread that started it does, however
// that ends (PR_SET_PDEATHSIG). It leads a group of its own, holds these three descriptors and no others, and signals mean
// to it what they do by default. Between fork and execve only what signal-safety(7) allows is called. 127 is its exit code
// when it cannot be executed.
static inline pid_t linux_spawn_tied(const char *path, char *const arguments[], char *const environment[],
                                     int input, int output, int errors) {
    pid_t parent = getpid();
    pid_t child = fork();
    if (child != 0) return child;
    setpgid(0, 0);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0 || getppid() != parent) _exit(127);
    if (dup2(input, 0) < 0 || dup2(output, 1) < 0 || dup2(errors, 2) < 0) _exit(127);
    linux_close_from(3);
    for (int number = 1; number < NSIG; number++) signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execve(path, arguments, environment);
    _exit(127);
}

// Nothing that this process starts can gain privileges, and it ends when its parent does.
static inline int linux_keep_small(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return -1;
    if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0) return -1;
    return prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
}

#ifndef O_PATH
#define O_PATH 010000000
#endif
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif

// Landlock (landlock(7)) in its second version, Linux 5.19: the first forbids every renaming into another folder.
static inline int linux_start_rules(void) {
    if (syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION) < 2) return -1;
    struct landlock_ruleset_attr rules = {
        .handled_access_fs = LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE |
                             LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |
                             LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                             LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |
                             LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |
                             LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |
                             LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER};
    return (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
}

// Allows reading below `path`; with `writes`, also making, writing and removing files and folders there.
static inline int linux_allow(int rules, const char *path, int is_folder, int writes) {
    int place = open(path, O_PATH | O_CLOEXEC);
    if (place < 0) return -1;
    uint64_t access = LANDLOCK_ACCESS_FS_READ_FILE;
    if (is_folder) access |= LANDLOCK_ACCESS_FS_READ_DIR;
    if (writes)
        access |= LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE |
                  LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_REFER;
    struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = place};
    int result = (int)syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
    int code = errno;
    close(place);
    errno = code;
    return result;
}

static inline int linux_enter(int rules) {
    int result = (int)syscall(SYS_landlock_restrict_self, rules, 0);
    int code = errno;
    close(rules);
    errno = code;
    return result;
}

#endif
