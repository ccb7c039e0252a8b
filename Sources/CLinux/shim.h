/* Linux system calls whose arguments Swift cannot build: struct mmsghdr is hidden behind _GNU_SOURCE, and the CMSG_
   family are macros. Each function here is one call in a batch form, and decides nothing. */
#pragma once

#include <arpa/inet.h>
#include <errno.h>
#include <link.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <malloc.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

/* The kernel's struct mmsghdr, under a name of our own. */
struct CLinux_message {
    struct msghdr header;
    unsigned int length;
};

enum { CLinux_batch = 64 };

/* struct in6_pktinfo, which is hidden behind _GNU_SOURCE: an address and an interface. */
enum { CLinux_pktinfo6_size = 20 };

/* One IPv4 packet, header included, and the interface through which it leaves. */
struct CLinux_packet {
    size_t offset; /* in the common buffer */
    size_t length;
    uint32_t destination; /* network order */
    int interface;
};

/* sendmmsg of up to CLinux_batch packets that lie in one buffer. IP_PKTINFO chooses the interface, so that one socket
   serves all. MSG_DONTROUTE among the flags keeps them on that interface's own network. Returns how many were sent, or -1 with errno when the first one failed. */
static inline int CLinux_send_packets(int socket, const void *buffer, const struct CLinux_packet *packets,
                                      unsigned int count, int flags) {
    struct CLinux_message messages[CLinux_batch];
    struct iovec parts[CLinux_batch];
    struct sockaddr_in destinations[CLinux_batch];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } controls[CLinux_batch];
    if (count > CLinux_batch) count = CLinux_batch;
    memset(messages, 0, sizeof messages[0] * count);
    memset(destinations, 0, sizeof destinations[0] * count);
    memset(controls, 0, sizeof controls[0] * count);
    for (unsigned int i = 0; i < count; i++) {
        parts[i].iov_base = (char *)buffer + packets[i].offset;
        parts[i].iov_len = packets[i].length;
        destinations[i].sin_family = AF_INET;
        destinations[i].sin_addr.s_addr = packets[i].destination;
        struct msghdr *header = &messages[i].header;
        header->msg_name = &destinations[i];
        header->msg_namelen = sizeof destinations[i];
        header->msg_iov = &parts[i];
        header->msg_iovlen = 1;
        header->msg_control = &controls[i];
        header->msg_controllen = sizeof controls[i];
        struct cmsghdr *control = CMSG_FIRSTHDR(header);
        control->cmsg_level = IPPROTO_IP;
        control->cmsg_type = IP_PKTINFO;
        control->cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo));
        struct in_pktinfo info = {.ipi_ifindex = packets[i].interface};
        memcpy(CMSG_DATA(control), &info, sizeof info);
    }
    return (int)syscall(SYS_sendmmsg, socket, messages, count, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* One IPv6 packet, header included, and the interface through which it leaves. */
struct CLinux_packet6 {
    size_t offset; /* in the common buffer */
    size_t length;
    uint8_t source[16]; /* none for an unspecified one */
    uint8_t destination[16];
    int interface;
};

/* The same for IPv6: of a raw socket for IPPROTO_RAW the header is part of what is sent. IPV6_PKTINFO chooses the interface. It names the
   source only so that the kernel does not look for one, in vain on an interface without addresses: what is sent is what the header says. */
static inline int CLinux_send_packets6(int socket, const void *buffer, const struct CLinux_packet6 *packets,
                                       unsigned int count, int flags) {
    struct CLinux_message messages[CLinux_batch];
    struct iovec parts[CLinux_batch];
    struct sockaddr_in6 destinations[CLinux_batch];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(CLinux_pktinfo6_size)];
    } controls[CLinux_batch];
    if (count > CLinux_batch) count = CLinux_batch;
    memset(messages, 0, sizeof messages[0] * count);
    memset(destinations, 0, sizeof destinations[0] * count);
    memset(controls, 0, sizeof controls[0] * count);
    for (unsigned int i = 0; i < count; i++) {
        parts[i].iov_base = (char *)buffer + packets[i].offset;
        parts[i].iov_len = packets[i].length;
        destinations[i].sin6_family = AF_INET6;
        memcpy(&destinations[i].sin6_addr, packets[i].destination, 16);
        destinations[i].sin6_scope_id = (uint32_t)packets[i].interface;
        struct msghdr *header = &messages[i].header;
        header->msg_name = &destinations[i];
        header->msg_namelen = sizeof destinations[i];
        header->msg_iov = &parts[i];
        header->msg_iovlen = 1;
        header->msg_control = &controls[i];
        header->msg_controllen = sizeof controls[i];
        struct cmsghdr *control = CMSG_FIRSTHDR(header);
        control->cmsg_level = IPPROTO_IPV6;
        control->cmsg_type = IPV6_PKTINFO;
        control->cmsg_len = CMSG_LEN(CLinux_pktinfo6_size);
        /* struct in6_pktinfo: the source, and the interface. */
        memcpy(CMSG_DATA(control), packets[i].source, 16);
        memcpy(CMSG_DATA(control) + 16, &packets[i].interface, sizeof packets[i].interface);
    }
    return (int)syscall(SYS_sendmmsg, socket, messages, count, flags | MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* How many packets the socket has dropped since it was opened because its buffer was full. Returns 0, or -1 with errno. */
static inline int CLinux_dropped(int socket, uint32_t *count) {
    uint32_t values[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof values;
    if (getsockopt(socket, SOL_SOCKET, SO_MEMINFO, values, &size) != 0) return -1;
    *count = values[SK_MEMINFO_DROPS];
    return 0;
}

/* sendmmsg of up to CLinux_batch frames of `size` bytes each through one interface: what follows the Ethernet header, whose protocol is
   `protocol`. `destinations` has the hardware addresses, six bytes each. */
static inline int CLinux_send_frames(int socket, int interface, uint16_t protocol, const uint8_t *bodies, size_t size,
                                     const uint8_t *destinations, unsigned int count) {
    struct CLinux_message messages[CLinux_batch];
    struct iovec parts[CLinux_batch];
    struct sockaddr_ll addresses[CLinux_batch];
    if (count > CLinux_batch) count = CLinux_batch;
    memset(addresses, 0, sizeof addresses[0] * count);
    memset(messages, 0, sizeof messages[0] * count);
    for (unsigned int i = 0; i < count; i++) {
        addresses[i].sll_family = AF_PACKET;
        addresses[i].sll_protocol = htons(protocol);
        addresses[i].sll_ifindex = interface;
        addresses[i].sll_halen = ETH_ALEN;
        memcpy(addresses[i].sll_addr, destinations + ETH_ALEN * i, ETH_ALEN);
        parts[i].iov_base = (void *)(bodies + size * i);
        parts[i].iov_len = size;
        messages[i].header.msg_name = &addresses[i];
        messages[i].header.msg_namelen = sizeof addresses[i];
        messages[i].header.msg_iov = &parts[i];
        messages[i].header.msg_iovlen = 1;
    }
    return (int)syscall(SYS_sendmmsg, socket, messages, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/* From linux/in6.h, which can't be included beside netinet/in.h. IPV6_MULTICAST_ALL is there since Linux 4.20. */
enum { CLinux_IPV6_FLOWINFO = 11, CLinux_IPV6_MULTICAST_ALL = 29 };

/* recvmmsg into `count` slots of `size` bytes each; `lengths` gets the length of each message, and `stamps` when it
   arrived in nanoseconds of CLOCK_REALTIME, 0 where the socket keeps no time stamps (SO_TIMESTAMPNS).
   Returns how many there were, or -1 with errno. */
static inline int CLinux_receive(int socket, uint8_t *slots, size_t size, unsigned int count, uint32_t *lengths,
                                 int64_t *stamps) {
    struct CLinux_message messages[CLinux_batch];
    struct iovec parts[CLinux_batch];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct timespec))];
    } controls[CLinux_batch];
    if (count > CLinux_batch) count = CLinux_batch;
    memset(messages, 0, sizeof messages[0] * count);
    for (unsigned int i = 0; i < count; i++) {
        parts[i].iov_base = slots + size * i;
        parts[i].iov_len = size;
        messages[i].header.msg_iov = &parts[i];
        messages[i].header.msg_iovlen = 1;
        messages[i].header.msg_control = &controls[i];
        messages[i].header.msg_controllen = sizeof controls[i];
    }
    int received = (int)syscall(SYS_recvmmsg, socket, messages, count, MSG_DONTWAIT, NULL);
    for (int i = 0; i < received; i++) {
        lengths[i] = messages[i].length;
        stamps[i] = 0;
        struct cmsghdr *control = CMSG_FIRSTHDR(&messages[i].header);
        if (control && control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec time;
            memcpy(&time, CMSG_DATA(control), sizeof time);
            stamps[i] = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
        }
    }
    return received;
}

