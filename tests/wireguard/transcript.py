#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The wg-wrap authors
"""WireGuard's handshake once more, written from the paper on other libraries than the C of this project:
hashlib's BLAKE2s, cryptography's ChaCha20-Poly1305, PyNaCl's X25519 and XChaCha20-Poly1305.

    transcript.py           prints a conversation with fixed keys, as tests/wireguard/transcript.txt has it
    transcript.py --live    is the other end of a conversation: commands on stdin, answers on stdout

Commands of the live mode, all arguments hexadecimal:
    party PRIVATE REMOTE_PUBLIC PSK     who we are and whom we talk to; answers "public KEY"
    initiate                            answers "message INITIATION"
    feed MESSAGE                        answers "message …" if one is due, "data …" for a transport
                                        message, "ok", or "error WHY"
    seal PACKET                         answers "message TRANSPORT"
    cookie MESSAGE SOURCE               answers "message COOKIE_REPLY" to a handshake message
"""
import hashlib
import hmac
import os
import struct
import sys

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from nacl import bindings

CONSTRUCTION = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
IDENTIFIER = b"WireGuard v1 zx2c4 Jason@zx2c4.com"


def blake2s(data):
    return hashlib.blake2s(data).digest()


def mac(key, data):
    return hashlib.blake2s(data, key=key, digest_size=16).digest()


def hmac_blake2s(key, data):
    return hmac.new(key, data, hashlib.blake2s).digest()


def kdf(count, key, data):
    secret = hmac_blake2s(key, data)
    outputs, last = [], b""
    for n in range(1, count + 1):
        last = hmac_blake2s(secret, last + bytes([n]))
        outputs.append(last)
    return outputs


def dh(private, public):
    return bindings.crypto_scalarmult(private, public)


def public_of(private):
    return bindings.crypto_scalarmult_base(private)


def nonce(counter):
    return bytes(4) + struct.pack("<Q", counter)


def encrypt(key, counter, text, ad):
    return ChaCha20Poly1305(key).encrypt(nonce(counter), text, ad)


def decrypt(key, counter, sealed, ad):
    return ChaCha20Poly1305(key).decrypt(nonce(counter), sealed, ad)


class Party:
    """One end of a conversation."""

    def __init__(self, private, remote, psk, random=os.urandom):
        self.private, self.public, self.remote, self.psk = private, public_of(private), remote, psk
        self.random = random
        self.cookie = None
        self.sending_counter = 0

    def _start(self, responder):
        self.chain = blake2s(CONSTRUCTION)
        self.hash = blake2s(blake2s(self.chain + IDENTIFIER) + responder)

    def _mix_hash(self, data):
        self.hash = blake2s(self.hash + data)

    def _mix_key(self, data):
        self.chain, self.key = kdf(2, self.chain, data)

    def _mix_ephemeral(self, public):
        self._mix_hash(public)
        (self.chain,) = kdf(1, self.chain, public)

    def _mix_psk(self):
        self.chain, tau, self.key = kdf(3, self.chain, self.psk)
        self._mix_hash(tau)

    def _seal_and_hash(self, text):
        sealed = encrypt(self.key, 0, text, self.hash)
        self._mix_hash(sealed)
        return sealed

    def _open_and_hash(self, sealed):
        text = decrypt(self.key, 0, sealed, self.hash)
        self._mix_hash(sealed)
        return text

    def _ephemeral(self):
        self.ephemeral = self.random(32)
        public = public_of(self.ephemeral)
        self._mix_ephemeral(public)
        return public

    def _add_macs(self, message):
        message += mac(blake2s(b"mac1----" + self.remote), message)
        self.last_mac1 = message[-16:]
        return message + (mac(self.cookie, message) if self.cookie else bytes(16))

    def _check_mac1(self, message):
        if mac(blake2s(b"mac1----" + self.public), message[:-32]) != message[-32:-16]:
            raise ValueError("mac1")

    def create_initiation(self, index, timestamp):
        self.index = index
        self._start(self.remote)
        message = struct.pack("<II", 1, index) + self._ephemeral()
        self._mix_key(dh(self.ephemeral, self.remote))
        message += self._seal_and_hash(self.public)
        self._mix_key(dh(self.private, self.remote))
        message += self._seal_and_hash(timestamp)
        return self._add_macs(message)

    def consume_initiation(self, message):
        self._check_mac1(message)
        kind, self.remote_index = struct.unpack("<II", message[:8])
        if kind != 1 or len(message) != 148:
            raise ValueError("no initiation")
        self._start(self.public)
        self.remote_ephemeral = message[8:40]
        self._mix_ephemeral(self.remote_ephemeral)
        self._mix_key(dh(self.private, self.remote_ephemeral))
        if self._open_and_hash(message[40:88]) != self.remote:
            raise ValueError("a stranger")
        self._mix_key(dh(self.private, self.remote))
        return self._open_and_hash(message[88:116])

    def create_response(self, index):
        self.index = index
        message = struct.pack("<III", 2, index, self.remote_index) + self._ephemeral()
        self._mix_key(dh(self.ephemeral, self.remote_ephemeral))
        self._mix_key(dh(self.ephemeral, self.remote))
        self._mix_psk()
        message += self._seal_and_hash(b"")
        self.receiving, self.sending = kdf(2, self.chain, b"")
        self.sending_counter = 0
        return self._add_macs(message)

    def consume_response(self, message):
        self._check_mac1(message)
        kind, self.remote_index, receiver = struct.unpack("<III", message[:12])
        if kind != 2 or len(message) != 92 or receiver != self.index:
            raise ValueError("no response")
        ephemeral = message[12:44]
        self._mix_ephemeral(ephemeral)
        self._mix_key(dh(self.ephemeral, ephemeral))
        self._mix_key(dh(self.private, ephemeral))
        self._mix_psk()
        if self._open_and_hash(message[44:60]):
            raise ValueError("no response")
        self.sending, self.receiving = kdf(2, self.chain, b"")
        self.sending_counter = 0

    def seal(self, packet):
        packet += bytes(-len(packet) % 16)
        message = struct.pack("<IIQ", 4, self.remote_index, self.sending_counter)
        message += encrypt(self.sending, self.sending_counter, packet, b"")
        self.sending_counter += 1
        return message

    def open(self, message):
        kind, receiver, counter = struct.unpack("<IIQ", message[:16])
        if kind != 4 or receiver != self.index:
            raise ValueError("not for us")
        return decrypt(self.receiving, counter, message[16:], b"")

    def create_cookie_reply(self, message, source, secret, cookie_nonce):
        self._check_mac1(message)
        cookie = mac(secret, source)
        sealed = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
            cookie, message[-32:-16], cookie_nonce, blake2s(b"cookie--" + self.public))
        return struct.pack("<I", 3) + message[4:8] + cookie_nonce + sealed

    def consume_cookie_reply(self, message):
        if len(message) != 64 or struct.unpack("<I", message[4:8])[0] != self.index:
            raise ValueError("no cookie for us")
        self.cookie = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
            message[32:], self.last_mac1, message[8:32], blake2s(b"cookie--" + self.remote))


