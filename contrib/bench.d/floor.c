/* The floor: the same packets at the same times with as little work as can be, to see what a VRRP daemon costs above it.
 *
 *   floor master|backup 2|3 INTERVAL_MS PRIORITY COUNT
 *
 * COUNT virtual routers, 255 an interface: number i is VRID i % 255 + 1 on eth(i / 255) with the address 10.200.(i / 255).(i % 255 + 1).
 * A master adds the addresses and advertises, 64 routers a system call. A backup notes when each router was heard; one that
 * is silent for a master down interval gets its address, one advertisement and one gratuitous ARP, and no more. There is no
 * election and no check: nothing here is meant to be used. Packets wait for up to a millisecond, so that one call takes many.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { PER_INTERFACE = 255, CHUNK = 64, MOST_INTERFACES = 64, MOST = PER_INTERFACE * MOST_INTERFACES, VRRP = 112 };

static struct interface {
    int index, socket;
    uint32_t own; /* network byte order, as every address here */
    unsigned char hardware[6];
} interfaces[MOST_INTERFACES];

static struct router {
    unsigned char packet[48];
    int length;
    int64_t heard;      /* ns since 1970 */
    int before, after;  /* the list of routers, the one heard longest ago first */
} routers[MOST + 1];    /* the last one is the list's head */

static int count, version, interval_ms, priority, netlink, packet_socket, timer;
static int64_t interval, limit; /* ns */
static const uint32_t group = 0xE0000012; /* 224.0.0.18 */

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

