# SPDX-License-Identifier: GPL-3.0-or-later
"""Bytes over TCP from one host of a rig to another, compared by their hash.

As a program: transfer.py receive ADDRESS PORT, which prints "ready" and then what it got, or
transfer.py send ADDRESS PORT BYTES."""
import hashlib
import os
import socket
import subprocess
import sys

PORT = 7000
CHUNK = 1 << 20


def transfer(source, target, address, size, port=PORT, timeout=60):
    """Send size bytes from one host to the other; fails if any of them differs or is missing."""
    program = [sys.executable, "-B", __file__]
    receiver = target.start(*program, "receive", address, port, stdout=subprocess.PIPE, text=True)
    assert receiver.stdout.readline() == "ready\n"
    sent = source.run(*program, "send", address, port, size, timeout=timeout).stdout
    received = receiver.stdout.read()
    assert receiver.wait(timeout) == 0
    assert sent == received and sent.startswith(f"{size} "), (sent, received)


def receive(address, port):
    total, digest = 0, hashlib.sha256()
    with socket.create_server((address, int(port)),
                              family=socket.AF_INET6 if ":" in address else socket.AF_INET) as server:
        print("ready", flush=True)
        connection, _ = server.accept()
        while chunk := connection.recv(CHUNK):
            digest.update(chunk)
            total += len(chunk)
    return total, digest


def send(address, port, size):
    left, digest = int(size), hashlib.sha256()
    with socket.create_connection((address, int(port)), timeout=20) as connection:
        while left:
            chunk = os.urandom(min(left, CHUNK))
            connection.sendall(chunk)
            digest.update(chunk)
            left -= len(chunk)
    return int(size), digest


if __name__ == "__main__":
    count, result = {"receive": receive, "send": send}[sys.argv[1]](*sys.argv[2:])
    print(count, result.hexdigest())
