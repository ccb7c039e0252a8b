/* The proc connector: its messages nest three structures of variable length. Each function here is a few calls, and decides nothing. */
#pragma once

#include <errno.h>
#include <linux/cn_proc.h>
#include <linux/connector.h>
#include <linux/netlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* A socket that hears of processes, or -1 and errno. */
static inline int CLinux_process_events(void) {
    int number = socket(AF_NETLINK, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_CONNECTOR);
    if (number < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = CN_IDX_PROC};
    struct {
        struct nlmsghdr header;
        struct cn_msg message;
        enum proc_cn_mcast_op operation;
    } __attribute__((packed)) request;
    memset(&request, 0, sizeof request);
    request.header.nlmsg_len = sizeof request;
    request.header.nlmsg_type = NLMSG_DONE;
    request.message.id.idx = CN_IDX_PROC;
    request.message.id.val = CN_VAL_PROC;
    request.message.len = sizeof request.operation;
    request.operation = PROC_CN_MCAST_LISTEN;
    int room = 1 << 20;
    (void)setsockopt(number, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (bind(number, (struct sockaddr *)&address, sizeof address) != 0 || send(number, &request, sizeof request, 0) < 0) {
        int code = errno;
        close(number);
        errno = code;
        return -1;
    }
    return number;
}

/* The next event: 1 a process was forked (parent, child), 2 it is another program or has another name, 3 it has ended, 0 something else;
   -1 there is none, -2 some were lost. Threads are something else. */
static inline int CLinux_next_process_event(int number, int32_t processes[2]) {
    char buffer[1024] __attribute__((aligned(8)));
    struct sockaddr_nl sender;
    socklen_t length = sizeof sender;
    ssize_t count = recvfrom(number, buffer, sizeof buffer, MSG_DONTWAIT, (struct sockaddr *)&sender, &length);
    if (count < 0) return errno == ENOBUFS ? -2 : -1;
    const size_t head = NLMSG_HDRLEN + sizeof(struct cn_msg);
    /* Only the kernel's own. */
    if (sender.nl_pid != 0 || (size_t)count < head + sizeof(struct proc_event)) return 0;
    struct proc_event event;
    memcpy(&event, buffer + head, sizeof event);
    switch ((unsigned)event.what) {
    case PROC_EVENT_FORK:
        if (event.event_data.fork.child_pid != event.event_data.fork.child_tgid) return 0;
        processes[0] = event.event_data.fork.parent_tgid;
        processes[1] = event.event_data.fork.child_pid;
        return 1;
    case PROC_EVENT_EXEC:
        processes[0] = event.event_data.exec.process_tgid;
        return 2;
    case PROC_EVENT_COMM:
        if (event.event_data.comm.process_pid != event.event_data.comm.process_tgid) return 0;
        processes[0] = event.event_data.comm.process_tgid;
        return 2;
    case PROC_EVENT_EXIT:
        if (event.event_data.exit.process_pid != event.event_data.exit.process_tgid) return 0;
        processes[0] = event.event_data.exit.process_tgid;
        return 3;
    default: return 0;
    }
}
