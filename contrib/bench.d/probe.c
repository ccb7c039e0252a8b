/* A client that asks for an address all the time, and writes down which questions were answered.
 *
 *   probe ADDRESS
 *
 * Sends an ICMP echo request each 2 ms until SIGTERM or SIGINT; the kernels answer. Then prints a line for each: when it was sent, in ns
 * since 1970, and 1 if an answer came, else 0. Answers may come up to 0.3 s after the last question.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
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

static void ask(int number, const struct sockaddr_in *to, int place) {
    struct { struct icmphdr header; char mark[4]; uint32_t place; } question = {.header.type = ICMP_ECHO, .place = (uint32_t)place};
    uint32_t total = 0;
    uint16_t words[sizeof question / 2];
    memcpy(question.mark, mark, sizeof mark);
    memcpy(words, &question, sizeof question);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) total += words[i];
    while (total >> 16) total = (total & 0xFFFF) + (total >> 16);
    question.header.checksum = (uint16_t)~total;
    /* What can't be sent is not answered. */
    (void)!sendto(number, &question, sizeof question, MSG_DONTWAIT, (const struct sockaddr *)to, sizeof *to);
}

static void listen_until(int number, int64_t time, uint32_t address, int asked) {
    for (;;) {
        int64_t left = time - now(CLOCK_MONOTONIC);
        struct pollfd poll = {.fd = number, .events = POLLIN};
        struct timespec pause = {.tv_nsec = left > 0 ? left : 0};
        if (ppoll(&poll, 1, &pause, NULL) <= 0) {
            if (left <= 0) return;
            continue;
        }
        unsigned char packet[128];
        uint32_t place;
        ssize_t length = recv(number, packet, sizeof packet, MSG_DONTWAIT);
        if (length < 36 || packet[20] != ICMP_ECHOREPLY || memcmp(packet + 12, &address, 4) || memcmp(packet + 28, mark, 4)) continue;
        memcpy(&place, packet + 32, 4);
        if (place < (uint32_t)asked) is_answered[place] = 1;
    }
}

int main(int argc, char **argv) {
    struct sockaddr_in to = {.sin_family = AF_INET};
    struct sigaction action = {.sa_handler = end};
    int number = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), asked = 0;
    if (argc != 2 || number < 0 || inet_pton(AF_INET, argv[1], &to.sin_addr) != 1) return perror("probe"), 1;
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    for (int64_t next = now(CLOCK_MONOTONIC); !is_over && asked < MOST; next += PAUSE) {
        sent[asked] = now(CLOCK_REALTIME);
        ask(number, &to, asked++);
        listen_until(number, next + PAUSE, to.sin_addr.s_addr, asked);
        /* After a stall it does not hurry. */
        if (now(CLOCK_MONOTONIC) > next + 25 * PAUSE) next = now(CLOCK_MONOTONIC);
    }
    listen_until(number, now(CLOCK_MONOTONIC) + 300000000, to.sin_addr.s_addr, asked);
    for (int i = 0; i < asked; i++) printf("%lld %d\n", (long long)sent[i], is_answered[i]);
    return 0;
}
