/* SPDX-License-Identifier: GPL-3.0-or-later
 * Copyright The wg-wrap authors */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "wireguard/endpoint.h"
#include "wireguard/messages.h"

/* WireGuard without a socket: the door of this room.
 *
 * The room never reads a clock, opens a descriptor, starts a thread or takes a lock of the caller's.
 * Datagrams, inner packets and time come in by argument; what is to be sent comes out of an outbox;
 * when to come back is a deadline. So the same code runs under epoll, under a fake clock and under a
 * fuzzer.
 *
 * LOCKING. The caller owns one mutex per device, and holds it around every function here except
 * wg_init, wg_seal, wg_open, wg_message_free and wg_aead_*, which must be called without it. None of
 * the functions under the lock makes a system call of its own or takes more time than one handshake
 * (some 0.2 ms), except for wg_device_set_private_key (0.04 ms for every peer). Pointers to peers are good until the lock is let go.
 *
 * OUT, from the TUN to the socket, for every run of packets to one destination (a super-packet
 * cut into N segments, say):
 *
 *      lock      wg_device_reserve(N)    destination -> peer, a reference on its key, N counters
 *                     -EAGAIN: no key yet; wg_device_stage() each packet, which copies it, starts a
 *                     handshake if none is under way, and sends it when that is done
 *      unlock    wg_seal()               in place: header, padding, encryption, tag
 *                send
 *      lock      wg_device_sent()        tells timers and counters, drops the reference; may share
 *                                        one lock with the next wg_device_reserve()
 *
 * IN, from the socket to the TUN, for every run of datagrams from one source with wg_message_type()
 * WG_MESSAGE_TRANSPORT and the same wg_transport_receiver():
 *
 *      lock      wg_device_claim()       receiver index -> a reference on the key
 *      unlock    wg_open()               in place: verify, decrypt
 *      lock      wg_device_received()    replay window, key confirmation, roaming, the peer's right
 *                                        to the inner source address, the inner length; sets each
 *                                        packet's verdict; drops the reference
 *      unlock    write those with verdict > 0
 *
 * The other datagrams go to wg_device_handle_message(), under the lock.
 *
 * AFTER. Any function under the lock may have put messages (handshakes, keepalives, cookies, staged
 * packets) into the outbox, or moved the deadline. Before letting the lock go:
 *
 *      messages = wg_device_take_messages();    send them after unlock, then wg_message_free()
 *      wg_device_next_deadline();               wg_device_run_timers() at that time; UINT64_MAX:
 *                                               never. It moves with every batch; a caller with a
 *                                               timerfd re-arms only when the new one is earlier than
 *                                               what is armed, and after waking: to run timers early
 *                                               is harmless.
 *      wg_device_take_event();                  true: some peer's last handshake changed, or its
 *                                               waiting began or ended
 *
 * The three-step path keeps a key alive by reference, so a peer or a key may be removed between the
 * steps: what was reserved is still sealed, wg_device_received() delivers nothing of it, and the key is
 * wiped with its last reference.
 *
 * SYSTEM CALLS made by the libraries underneath, for the sandbox's list: getrandom, mmap, munmap,
 * mprotect, madvise, mlock, munlock, brk, futex. wg_init() reads files and must run before the
 * sandbox closes.
 *
 * Errors are negative errnos; outputs are untouched on failure. */

struct wg_device;
struct wg_peer;
struct wg_keypair;
struct wg_aead;

/* A reading of two clocks. */
struct wg_time {
    uint64_t mono; /* ns, never steps back, and counts suspension: CLOCK_BOOTTIME. Ages, timers */
    uint64_t real; /* ns since 1970, CLOCK_REALTIME. Handshake timestamps, what people are shown */
};

/* Where secret randomness comes from. */
struct wg_random {
    void (*fill)(void *context, void *buffer, size_t len); /* must not fail */
    void *context;
};

/* wg_init - prepare the cryptographic libraries; idempotent, but not thread-safe. -ENOTSUP where one
 * of them is too old or forbidden (FIPS mode). */
int wg_init(void);

/* wg_device_new - a device without private key and peers. random NULL: the system's. -ENOMEM.
 * Free with wg_device_free, when no reserved or claimed batch is left. */
int wg_device_new(const struct wg_random *random, struct wg_device **ret_device);
void wg_device_free(struct wg_device *device);

/* ---- Configuration: what UAPI sets ---- */

/* wg_device_set_private_key - all zero: removes it. A peer with the public key of this private key is
 * removed, as the kernel does. Every peer's session with the former key ends: a new handshake
 * precedes the next packet. */
int wg_device_set_private_key(struct wg_device *device, const uint8_t key[WG_KEY_LEN]);

/* wg_device_get_private_key - lent, clamped, in guarded memory; NULL: there is none. */
const uint8_t *wg_device_get_private_key(const struct wg_device *device);

/* wg_device_get_public_key - NULL without a private key. */
const uint8_t *wg_device_get_public_key(const struct wg_device *device);

