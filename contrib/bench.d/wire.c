/* Writes down what is said on the switch: every advertisement, gratuitous ARP and unsolicited neighbour advertisement, with the kernel's time stamp.
 *
 *   wire FILE
 *
 * Hears every interface whose index is below 1000 (the ports; the bridges come after). Beside that a thread with nothing to
 * do sleeps a millisecond at a time and notes when it was woken late: then the machine was not there for anybody.
 * Ends on SIGTERM or SIGINT. A record is 24 bytes in the machine's order: struct record below.
 */
#define _GNU_SOURCE
#include <linux/filter.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <arpa/inet.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum kind { ADVERTISEMENT = 1, ANNOUNCEMENT = 2, LATE = 3, LOST = 4 };

struct record {
    int64_t time;      /* ns since 1970 */
    uint32_t value;    /* announcement: the address, of IPv6 its end; late: by how many us; lost: how many packets */
    uint16_t port;     /* the interface's index */
    uint8_t kind, router, priority, version, unused[6];
};

static FILE *file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t is_over;

static void end(int number) {
    (void)number;
    is_over = 1;
}

static void note(const struct record *record) {
    pthread_mutex_lock(&lock);
    fwrite(record, sizeof *record, 1, file);
    pthread_mutex_unlock(&lock);
}

static int64_t nanoseconds(struct timespec t) { return t.tv_sec * 1000000000LL + t.tv_nsec; }

/* The idle thread. */
static void *idle(void *unused) {
    (void)unused;
    while (!is_over) {
        struct timespec before, after, pause = {.tv_nsec = 1000000};
        clock_gettime(CLOCK_REALTIME, &before);
        nanosleep(&pause, NULL);
        clock_gettime(CLOCK_REALTIME, &after);
        int64_t late = nanoseconds(after) - nanoseconds(before) - 1000000;
        if (late > 1000000) note(&(struct record){.time = nanoseconds(after), .kind = LATE, .value = (uint32_t)(late / 1000)});
    }
    return NULL;
}

static void look(const unsigned char *frame, size_t length, int port, int64_t time) {
    struct record record = {.time = time, .port = (uint16_t)port};
    if (length >= 42 && frame[12] == 8 && frame[13] == 6) {
        if (memcmp(frame + 28, frame + 38, 4) != 0) return;
        record.kind = ANNOUNCEMENT;
        memcpy(&record.value, frame + 28, 4);
        record.value = ntohl(record.value);
    } else if (frame[12] == 0x86) {
        const unsigned char *payload = frame + 54;
        if (length < 62) return;
        if (frame[20] == 112) {
            record.kind = ADVERTISEMENT, record.version = payload[0] >> 4, record.router = payload[1], record.priority = payload[2];
        } else {
            /* Not the answer to a question: it goes to all nodes. */
            if (length < 78 || payload[0] != 136 || frame[38] != 0xff) return;
            record.kind = ANNOUNCEMENT;
            memcpy(&record.value, payload + 20, 4);
            record.value = ntohl(record.value);
        }
    } else {
        const unsigned char *vrrp = frame + 14 + (frame[14] & 15) * 4;
        if (length < 42 || vrrp + 8 > frame + length) return;
        record.kind = ADVERTISEMENT, record.version = vrrp[0] >> 4, record.router = vrrp[1], record.priority = vrrp[2];
    }
    note(&record);
}

int main(int argc, char **argv) {
    enum { BATCH = 256, SIZE = 96 };
    static unsigned char frames[BATCH][SIZE];
    static char controls[BATCH][64];
    static struct sockaddr_ll from[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    /* Of ports: protocol 112 of both families, ARP, and ICMPv6. */
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, (uint32_t)(SKF_AD_OFF + SKF_AD_IFINDEX)),
        BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 1000, 10, 0),
        BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_ARP, 7, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IPV6, 3, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ETH_P_IP, 0, 6),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 23),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 112, 3, 4),
        BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 20),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 112, 1, 0),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 58, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SIZE),
        BPF_STMT(BPF_RET | BPF_K, 0),
    };
    struct sock_fprog program = {sizeof code / sizeof *code, code};
    struct sigaction action = {.sa_handler = end};
    int one = 1, size = 64 << 20, number = socket(AF_PACKET, SOCK_RAW, 0);
    struct timeval patience = {.tv_usec = 100000};
    struct sockaddr_ll all = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL)};
    pthread_t thread;
    if (argc != 2 || number < 0 || (file = fopen(argv[1], "w")) == NULL) return perror("wire"), 1;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    setsockopt(number, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size);
    setsockopt(number, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(number, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
    if (setsockopt(number, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) < 0 ||
        bind(number, (struct sockaddr *)&all, sizeof all) < 0 || pthread_create(&thread, NULL, idle, NULL) != 0)
        return perror("wire"), 1;
    while (!is_over) {
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){frames[i], SIZE};
            messages[i].msg_hdr = (struct msghdr){.msg_name = &from[i], .msg_namelen = sizeof from[i], .msg_iov = &parts[i],
                .msg_iovlen = 1, .msg_control = controls[i], .msg_controllen = sizeof controls[i]};
        }
        int amount = recvmmsg(number, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < amount; i++) {
            struct timespec time = {0};
            struct cmsghdr *c = CMSG_FIRSTHDR(&messages[i].msg_hdr);
            if (c != NULL) memcpy(&time, CMSG_DATA(c), sizeof time);
            look(frames[i], messages[i].msg_len, from[i].sll_ifindex, nanoseconds(time));
        }
        if (amount < BATCH) {
            pthread_mutex_lock(&lock);
            fflush(file);
            pthread_mutex_unlock(&lock);
            /* In many small batches each packet would cost a wake-up, which the daemons would pay for, too. */
            usleep(5000);
        }
    }
    struct tpacket_stats lost = {0};
    socklen_t length = sizeof lost;
    getsockopt(number, SOL_PACKET, PACKET_STATISTICS, &lost, &length);
    note(&(struct record){.kind = LOST, .value = lost.tp_drops});
    pthread_join(thread, NULL);
    return fclose(file) == 0 ? 0 : 1;
}
