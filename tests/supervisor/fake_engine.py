#!/usr/bin/python3 -ES
# SPDX-License-Identifier: GPL-3.0-or-later
"""An engine that moves no packets: takes the place of wg-wrap-engine, believes what it is told, and says
what the test wants it to say. It finds both below its own directory:

engine.log      every request that it was sent, after the process ID of the engine that took it
engine.get      its answer to "get", if there is one
engine.errno    what it answers to "set", 0 if there is none
engine.deaf     the engine that finds it there removes it, and takes nothing
"""
import argparse
import contextlib
import os
import selectors
import socket
import time

parser = argparse.ArgumentParser()
for name in ("tun", "udp4", "udp6", "uapi", "public-uapi", "event"):
    parser.add_argument(f"--{name}-fd", type=int, required=True)
options = parser.parse_args()
home = os.path.dirname(os.path.abspath(__file__))


def read(name, default):
    try:
        with open(os.path.join(home, name), encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return default


def answer(connection):
    request = b""
    while not request.endswith(b"\n\n"):
        chunk = connection.recv(65536)
        if not chunk:
            return
        request += chunk
    with open(os.path.join(home, "engine.log"), "ab") as log:
        log.write(b"%d %s\n" % (os.getpid(), request.strip().replace(b"\n", b" ")))
    if request.startswith(b"get"):
        connection.sendall(read("engine.get", "").encode() + b"errno=0\n\n")
    else:
        connection.sendall(f"errno={read('engine.errno', '0').strip()}\n\n".encode())


with contextlib.suppress(FileNotFoundError):
    os.remove(os.path.join(home, "engine.deaf"))
    time.sleep(600)
selector = selectors.DefaultSelector()
for number in (options.uapi_fd, options.public_uapi_fd):
    listener = socket.socket(fileno=number)
    listener.setblocking(False)
    selector.register(listener, selectors.EVENT_READ)
while True:
    for key, _ in selector.select():
        try:
            accepted, _ = key.fileobj.accept()
        except BlockingIOError:
            continue
        with accepted:
            accepted.setblocking(True)
            answer(accepted)