def script(*pieces):
    """Randomness as the C side is given it: each piece must be asked for by its length."""
    queue = list(pieces)

    def take(length):
        piece = queue.pop(0)
        assert len(piece) == length
        return piece
    return take


def timestamp_of(seconds, nanoseconds):
    return struct.pack(">QI", 0x400000000000000a + seconds, nanoseconds & ~((1 << 24) - 1))


def conversation():
    """Everything that a test can compare, by name."""
    alice_private = blake2s(b"alice")
    bob_private = blake2s(b"bob")
    ephemerals = {name: blake2s(name.encode()) for name in ("e1", "e2", "e3")}
    source = bytes([192, 0, 2, 0]) + struct.pack(">H", 51820)
    packet = bytes.fromhex("4500001c0000000000010000" "0a000101" "0a000001") + b"\0" * 8
    for name, psk in (("none", bytes(32)), ("some", blake2s(b"psk"))):
        alice = Party(alice_private, public_of(bob_private), psk,
                      script(ephemerals["e1"], ephemerals["e3"]))
        bob = Party(bob_private, public_of(alice_private), psk, script(ephemerals["e2"]))
        timestamp = timestamp_of(1700000000, 123456789)
        yield name + "-alice-private", alice_private
        yield name + "-bob-private", bob_private
        yield name + "-psk", psk
        yield name + "-timestamp", timestamp
        initiation = alice.create_initiation(0x11223344, timestamp)
        yield name + "-initiation", initiation
        assert bob.consume_initiation(initiation) == timestamp
        response = bob.create_response(0x55667788)
        yield name + "-response", response
        alice.consume_response(response)
        keepalive = alice.seal(b"")
        assert bob.open(keepalive) == b""
        yield name + "-keepalive", keepalive
        yield name + "-packet", packet
        data = bob.seal(packet)
        assert alice.open(data)[:len(packet)] == packet
        yield name + "-data", data
        secret, cookie_nonce = blake2s(b"secret"), blake2s(b"nonce")[:24]
        reply = bob.create_cookie_reply(initiation, source, secret, cookie_nonce)
        yield name + "-cookie-reply", reply
        alice.index = 0x11223344
        alice.last_mac1 = initiation[-32:-16]
        alice.consume_cookie_reply(reply)
        later = timestamp_of(1700000005, 400000000)
        yield name + "-initiation-with-cookie", alice.create_initiation(0x99aabbcc, later)


def live():
    party = None

    def answer(kind, data=b""):
        print(kind, data if isinstance(data, str) else data.hex(), flush=True)

    for line in sys.stdin:
        command, *arguments = line.split()
        arguments = [bytes.fromhex(a) if a != "-" else b"" for a in arguments]
        try:
            if command == "party":
                party = Party(*arguments)
                answer("public", party.public)
            elif command == "initiate":
                index = struct.unpack("<I", os.urandom(4))[0]
                now = timestamp_of(1800000000 + int.from_bytes(os.urandom(3), "big"), 0)
                answer("message", party.create_initiation(index, now))
            elif command == "seal":
                answer("message", party.seal(arguments[0]))
            elif command == "cookie":
                answer("message", party.create_cookie_reply(arguments[0], arguments[1],
                                                            os.urandom(32), os.urandom(24)))
            elif command == "feed" and arguments[0][0] == 1:
                party.consume_initiation(arguments[0])
                answer("message", party.create_response(struct.unpack("<I", os.urandom(4))[0]))
            elif command == "feed" and arguments[0][0] == 2:
                party.consume_response(arguments[0])
                answer("ok")
            elif command == "feed" and arguments[0][0] == 3:
                party.consume_cookie_reply(arguments[0])
                answer("ok")
            elif command == "feed":
                answer("data", party.open(arguments[0]))
        except (ValueError, InvalidTag, bindings.crypto_aead.exc.CryptoError) as error:
            answer("error", repr(error).replace(" ", "_"))


def main():
    if sys.argv[1:] == ["--live"]:
        live()
        return
    print("# SPDX-License-Identifier: GPL-3.0-or-later")
    print("# Made by transcript.py; the test compares.")
    for name, value in conversation():
        print(name, value.hex())


if __name__ == "__main__":
    main()
