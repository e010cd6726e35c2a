#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands where wg-wrap-engine does, for tests of who starts it: says on standard error, one JSON
line, what it was given and told, and answers the configuration protocol. No packet is moved."""
import fcntl
import json
import os
import socket
import struct
import sys
import time

TUNGETIFF = 0x800454D2

fds = {}
for argument in sys.argv[1:]:
    name, _, number = argument.removeprefix("--").partition("=")
    fds[name] = int(number)

report = {"fds": sorted(fds), "open": sorted(int(n) for n in os.listdir("/proc/self/fd"))[:-1]}
interface = fcntl.ioctl(fds["tun-fd"], TUNGETIFF, struct.pack("16sH22x", b"", 0))
report["tun"] = interface[:16].rstrip(b"\0").decode()
report["udp4"] = socket.socket(fileno=fds["udp4-fd"]).getsockname()
report["net"] = os.readlink("/proc/self/ns/net")
report["pid"] = os.getpid()

listener = socket.socket(fileno=fds["uapi-fd"])
listener.setblocking(True)
connection, _ = listener.accept()
text = b""
while not text.endswith(b"\n\n"):
    text += connection.recv(4096)
report["told"] = text.decode()
error = int(os.environ.get("ENGINE_ERRNO", "0"))
connection.sendall(b"errno=%d\n\n" % error)
if "ENGINE_REPORT" in os.environ:
    print(json.dumps(report), file=sys.stderr, flush=True)
time.sleep(600)