/* wg_device_find_peer - lent; NULL: no such peer. O(1). */
struct wg_peer *wg_device_find_peer(struct wg_device *device, const uint8_t public_key[WG_KEY_LEN]);

/* wg_device_add_peer - find or make. -EADDRINUSE: that is our own public key (the kernel, and so UAPI,
 * answers success and ignores the peer); -ENOMEM; -ENFILE at WG_MAX_PEERS. A low-order public key is
 * taken, as the kernel does; its handshakes just never succeed. */
int wg_device_add_peer(struct wg_device *device,
                       const uint8_t public_key[WG_KEY_LEN],
                       struct wg_peer **ret_peer);

/* wg_device_remove_peer - with its allowed IPs, keys, staged packets and timers. */
void wg_device_remove_peer(struct wg_device *device, struct wg_peer *peer);
void wg_device_remove_all_peers(struct wg_device *device);

/* wg_device_next_peer - walk the peers in the order in which they were added. peer NULL: the first. */
struct wg_peer *wg_device_next_peer(struct wg_device *device, struct wg_peer *peer);

/* wg_device_forget_sources - let the kernel choose the local address again, for all peers, until
 * they speak to one of ours. For a changed network, or a send that was refused with the old one. */
void wg_device_forget_sources(struct wg_device *device);

/* wg_peer_set_preshared_key - all zero: none. Used from the next handshake on. */
void wg_peer_set_preshared_key(struct wg_peer *peer, const uint8_t key[WG_KEY_LEN]);
void wg_peer_set_endpoint(struct wg_peer *peer, const struct wg_endpoint *endpoint);
/* wg_peer_set_persistent_keepalive - in seconds; 0: off. */
void wg_peer_set_persistent_keepalive(struct wg_peer *peer, uint16_t seconds);

/* wg_peer_apply - after all settings of a peer were made: sends the first keepalive if the persistent
 * one was just set, and starts a handshake for packets that were waiting for an endpoint. */
void wg_peer_apply(struct wg_peer *peer, struct wg_time now);

/* wg_peer_add_allowed_ip - family AF_INET or AF_INET6 with 4 or 16 bytes of address, whose bits beyond
 * the prefix are ignored. A range that another peer has moves to this one. -EINVAL: no such family or
 * prefix length; -ENOMEM. */
int wg_peer_add_allowed_ip(struct wg_peer *peer, int family, const void *address, unsigned prefix);

/* wg_peer_remove_allowed_ip - exactly this range, if this peer has it (UAPI's "allowed_ip=-…").
 * -EINVAL as above. A range that is not this peer's is left alone, with success. */
int
wg_peer_remove_allowed_ip(struct wg_peer *peer, int family, const void *address, unsigned prefix);
void wg_peer_remove_all_allowed_ips(struct wg_peer *peer);

/* ---- Configuration: what UAPI gets ---- */

struct wg_peer_info {
    const uint8_t *public_key;    /* lent */
    const uint8_t *preshared_key; /* lent, in guarded memory, all zero: none */
    struct wg_endpoint endpoint;
    uint64_t rx_bytes, tx_bytes; /* UDP payloads, authentic ones in rx */
    uint64_t last_handshake;     /* CLOCK_REALTIME ns; 0: never */
    uint64_t waiting_since; /* CLOCK_REALTIME ns since which handshakes, or packets for at least
                                    15 s, go unanswered; 0: not waiting. Any authentic answer ends it */
    uint16_t persistent_keepalive;
};
void wg_peer_get_info(const struct wg_peer *peer, struct wg_peer_info *ret_info);

struct wg_allowed_ip {
    int family;
    unsigned prefix;
    uint8_t address[16]; /* 4 bytes for AF_INET, network byte order */
};

/* wg_peer_next_allowed_ip - walk. cursor: begins NULL, belongs to the room. False: that was all. */
bool wg_peer_next_allowed_ip(const struct wg_peer *peer,
                             const void **cursor,
                             struct wg_allowed_ip *ret_allowed_ip);

/* ---- Packets ---- */

/* One packet at work. `data` is the transport message; the inner packet begins WG_TRANSPORT_HEADER
 * bytes into it. */
struct wg_packet {
    uint8_t *data;
    size_t len;
    uint64_t counter; /* wg_open to wg_device_received */
    int verdict; /* of wg_open, then of wg_device_received: > 0: length of the inner packet, to be
                         delivered; 0: nothing to deliver (a keepalive); -EBADMSG: forged or damaged;
                         -EALREADY: replayed or too old; -ENOKEY: not this peer's address;
                         -EPROTO: not an IP packet; -EKEYEXPIRED: key too old or removed */
};

/* What was reserved to send: valid until wg_device_sent. */
struct wg_outbound {
    struct wg_keypair *keypair;  /* a reference */
    struct wg_endpoint endpoint; /* where to */
    uint32_t receiver;           /* that the messages name */
    uint64_t counter;            /* the first of `count` */
    unsigned count;
};