/* recvmmsg from a raw IPv6 socket, which delivers no header: one is put before each packet from what the kernel says beside it
   (IPV6_RECVPKTINFO, IPV6_RECVHOPLIMIT, IPV6_FLOWINFO), so that a packet of either family can be read alike. The rest as above. */
static inline int CLinux_receive6(int socket, uint8_t protocol, uint8_t *slots, size_t size, unsigned int count,
                                  uint32_t *lengths, int64_t *stamps) {
    enum { header_size = 40 };
    struct CLinux_message messages[CLinux_batch];
    struct iovec parts[CLinux_batch];
    struct sockaddr_in6 sources[CLinux_batch];
    union {
        struct cmsghdr header;
        char space[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(CLinux_pktinfo6_size) + 2 * CMSG_SPACE(sizeof(int))];
    } controls[CLinux_batch];
    if (count > CLinux_batch) count = CLinux_batch;
    if (size < header_size) return 0;
    memset(messages, 0, sizeof messages[0] * count);
    memset(sources, 0, sizeof sources[0] * count);
    for (unsigned int i = 0; i < count; i++) {
        parts[i].iov_base = slots + size * i + header_size;
        parts[i].iov_len = size - header_size;
        messages[i].header.msg_name = &sources[i];
        messages[i].header.msg_namelen = sizeof sources[i];
        messages[i].header.msg_iov = &parts[i];
        messages[i].header.msg_iovlen = 1;
        messages[i].header.msg_control = &controls[i];
        messages[i].header.msg_controllen = sizeof controls[i];
    }
    int received = (int)syscall(SYS_recvmmsg, socket, messages, count, MSG_DONTWAIT, NULL);
    for (int i = 0; i < received; i++) {
        uint8_t *header = slots + size * i;
        uint32_t flow = htonl(6u << 28);
        uint16_t length = htons((uint16_t)(messages[i].length > UINT16_MAX ? UINT16_MAX : messages[i].length));
        memset(header, 0, header_size);
        memcpy(header + 4, &length, sizeof length);
        header[6] = protocol;
        memcpy(header + 8, &sources[i].sin6_addr, 16);
        lengths[i] = messages[i].length + header_size;
        stamps[i] = 0;
        for (struct cmsghdr *control = CMSG_FIRSTHDR(&messages[i].header); control;
             control = CMSG_NXTHDR(&messages[i].header, control)) {
            if (control->cmsg_level == SOL_SOCKET && control->cmsg_type == SCM_TIMESTAMPNS) {
                struct timespec time;
                memcpy(&time, CMSG_DATA(control), sizeof time);
                stamps[i] = (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
            } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_PKTINFO) {
                memcpy(header + 24, CMSG_DATA(control), 16);
            } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == IPV6_HOPLIMIT) {
                int limit;
                memcpy(&limit, CMSG_DATA(control), sizeof limit);
                header[7] = (uint8_t)limit;
            } else if (control->cmsg_level == IPPROTO_IPV6 && control->cmsg_type == CLinux_IPV6_FLOWINFO) {
                uint32_t info;
                memcpy(&info, CMSG_DATA(control), sizeof info);
                flow |= info & htonl(0x0fffffff);
            }
        }
        memcpy(header, &flow, sizeof flow);
    }
    return received;
}

