/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */

/* floor INTERFACE ADDRESS: the least that a tunnel in userspace can do. What is sent through INTERFACE goes
 * in a UDP datagram to ADDRESS, where another of these has it come out, and back: a thread for each
 * direction, which waits in the kernel, and neither cryptography nor batches. No engine on this machine
 * has a shorter round trip. */

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define PORT     51820
#define MAX_SIZE 65536

/* From one descriptor to the other, packet by packet. */
struct way {
    int from;
    int to;
};

static void *
carry(void *data)
{
    const struct way *way = data;
    char packet[MAX_SIZE];

    for (;;) {
        ssize_t n = read(way->from, packet, sizeof packet);

        /* What cannot be taken is lost, as on any way: ECONNREFUSED while the other is not there yet. */
        if (n > 0 && write(way->to, packet, (size_t)n) < 0)
            continue;
        if (n < 0 && errno != EINTR && errno != ECONNREFUSED)
            return NULL;
    }
}

static int
open_tun(const char *name)
{
    struct ifreq request = {.ifr_flags = IFF_TUN | IFF_NO_PI};
    int fd = open("/dev/net/tun", O_RDWR | O_CLOEXEC);

    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    if (fd >= 0 && ioctl(fd, TUNSETIFF, &request) == 0)
        return fd;
    perror(name);
    return -1;
}

static int
open_udp(const char *address)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(PORT)};
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd >= 0 && bind(fd, (struct sockaddr *)&at, sizeof at) == 0 &&
        inet_pton(AF_INET, address, &at.sin_addr) == 1 &&
        connect(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    perror(address);
    return -1;
}

int
main(int argc, char **argv)
{
    struct way out, in;
    pthread_t thread;

    if (argc != 3) {
        fprintf(stderr, "usage: %s INTERFACE ADDRESS\n", argv[0]);
        return 2;
    }
    out.from = in.to = open_tun(argv[1]);
    out.to = in.from = open_udp(argv[2]);
    if (out.from < 0 || out.to < 0 || pthread_create(&thread, NULL, carry, &out) != 0)
        return 1;
    carry(&in);
    return 1;
}