/* wg_device_reserve - begin to send `count` packets to the destination of the IP packet `packet`, of
 * which the first 40 bytes at most are read.
 * -EAGAIN: no valid key, see wg_device_stage; -ENOKEY: no peer has this destination;
 * -EDESTADDRREQ: its peer has no endpoint (both: answer "host unreachable"); -EPROTO: not IP. */
int wg_device_reserve(struct wg_device *device,
                      struct wg_time now,
                      const void *packet,
                      size_t len,
                      unsigned count,
                      struct wg_outbound *ret_outbound);

/* wg_seal - make packets[0] to packets[count - 1] into the messages number first to first + count - 1 of
 * outbound, without the lock. In: the inner packet lies at data + WG_TRANSPORT_HEADER, len is its
 * length (0: a keepalive), and data has room for WG_TRANSPORT_OVERHEAD + len rounded up to
 * WG_PADDING_MULTIPLE bytes. Out: len is the message's length. Padding never makes the inner packet
 * longer than mtu, the TUN's. aead: the caller's own, one per thread; the key is gone from it
 * afterwards. 0, or -EIO if the cipher refused (never seen; send none of them). */
int wg_seal(struct wg_aead *aead,
            const struct wg_outbound *outbound,
            unsigned first,
            size_t mtu,
            struct wg_packet *packets,
            unsigned count);

/* wg_device_sent - all packets of outbound were handed to the network, wire_bytes of UDP payload in
 * total; 0: nothing was sent. Drops the reference. */
void wg_device_sent(struct wg_device *device,
                    struct wg_time now,
                    struct wg_outbound *outbound,
                    size_t wire_bytes);

/* wg_device_stage - keep a copy of an inner packet until its peer has a key, and see to a handshake.
 * At most WG_STAGED_PACKETS wait for a peer and WG_STAGED_BYTES for a device; the oldest go first.
 * mtu: as in wg_seal. Errors as of wg_device_reserve, also -ENOMEM. */
#define WG_STAGED_PACKETS 128
#define WG_STAGED_BYTES   (4u << 20)
int wg_device_stage(
    struct wg_device *device, struct wg_time now, const void *packet, size_t len, size_t mtu);

/* What was claimed to receive: valid until wg_device_received. */
struct wg_inbound {
    struct wg_keypair *keypair; /* a reference */
};

/* wg_device_claim - begin to receive transport messages for this receiver index.
 * -ENOENT: no such key; -EKEYEXPIRED: it is too old: drop them. */
int wg_device_claim(struct wg_device *device,
                    struct wg_time now,
                    uint32_t receiver,
                    struct wg_inbound *ret_inbound);

/* wg_open - decrypt messages in place, without the lock. Each packet->data is a message of packet->len
 * bytes with wg_message_type() WG_MESSAGE_TRANSPORT; len stays so. Sets counter and verdict of each. */
void wg_open(struct wg_aead *aead,
             const struct wg_inbound *inbound,
             struct wg_packet *packets,
             unsigned count);

/* wg_device_received - judge the packets that wg_open opened, in the order of their arrival; source is
 * where the datagrams came from, our own address in it included. Drops the reference. Returns how
 * many have a verdict > 0. */
unsigned wg_device_received(struct wg_device *device,
                            struct wg_time now,
                            struct wg_inbound *inbound,
                            const struct wg_endpoint *source,
                            struct wg_packet *packets,
                            unsigned count);

/* wg_device_handle_message - a handshake or cookie message, or anything at all: whatever is not one
 * is ignored. 0, or why it was dropped: -EPROTO no such message, -EBADMSG not
 * authentic or not for us, -EBUSY under load or over the rate limit (a cookie may have been put into the
 * outbox), -EALREADY replayed, -ENOENT no such peer or handshake, -ENOMEM. */
int wg_device_handle_message(struct wg_device *device,
                             struct wg_time now,
                             const struct wg_endpoint *source,
                             const void *data,
                             size_t len);

/* ---- Outbox, deadline, event ---- */

struct wg_message {
    struct wg_message *next;
    struct wg_endpoint endpoint;
    uint8_t tos; /* DSCP and ECN of the outer packet: AF41 for handshakes, else 0 */
    size_t len;
    uint8_t data[];
};

/* wg_device_take_messages - the outbox, in the order to send, which is empty afterwards; NULL: nothing.
 * Free each with wg_message_free. */
struct wg_message *wg_device_take_messages(struct wg_device *device);
void wg_message_free(struct wg_message *message);

/* wg_device_next_deadline - when, in wg_time.mono, wg_device_run_timers wants to be called. */
uint64_t wg_device_next_deadline(const struct wg_device *device);
void wg_device_run_timers(struct wg_device *device, struct wg_time now);

/* wg_device_take_event - true once after a peer's last_handshake changed or waiting_since began or
 * ended. */
bool wg_device_take_event(struct wg_device *device);

/* ---- A thread's cipher ---- */

/* wg_aead_new - the state of the cipher, for one thread at a time; it holds a key only while
 * wg_seal or wg_open runs. -ENOMEM. Free with wg_aead_free. */
int wg_aead_new(struct wg_aead **ret_aead);
void wg_aead_free(struct wg_aead *aead);
