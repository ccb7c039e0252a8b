/* What a process sheds before it becomes a script. Each function here is a few calls, and decides nothing. */
#pragma once

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/inotify.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "process.h"

/* Every signal gets its default, also the two that the C library keeps to itself, and none is blocked. */
static inline void CLinux_reset_signals(void) {
    uint64_t none = 0;
    for (int number = 1; number <= 64; number++) (void)CLinux_handle_signal(number, SIG_DFL);
    (void)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, sizeof none);
}

/* Closes every descriptor from one on; kernels before 5.9 have no call for it. */
static inline void CLinux_close_from(unsigned int first) {
    if (syscall(436 /* close_range */, first, ~0U, 0) == 0) return;
    struct rlimit limit = {0, 0};
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    for (rlim_t number = first; number < limit.rlim_cur && number < 65536; number++) close((int)number);
}

/* What the parent may have had as capabilities does not go on to another program. */
static inline void CLinux_drop_ambient_capabilities(void) {
    (void)prctl(47 /* PR_CAP_AMBIENT */, 4 /* PR_CAP_AMBIENT_CLEAR_ALL */, 0, 0, 0);
}

/* Nor does its priority. */
static inline void CLinux_reset_priority(void) { (void)setpriority(PRIO_PROCESS, 0, 0); }

/* This process is killed when the one that has started it ends. */
static inline void CLinux_end_with_parent(void) { (void)prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0); }

/* Becomes a user, with a group and supplementary groups: 0, or -1 and errno. There is no way back. */
static inline int CLinux_become(uint32_t user, uint32_t group, const uint32_t *groups, size_t count) {
    if (setgroups(count, groups) != 0 || setgid(group) != 0 || setuid(user) != 0) return -1;
    /* A kernel that lets root return has not done it. */
    if (user != 0 && setuid(0) == 0) {
        errno = EPERM;
        return -1;
    }
    return 0;
}

/* Throws away what a pipe holds, at most a mebibyte, without copying it: how much it was, 0 at its end, or -1 and errno. SPLICE_F_NONBLOCK
   is hidden behind _GNU_SOURCE. */
static inline long CLinux_discard(int pipe) {
    static int sink = -1;
    if (sink < 0) sink = open("/dev/null", O_WRONLY | O_CLOEXEC);
    return syscall(SYS_splice, pipe, NULL, sink, NULL, (size_t)1 << 20, 2 /* SPLICE_F_NONBLOCK */);
}

/* A child that has ended, which stays to be waited for; 0 for none. */
static inline int CLinux_ended_child(void) {
    siginfo_t info = {0};
    if (waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) != 0) return 0;
    return info.si_pid;
}

/* What of a folder's files is told: what is complete, and what has gone. */
static inline uint32_t CLinux_watched_kinds(void) {
    return IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR;
}

/* fcntl(2) F_SETLEASE, which is hidden behind _GNU_SOURCE. Who gets one is sent SIGIO when somebody else opens the file meanwhile. */
static inline int CLinux_lease(int file, int kind) { return fcntl(file, 1024, kind); }

/* Whether somebody has a file open for writing; 0 also where its file system can't say. */
static inline int CLinux_has_writers(int file) {
    if (CLinux_lease(file, F_RDLCK) != 0) return errno == EAGAIN;
    (void)CLinux_lease(file, F_UNLCK);
    return 0;
}
