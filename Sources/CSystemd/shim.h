/* libsystemd: the event loop, the service manager's notifications, and its answers over D-Bus. */
#pragma once

#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>

/* sendmsg of a text, with one descriptor (SCM_RIGHTS) unless it is negative: the CMSG_ family are macros, which Swift does not
   see. Returns what sendmsg does. */
static inline long CSystemd_send(int socket, const struct sockaddr *address, socklen_t address_length, const void *text,
                                 size_t length, int descriptor, int flags) {
    struct iovec part = {.iov_base = (void *)text, .iov_len = length};
    struct msghdr message = {.msg_name = (void *)address, .msg_namelen = address_length, .msg_iov = &part, .msg_iovlen = 1};
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    if (descriptor >= 0) {
        memset(&control, 0, sizeof control);
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), &descriptor, sizeof(int));
    }
    return sendmsg(socket, &message, flags);
}
