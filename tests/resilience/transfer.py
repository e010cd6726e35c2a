# SPDX-License-Identifier: GPL-3.0-or-later
"""One TCP connection that is never idle, and what became of it."""
import sys
import time

import rig

SIZE = 1 << 40

# Some megabytes a second: who reads as fast as he can has the machine to himself. A small buffer, or
# it would be read while nothing arrives.
READER = """
import socket, sys, time
connection = socket.socket(socket.AF_INET6 if ':' in sys.argv[1] else socket.AF_INET)
connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 128 * 1024)
connection.connect((sys.argv[1], 80))
connection.sendall(b'GET /big/%d HTTP/1.0\\r\\n\\r\\n' % int(sys.argv[2]))
stream = connection.makefile('rb')
while stream.readline() != b'\\r\\n':
    pass
block = bytes(range(256)) * 256
while True:
    if stream.read(len(block)) != block:
        sys.exit('other bytes than were sent, or the end')
    print(time.monotonic(), flush=True)
    time.sleep(0.02)
"""


class Transfer:
    def __init__(self, host, peer, profile, address=None):
        self.output = host.home / f"received-{time.monotonic_ns()}"
        with open(self.output, "w", encoding="ascii") as output:
            self.child = host.popen(host.programs / "wg-wrap", "run", profile, "--", sys.executable,
                                    "-c", READER, address or peer.INSIDE4, str(SIZE), stdout=output,
                                    stderr=output)
        rig.wait_for(self.times, "the transfer's beginning")

    def times(self):
        """When a block was received: CLOCK_MONOTONIC, seconds."""
        text = self.output.read_text()
        assert "Traceback" not in text, text[-500:]
        return [float(line) for line in text.splitlines()]

    def assert_goes_on(self, timeout=rig.TIMEOUT):
        """It is the same connection, and more comes; how many seconds until then."""
        begin = time.monotonic()
        rig.wait_for(lambda: self.child.poll() is not None or self.times()[-1] > begin,
                     "more of the transfer", timeout)
        assert self.child.poll() is None, self.output.read_text()[-500:]
        return self.times()[-1] - begin

    def longest_pause(self, since):
        """The longest time without a byte since a moment, in seconds."""
        times = [moment for moment in self.times() if moment > since]
        return max(b - a for a, b in zip([since] + times, times))

    def stop(self):
        self.child.kill()
        self.child.wait(rig.TIMEOUT)
