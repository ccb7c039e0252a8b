/* A client that asks for an address all the time, and writes down which questions were answered.
 *
 *   probe ADDRESS
 *
 * Sends an ICMP echo request each 2 ms until SIGTERM or SIGINT; the kernels answer. Then prints a line for each: when it was sent, in ns
 * since 1970, and 1 if an answer came, else 0. Answers may come up to 0.3 s after the last question.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/icmp6.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 200000, PAUSE = 2000000 };
static const char mark[4] = {'F', 'O', 'B', 'E'};
static int64_t sent[MOST];
static char is_answered[MOST];
static volatile sig_atomic_t is_over;

static void end(int number) {
    (void)number;
    is_over = 1;
}

static int64_t now(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * 1000000000LL + t.tv_nsec;
}

struct question { struct icmphdr header; char mark[4]; uint32_t place; };

/* Of either family; an answer of IPv4 comes with its header. */
struct client {
    int number, family;
    struct sockaddr_storage to;
};

static void ask(const struct client *client, int place) {
    struct question question = {.header.type = client->family == AF_INET6 ? ICMP6_ECHO_REQUEST : ICMP_ECHO, .place = (uint32_t)place};
    uint32_t total = 0;
    uint16_t words[sizeof question / 2];
    memcpy(question.mark, mark, sizeof mark);
    memcpy(words, &question, sizeof question);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) total += words[i];
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    /* The kernel fills in that of ICMPv6. */
    question.header.checksum = (uint16_t)~total;
    /* What can't be sent is not answered. */
    (void)!sendto(client->number, &question, sizeof question, MSG_DONTWAIT, (const struct sockaddr *)&client->to,
                  client->family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
}

static int is_from(const struct client *client, const struct sockaddr_storage *from) {
    if (client->family == AF_INET6)
        return memcmp(&((const struct sockaddr_in6 *)from)->sin6_addr, &((const struct sockaddr_in6 *)&client->to)->sin6_addr, 16) == 0;
    return ((const struct sockaddr_in *)from)->sin_addr.s_addr == ((const struct sockaddr_in *)&client->to)->sin_addr.s_addr;
}

static void listen_until(const struct client *client, int64_t time, int asked) {
    const int begin = client->family == AF_INET6 ? 0 : 20, reply = client->family == AF_INET6 ? ICMP6_ECHO_REPLY : ICMP_ECHOREPLY;
    for (;;) {
        int64_t left = time - now(CLOCK_MONOTONIC);
        struct pollfd poll = {.fd = client->number, .events = POLLIN};
        struct timespec pause = {.tv_nsec = left > 0 ? left : 0};
        if (ppoll(&poll, 1, &pause, NULL) <= 0) {
            if (left <= 0) return;
            continue;
        }
        unsigned char packet[128];
        struct sockaddr_storage from;
        socklen_t size = sizeof from;
        uint32_t place;
        ssize_t length = recvfrom(client->number, packet, sizeof packet, MSG_DONTWAIT, (struct sockaddr *)&from, &size);
        if (length < begin + 16 || packet[begin] != reply || !is_from(client, &from) || memcmp(packet + begin + 8, mark, 4)) continue;
        memcpy(&place, packet + begin + 12, 4);
        if (place < (uint32_t)asked) is_answered[place] = 1;
    }
}

int main(int argc, char **argv) {
    struct client client = {0};
    struct sockaddr_in *to = (struct sockaddr_in *)&client.to;
    struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)&client.to;
    struct sigaction action = {.sa_handler = end};
    int asked = 0;
    if (argc != 2) return fprintf(stderr, "usage: probe ADDRESS\n"), 1;
    client.family = strchr(argv[1], ':') != NULL ? AF_INET6 : AF_INET;
    client.to.ss_family = (sa_family_t)client.family;
    client.number = socket(client.family, SOCK_RAW, client.family == AF_INET6 ? (int)IPPROTO_ICMPV6 : (int)IPPROTO_ICMP);
    if (client.number < 0 ||
        inet_pton(client.family, argv[1], client.family == AF_INET6 ? (void *)&to6->sin6_addr : (void *)&to->sin_addr) != 1)
        return perror("probe"), 1;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    for (int64_t next = now(CLOCK_MONOTONIC); !is_over && asked < MOST; next += PAUSE) {
        sent[asked] = now(CLOCK_REALTIME);
        ask(&client, asked++);
        listen_until(&client, next + PAUSE, asked);
        /* After a stall it does not hurry. */
        if (now(CLOCK_MONOTONIC) > next + 25 * PAUSE) next = now(CLOCK_MONOTONIC);
    }
    listen_until(&client, now(CLOCK_MONOTONIC) + 300000000, asked);
    for (int i = 0; i < asked; i++) printf("%lld %d\n", (long long)sent[i], is_answered[i]);
    return 0;
}