/* accept4, hidden behind _GNU_SOURCE: the new descriptor is non-blocking and not inherited from the first moment. */
static inline int CLinux_accept(int socket) {
    return (int)syscall(SYS_accept4, socket, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}

/* The effective capabilities of this thread as a bit mask; all of them where the kernel does not say. */
static inline uint64_t CLinux_effective_capabilities(void) {
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3, .pid = 0};
    struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
    if (syscall(SYS_capget, &header, data) != 0) return UINT64_MAX;
    return (uint64_t)data[1].effective << 32 | data[0].effective;
}

/* SO_PEERCRED: struct ucred is hidden behind _GNU_SOURCE. Returns 0, or -1 with errno. */
static inline int CLinux_peer(int socket, uint32_t *user, uint32_t *group) {
    struct {
        int32_t process;
        uint32_t user, group;
    } credentials;
    socklen_t length = sizeof credentials;
    if (getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &credentials, &length) != 0) return -1;
    *user = credentials.user;
    *group = credentials.group;
    return 0;
}

/* setsockopt for the options whose value is an int. */
static inline int CLinux_set_option(int socket, int level, int option, int value) {
    return setsockopt(socket, level, option, &value, sizeof value);
}

/* Since Linux 4.20, missing from older headers. */
enum { CLinux_PACKET_IGNORE_OUTGOING = 23 };
/* Since Linux 5.0. */
enum { CLinux_SO_BINDTOIFINDEX = 62 };
/* Filters read these instead of the packet: whether it leaves or arrives, and its protocol. */
enum {
    CLinux_SKF_PKTTYPE = SKF_AD_OFF + SKF_AD_PKTTYPE,
    CLinux_SKF_PROTOCOL = SKF_AD_OFF + SKF_AD_PROTOCOL
};
/* Since Linux 4.13. */
enum { CLinux_SO_PEERGROUPS = 59 };
/* A macro of a macro that Swift does not import. */
enum { CLinux_SO_TIMESTAMPNS = SO_TIMESTAMPNS };