static void wake_at(int64_t t) {
    struct itimerspec when = {.it_value = {.tv_sec = t / 1000000000, .tv_nsec = t % 1000000000}};
    timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static struct interface *interface_of(int router) { return &interfaces[router / PER_INTERFACE]; }

static uint32_t address_of(int router) {
    return htonl(10u << 24 | 200u << 16 | (uint32_t)(router / PER_INTERFACE) << 8 | (uint32_t)(router % PER_INTERFACE + 1));
}

static uint32_t sum(const unsigned char *bytes, int length) {
    uint32_t total = 0;
    for (int i = 0; i + 1 < length; i += 2) total += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    return total;
}

/* The advertisement, IPv4 header first; the kernel fills in the header's checksum and identification. */
static void build(int number) {
    struct router *router = &routers[number];
    unsigned char *ip = router->packet, *vrrp = ip + 20;
    uint32_t to = htonl(group), address = address_of(number);
    int length = version == 2 ? 20 : 12;
    ip[0] = 0x45, ip[1] = 0xC0, ip[3] = (unsigned char)(20 + length), ip[8] = 255, ip[9] = VRRP;
    memcpy(ip + 12, &interface_of(number)->own, 4);
    memcpy(ip + 16, &to, 4);
    vrrp[0] = (unsigned char)(version << 4 | 1), vrrp[1] = (unsigned char)(number % PER_INTERFACE + 1);
    vrrp[2] = (unsigned char)priority, vrrp[3] = 1;
    memcpy(vrrp + 8, &address, 4);
    uint32_t total = 0;
    if (version == 2) {
        vrrp[4] = 1, vrrp[5] = (unsigned char)(interval_ms / 1000);
        memcpy(vrrp + 12, "bench", 5); /* the password */
    } else {
        vrrp[4] = (unsigned char)(interval_ms / 10 >> 8), vrrp[5] = (unsigned char)(interval_ms / 10);
        total = sum(ip + 12, 8) + VRRP + (uint32_t)length;
    }
    total += sum(vrrp, length);
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    vrrp[6] = (unsigned char)(~total >> 8), vrrp[7] = (unsigned char)~total;
    router->length = 20 + length;
}

static void open_interface(int place) {
    struct interface *interface = &interfaces[place];
    struct ifreq request = {0};
    int one = 1, zero = 0, size = 8 << 20;
    snprintf(request.ifr_name, sizeof request.ifr_name, "eth%d", place);
    interface->index = (int)if_nametoindex(request.ifr_name);
    interface->socket = socket(AF_INET, SOCK_RAW | SOCK_NONBLOCK, VRRP);
    if (interface->index == 0 || interface->socket < 0) die(request.ifr_name);
    if (ioctl(interface->socket, SIOCGIFADDR, &request) < 0) die("the interface's address");
    interface->own = ((struct sockaddr_in *)&request.ifr_addr)->sin_addr.s_addr;
    if (ioctl(interface->socket, SIOCGIFHWADDR, &request) < 0) die("the interface's hardware address");
    memcpy(interface->hardware, request.ifr_hwaddr.sa_data, 6);
    struct ip_mreqn member = {.imr_multiaddr.s_addr = htonl(group), .imr_ifindex = interface->index};
    setsockopt(interface->socket, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(interface->socket, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    setsockopt(interface->socket, IPPROTO_IP, IP_HDRINCL, &one, sizeof one);
    setsockopt(interface->socket, IPPROTO_IP, IP_MULTICAST_LOOP, &zero, sizeof zero);
    setsockopt(interface->socket, IPPROTO_IP, IP_MULTICAST_ALL, &zero, sizeof zero);
    setsockopt(interface->socket, IPPROTO_IP, IP_MULTICAST_IF, &member, sizeof member);
    if (setsockopt(interface->socket, SOL_SOCKET, SO_BINDTOIFINDEX, &interface->index, sizeof interface->index) < 0 ||
        setsockopt(interface->socket, IPPROTO_IP, IP_ADD_MEMBERSHIP, &member, sizeof member) < 0)
        die("the multicast group");
}

/* Adds the addresses of some routers with one write, and waits for the answers. */
static void add_addresses(const int *numbers, int amount) {
    static struct request {
        struct nlmsghdr header;
        struct ifaddrmsg body;
        struct { struct rtattr header; uint32_t address; } local;
    } requests[CHUNK];
    for (int i = 0; i < amount; i++) {
        struct request *request = &requests[i];
        request->header = (struct nlmsghdr){.nlmsg_len = sizeof *request, .nlmsg_type = RTM_NEWADDR,
            .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE};
        request->body = (struct ifaddrmsg){.ifa_family = AF_INET, .ifa_prefixlen = 32,
            .ifa_index = (uint32_t)interface_of(numbers[i])->index};
        request->local.header = (struct rtattr){.rta_len = sizeof request->local, .rta_type = IFA_LOCAL};
        request->local.address = address_of(numbers[i]);
    }
    if (send(netlink, requests, sizeof *requests * (size_t)amount, 0) < 0) die("netlink");
    for (int answered = 0; answered < amount;) {
        char answer[8192];
        ssize_t length = recv(netlink, answer, sizeof answer, 0);
        if (length < 0) die("netlink's answer");
        for (struct nlmsghdr *h = (struct nlmsghdr *)answer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
            if (h->nlmsg_type == NLMSG_ERROR && ((struct nlmsgerr *)NLMSG_DATA(h))->error != 0) {
                errno = -((struct nlmsgerr *)NLMSG_DATA(h))->error;
                die("an address");
            }
            answered++;
        }
    }
}

/* Sends the advertisements of some routers of one interface with one system call. */
static void advertise(const int *numbers, int amount) {
    static struct iovec parts[CHUNK];
    static struct mmsghdr messages[CHUNK];
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(group)};
    for (int i = 0; i < amount; i++) {
        parts[i] = (struct iovec){routers[numbers[i]].packet, (size_t)routers[numbers[i]].length};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    sendmmsg(interface_of(numbers[0])->socket, messages, (unsigned)amount, MSG_DONTROUTE);
}

static void announce(const int *numbers, int amount) {
    static unsigned char frames[CHUNK][42];
    static struct sockaddr_ll to[CHUNK];
    static struct iovec parts[CHUNK];
    static struct mmsghdr messages[CHUNK];
    for (int i = 0; i < amount; i++) {
        static const unsigned char arp[] = {0x08, 0x06, 0, 1, 8, 0, 6, 4, 0, 1};
        struct interface *interface = interface_of(numbers[i]);
        uint32_t address = address_of(numbers[i]);
        memset(frames[i], 0xFF, 6);
        memcpy(frames[i] + 6, interface->hardware, 6);
        memcpy(frames[i] + 12, arp, sizeof arp);
        memcpy(frames[i] + 22, interface->hardware, 6);
        memcpy(frames[i] + 28, &address, 4);
        memset(frames[i] + 32, 0xFF, 6);
        memcpy(frames[i] + 38, &address, 4);
        to[i] = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_ifindex = interface->index, .sll_halen = 6};
        memset(to[i].sll_addr, 0xFF, 6);
        parts[i] = (struct iovec){frames[i], sizeof frames[i]};
        messages[i].msg_hdr = (struct msghdr){.msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &parts[i], .msg_iovlen = 1};
    }
    sendmmsg(packet_socket, messages, (unsigned)amount, 0);
}

/* Numbers from `first` on that are on one interface, at most a chunk. */
static int chunk(int first, int *numbers) {
    int amount = 0, end = (first / PER_INTERFACE + 1) * PER_INTERFACE;
    while (amount < CHUNK && first + amount < end && first + amount < count) numbers[amount] = first + amount, amount++;
    return amount;
}

static void run_master(void) {
    static int numbers[MOST / CHUNK * 2][CHUNK], amounts[MOST / CHUNK * 2];
    static int64_t due[MOST / CHUNK * 2];
    int chunks = 0;
    for (int first = 0; first < count; first += amounts[chunks++]) {
        amounts[chunks] = chunk(first, numbers[chunks]);
        add_addresses(numbers[chunks], amounts[chunks]);
        due[chunks] = now() + interval;
        advertise(numbers[chunks], amounts[chunks]);
        announce(numbers[chunks], amounts[chunks]);
    }
    /* All have the same interval: they are due in the order in which they began. */
    for (int next = 0;; next = (next + 1) % chunks) {
        uint64_t fired;
        wake_at(due[next]);
        if (read(timer, &fired, sizeof fired) < 0) die("the timer");
        advertise(numbers[next], amounts[next]);
        due[next] += interval;
    }
}

static void unlink_router(int number) {
    routers[routers[number].before].after = routers[number].after;
    routers[routers[number].after].before = routers[number].before;
}

static void append(int number) {
    int head = MOST;
    routers[number].before = routers[head].before, routers[number].after = head;
    routers[routers[head].before].after = number;
    routers[head].before = number;
}

static void hear(int place) {
    static unsigned char buffers[CHUNK][64], controls[CHUNK][64];
    static struct iovec parts[CHUNK];
    static struct mmsghdr messages[CHUNK];
    int amount;
    do {
        for (int i = 0; i < CHUNK; i++) {
            parts[i] = (struct iovec){buffers[i], sizeof buffers[i]};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &parts[i], .msg_iovlen = 1, .msg_control = controls[i],
                .msg_controllen = sizeof controls[i]};
        }
        amount = recvmmsg(interfaces[place].socket, messages, CHUNK, MSG_DONTWAIT, NULL);
        for (int i = 0; i < amount; i++) {
            int number = place * PER_INTERFACE + buffers[i][(buffers[i][0] & 15) * 4 + 1] - 1;
            struct cmsghdr *stamp = CMSG_FIRSTHDR(&messages[i].msg_hdr);
            struct timespec time;
            if (number < 0 || number >= count || routers[number].after < 0 || stamp == NULL) continue;
            memcpy(&time, CMSG_DATA(stamp), sizeof time);
            routers[number].heard = time.tv_sec * 1000000000LL + time.tv_nsec;
            unlink_router(number);
            append(number);
        }
    } while (amount == CHUNK);
}

static void take_over(int64_t time) {
    int head = MOST;
    while (routers[head].after != head && routers[routers[head].after].heard + limit <= time) {
        int numbers[CHUNK], amount = 0;
        for (int first = routers[head].after; amount < CHUNK && first != head && routers[first].heard + limit <= time &&
                 (amount == 0 || interface_of(first) == interface_of(numbers[0])); first = routers[head].after) {
            unlink_router(first);
            routers[first].after = -1;
            numbers[amount++] = first;
        }
        add_addresses(numbers, amount);
        advertise(numbers, amount);
        announce(numbers, amount);
    }
    wake_at(routers[head].after == head ? time + 1000000000000 : routers[routers[head].after].heard + limit);
}

static void run_backup(void) {
    int poll = epoll_create1(0), used = (count + PER_INTERFACE - 1) / PER_INTERFACE;
    for (int place = 0; place <= used; place++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)place};
        if (epoll_ctl(poll, EPOLL_CTL_ADD, place < used ? interfaces[place].socket : timer, &event) < 0) die("epoll");
    }
    routers[MOST].before = routers[MOST].after = MOST;
    for (int number = 0; number < count; number++) {
        routers[number].heard = now();
        append(number);
    }
    wake_at(now() + limit);
    for (;;) {
        struct epoll_event events[MOST_INTERFACES + 1];
        int amount = epoll_wait(poll, events, MOST_INTERFACES + 1, -1), is_due = 0;
        if (amount > 0 && events[0].data.u32 < (uint32_t)used) {
            /* The first of many: the others come right behind it. */
            usleep(1000);
            amount = epoll_wait(poll, events, MOST_INTERFACES + 1, 0);
        }
        for (int i = 0; i < amount; i++) {
            if (events[i].data.u32 < (uint32_t)used) hear((int)events[i].data.u32);
            else is_due = 1;
        }
        if (is_due) {
            uint64_t fired;
            if (read(timer, &fired, sizeof fired) > 0) take_over(now());
        }
    }
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "usage: floor master|backup 2|3 INTERVAL_MS PRIORITY COUNT\n"), 64;
    version = atoi(argv[2]), interval_ms = atoi(argv[3]), priority = atoi(argv[4]), count = atoi(argv[5]);
    if (count < 1 || count > MOST || interval_ms < 1) return 64;
    interval = interval_ms * 1000000LL;
    limit = 3 * interval + (256 - priority) * (version == 2 ? 1000000000LL : interval) / 256;
    int size = 8 << 20;
    netlink = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
    setsockopt(netlink, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    packet_socket = socket(AF_PACKET, SOCK_RAW, 0);
    timer = timerfd_create(CLOCK_REALTIME, 0);
    if (netlink < 0 || packet_socket < 0 || timer < 0) die("a socket");
    for (int place = 0; place * PER_INTERFACE < count; place++) open_interface(place);
    for (int number = 0; number < count; number++) build(number);
    if (strcmp(argv[1], "master") == 0) run_master();
    else run_backup();
}
