# SPDX-License-Identifier: GPL-3.0-or-later
"""Other ends of an engine that are not engines: tests/wireguard/transcript.py speaks for them.

    strangers.py clients US ADDRESS KEY     one peer for each private key on standard input: handshakes
                                            from all of them at once; prints how many were answered
    strangers.py flood US ADDRESS KEY RATE  RATE initiations a second from nobody, every other with a
                                            right mac1, until standard input ends; prints how many were
                                            sent, and how many cookies came back

ADDRESS is where the engine listens, KEY its public key; keys are hexadecimal."""
import os
import pathlib
import socket
import struct
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "wireguard"))
from transcript import Party, blake2s, mac, timestamp_of

PORT = 51820
PATIENCE = 60  # seconds
RESEND = 5  # seconds, WireGuard's Rekey-Timeout


def open_socket(us):
    made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
    made.bind((us, 0))
    return made


def clients(us, address, key):
    udp, target = open_socket(us), (address, PORT)
    udp.settimeout(RESEND)
    parties = [Party(bytes.fromhex(line), key, bytes(32)) for line in sys.stdin]
    answered = set()
    deadline = time.monotonic() + PATIENCE
    while len(answered) < len(parties) and time.monotonic() < deadline:
        for index, party in enumerate(parties):
            if index not in answered:
                now = time.time_ns()
                udp.sendto(party.create_initiation(
                    index, timestamp_of(now // 10**9, now % 10**9)), target)
        try:
            while len(answered) < len(parties):
                message = udp.recv(2048)
                offset = 4 if message[0] == 3 else 8
                index, = struct.unpack("<I", message[offset:offset + 4])
                if message[0] == 3:
                    parties[index].consume_cookie_reply(message)
                elif index not in answered:
                    parties[index].consume_response(message)
                    udp.sendto(parties[index].seal(b""), target)
                    answered.add(index)
        except TimeoutError:
            pass
    print(len(answered))


def flood(us, address, key, rate):
    udp = open_socket(us)
    counts = {"sent": 0, "cookies": 0}
    mac_key = blake2s(b"mac1----" + key)
    messages = []
    for index in range(int(rate) // 100):
        message = b"\1\0\0\0" + os.urandom(112)
        messages.append(message + (mac(mac_key, message) if index % 2 else os.urandom(16)) +
                        bytes(16))
    ended = threading.Event()

    def wait():
        sys.stdin.read()
        ended.set()

    def count():
        while True:
            counts["cookies"] += udp.recv(2048)[0] == 3

    for function in (wait, count):
        threading.Thread(target=function, daemon=True).start()
    print("ready", flush=True)
    start = time.monotonic()
    while not ended.wait(max(0, start + counts["sent"] / int(rate) - time.monotonic())):
        for message in messages:
            udp.sendto(message, (address, PORT))
        counts["sent"] += len(messages)
    print(counts["sent"], counts["cookies"], flush=True)
    os._exit(0)  # not by way of the threads


if __name__ == "__main__":
    {"clients": clients, "flood": flood}[sys.argv[1]](*sys.argv[2:4], bytes.fromhex(sys.argv[4]),
                                                      *sys.argv[5:])