/* The beginning of struct dl_phdr_info, which is hidden behind _GNU_SOURCE as is dl_iterate_phdr(3). */
struct CLinux_object {
    ElfW(Addr) address;
    const char *name;
    const ElfW(Phdr) *segments;
    ElfW(Half) segment_count;
};
extern int CLinux_each_object(int (*body)(struct CLinux_object *, size_t, void *), void *context) __asm__("dl_iterate_phdr");

static inline int CLinux_drop_object(struct CLinux_object *object, size_t size, void *context) {
    const uintptr_t page = 4096;
    (void)size, (void)context;
    /* A path, or the program, whose name is empty; not the kernel's own page. */
    if (object->name[0] && !strchr(object->name, '/')) return 0;
    for (unsigned i = 0; i < object->segment_count; i++) {
        const ElfW(Phdr) *segment = &object->segments[i];
        uintptr_t begin = (object->address + segment->p_vaddr) & ~(page - 1);
        uintptr_t end = (object->address + segment->p_vaddr + segment->p_memsz) & ~(page - 1);
        /* What may be written holds the loader's work. */
        if (segment->p_type == PT_LOAD && !(segment->p_flags & PF_W) && end > begin)
            madvise((void *)begin, end - begin, MADV_DONTNEED);
    }
    return 0;
}

/* Gives back the pages of code and constants, of the program and its libraries, that only the start needed; those in use come back by
   themselves. And what the heap got for the start and has free again: a long configuration is read in many pieces. */
static inline void CLinux_drop_startup_code(void) {
    CLinux_each_object(CLinux_drop_object, 0);
    malloc_trim(0);
}

/* What the heap has got it keeps, up to 8 MiB: to get it back may take time. What only thousands of virtual routers need lies outside of
   it: tables that are not full yet take no more than they are full, and what all of them need at a time goes back after each use. Set by
   hand the thresholds no longer follow what is freed. */
static inline void CLinux_arrange_heap(void) {
    mallopt(M_TRIM_THRESHOLD, 8 << 20);
    mallopt(M_MMAP_THRESHOLD, 128 << 10);
}

/* Gives back what the heap has free, wherever it lies: reading a long configuration takes much more than is kept of it. It takes some
   milliseconds. */
static inline void CLinux_give_back_memory(void) { malloc_trim(0); }

/* What has been in memory once stays there, where the limit (LimitMEMLOCK=) is infinity: with any other one a page too many would be
   refused to the program. MCL_ONFAULT: what nobody has touched yet takes none. */
static inline void CLinux_keep_in_memory(void) {
    struct rlimit limit;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
        mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT);
}

/* The calling thread alone gets a network of its own: for tests. Returns 0, or -1 with errno. */
static inline int CLinux_enter_own_network(void) { return (int)syscall(SYS_unshare, 0x40000000 /* CLONE_NEWNET */); }
