/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#include "engine/unreachable.h"

#include <netinet/icmp6.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>
#include <sys/param.h>

#include "engine/checksum.h"
#include "engine/inner.h"

enum {
    ICMP_HEADER = 8,                  /* of both versions */
    QUOTE_4 = 576 - 20 - ICMP_HEADER, /* RFC 1812, 4.3.2.3 */
    QUOTE_6 = UNREACHABLE_MAX - 40 - ICMP_HEADER,
};

#define PRICE  (WG_SECOND / 100)
#define CREDIT (WG_SECOND / 2)

/* The answer comes from where the packet was to go: an address of ours as its source would be thrown
 * away as an impossible one. */
static size_t
answer_4(const uint8_t *packet, size_t len, uint8_t *answer)
{
    size_t quote = MIN(len, QUOTE_4);
    uint32_t to = inner_get32(packet + 16);
    uint16_t sum;

    if (inner_get16(packet + 6) & 0x1fff || IN_MULTICAST(to) || to == INADDR_BROADCAST)
        return 0;
    if (packet[9] == IPPROTO_ICMP) {
        size_t header = (packet[0] & 0xf) * 4u;

        if (len <= header || (packet[header] != ICMP_ECHO && packet[header] != ICMP_TIMESTAMP))
            return 0;
    }
    memset(answer, 0, 20 + ICMP_HEADER);
    answer[0] = 0x45;
    answer[1] = 0xc0; /* internetwork control */
    answer[8] = 64;
    answer[9] = IPPROTO_ICMP;
    memcpy(answer + 12, packet + 16, 4);
    memcpy(answer + 16, packet + 12, 4);
    answer[20] = ICMP_DEST_UNREACH;
    answer[21] = ICMP_HOST_UNREACH;
    memcpy(answer + 20 + ICMP_HEADER, packet, quote);
    inner_set_length(answer, 20, 20 + ICMP_HEADER + quote, 0);
    sum = ~checksum_fold(checksum_add(0, answer + 20, ICMP_HEADER + quote));
    memcpy(answer + 22, &sum, sizeof sum);
    return 20 + ICMP_HEADER + quote;
}

static size_t
answer_6(const uint8_t *packet, size_t len, uint8_t *answer)
{
    struct inner inner = {.version = 6, .protocol = IPPROTO_ICMPV6, .transport = 40};
    size_t quote = MIN(len, QUOTE_6);
    uint64_t sum;
    uint16_t folded;

    /* To a group; from nowhere; an error itself. */
    if (packet[24] == 0xff || packet[8] == 0xff || inner_get32(packet + 8) == 0)
        return 0;
    if (packet[6] == IPPROTO_ICMPV6 && (len <= 40 || packet[40] != ICMP6_ECHO_REQUEST))
        return 0;
    memset(answer, 0, 40 + ICMP_HEADER);
    answer[0] = 0x60;
    answer[6] = IPPROTO_ICMPV6;
    answer[7] = 64;
    memcpy(answer + 8, packet + 24, 16);
    memcpy(answer + 24, packet + 8, 16);
    answer[40] = ICMP6_DST_UNREACH;
    answer[41] = ICMP6_DST_UNREACH_ADDR;
    memcpy(answer + 40 + ICMP_HEADER, packet, quote);
    inner_set_length(answer, 40, 40 + ICMP_HEADER + quote, 0);
    sum = inner_pseudo_sum(&inner, answer, ICMP_HEADER + quote);
    folded = ~checksum_fold(checksum_add(sum, answer + 40, ICMP_HEADER + quote));
    memcpy(answer + 42, &folded, sizeof folded);
    return 40 + ICMP_HEADER + quote;
}

size_t
unreachable_answer(const uint8_t *packet, size_t len, uint8_t ret_answer[UNREACHABLE_MAX])
{
    if (len >= 20 && packet[0] >> 4 == 4)
        return answer_4(packet, len, ret_answer);
    if (len >= 40 && packet[0] >> 4 == 6)
        return answer_6(packet, len, ret_answer);
    return 0;
}

void
unreachable_tell(struct unreachable *unreachable,
                 struct tun *tun,
                 struct wg_time now,
                 const uint8_t *packet,
                 size_t len)
{
    struct virtio_net_hdr header = {0};
    uint8_t answer[UNREACHABLE_MAX];
    struct iovec parts[] = {{&header, sizeof header}, {answer, 0}};

    if (unreachable->paid_until > now.mono + CREDIT)
        return;
    parts[1].iov_len = unreachable_answer(packet, len, answer);
    if (parts[1].iov_len == 0)
        return;
    unreachable->paid_until = MAX(unreachable->paid_until, now.mono) + PRICE;
    tun_write(tun, parts, 2);
}
