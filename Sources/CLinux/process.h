/* What a process has from its parent: descriptors, and what becomes of signals. Each function here is a few calls, and decides nothing. */
#pragma once

#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Opens 0 to 2 where they are closed: what is opened next would get their numbers, and what is said there would land in it. Without
   /dev/null the root directory keeps the number, as O_PATH, which is hidden behind _GNU_SOURCE: it can be neither read nor written. */
static inline void CLinux_open_standard_descriptors(void) {
    for (int number = 0; number <= 2; number++)
        if (fcntl(number, F_GETFD) < 0 && open("/dev/null", O_RDWR) < 0) (void)open("/", 010000000);
}

/* SIG_IGN or SIG_DFL for one signal, also for the two that the C library keeps to itself (32 and 33) and refuses to hand out. The kernel's
   struct sigaction has more fields where handlers need them; all are zero here. */
static inline int CLinux_handle_signal(int number, void (*handler)(int)) {
    struct {
        void (*handler)(int);
        unsigned long flags;
        void (*restorer)(void);
        uint64_t mask;
    } action = {handler, 0, 0, 0};
    return (int)syscall(SYS_rt_sigaction, number, &action, NULL, sizeof(uint64_t));
}

/* kill(1) sends any signal, and the default of most ends the process. */
static inline int CLinux_ignore_signal(int number) { return CLinux_handle_signal(number, SIG_IGN); }

/* Macros of calls, which Swift does not import. */
static inline int CLinux_first_realtime_signal(void) { return SIGRTMIN; }
static inline int CLinux_last_realtime_signal(void) { return SIGRTMAX; }

/* Gives a signal its default again where the parent had it ignored. */
static inline void CLinux_stop_ignoring_signal(int number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN) signal(number, SIG_DFL);
}

/* The next of the signals that wait at a signalfd: its number, or 0 for none, and who has sent it; process 0 where the kernel does not say. */
static inline int CLinux_next_signal(int descriptor, int32_t *process, uint32_t *user) {
    struct signalfd_siginfo info;
    if (read(descriptor, &info, sizeof info) != sizeof info) return 0;
    *process = info.ssi_code <= 0 ? (int32_t)info.ssi_pid : 0;
    *user = info.ssi_uid;
    return (int)info.ssi_signo;
}
