# SPDX-License-Identifier: GPL-3.0-or-later
"""Two (or more) machines on a cable, for an ordinary user: network namespaces inside a user namespace in which
one is root, joined by veth pairs, each with a /run of its own. WireGuard programs are started in them
and configured by wg(8).

    with Rig() as rig:
        a, b = rig.hosts
        tunnel = Tunnel(rig, (a, Engine(a, ["wg-wrap-engine"])), (b, Engine(b, ["wireguard-go"])))
        a.run("ping", "-c1", b.inner(4))
"""
import ipaddress
import os
import signal
import subprocess
import time

TIMEOUT = 30
PORT = 51820


def wait_until(condition, timeout=30.0, what="a condition"):
    """Poll, for what has no event; returns what condition returned."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {timeout} s for {what}")
        time.sleep(0.02)


class Host:
    """A network namespace. The process that holds it ends with its standard input, and so with us."""

    def __init__(self, index, inside=None):
        self.index = index
        prepare = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec cat"
        unshare = ["unshare", "--net", "--mount", "--", "sh", "-c", prepare]
        if inside is None:
            unshare[1:1] = ["--user", "--map-root-user"]
        else:
            unshare = [*inside.enter, *unshare]
        self.holder = subprocess.Popen(unshare, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        if self.holder.stdout.readline() != b"ready\n":
            raise RuntimeError("no user namespaces on this machine")
        pid = self.holder.pid
        self.enter = ["nsenter", "--preserve-credentials", "-U", "-n", "-m", "-t", str(pid), "--"]
        self.processes = []

    def outer(self, family):
        return {4: f"10.99.0.{self.index}", 6: f"fd99::{self.index}"}[family]

    def inner(self, family):
        return {4: f"10.77.0.{self.index}", 6: f"fd77::{self.index}"}[family]

    def run(self, *command, check=True, timeout=TIMEOUT, **options):
        options = {"stdin": subprocess.DEVNULL, "capture_output": True, "text": True, **options}
        if "input" in options:
            del options["stdin"]
        done = subprocess.run([*self.enter, *map(str, command)], timeout=timeout, **options)
        if check and done.returncode != 0:
            raise AssertionError(f"{command} exited with {done.returncode}:\n"
                                 f"{done.stdout}\n{done.stderr}")
        return done

    def start(self, *command, **options):
        """A process that ends with the host at the latest."""
        process = subprocess.Popen([*self.enter, *map(str, command)],
                                   **{"stdin": subprocess.DEVNULL, **options})
        self.processes.append(process)
        return process

    def ping(self, address, count=1, interval=0.01, timeout=5, size=None):
        """Whether all of them came back."""
        command = ["ping", "-n", "-q", "-c", count, "-i", interval, "-w", timeout, address]
        if size is not None:
            command[1:1] = ["-s", size]
        return self.run(*command, check=False, timeout=timeout + TIMEOUT).returncode == 0

    def close(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait(TIMEOUT)
            for stream in (process.stdout, process.stderr):
                if stream:
                    stream.close()
        self.holder.stdin.close()
        self.holder.wait(TIMEOUT)
        self.holder.stdout.close()


class Rig:
    """Hosts in a row on one cable each: the first is joined with every other."""

    def __init__(self, count=2, mtu=None):
        self.hosts = []
        try:
            for index in range(1, count + 1):
                self.hosts.append(Host(index, self.hosts[0] if self.hosts else None))
            self._connect(mtu)
        except BaseException:
            self.close()
            raise

    def _connect(self, mtu):
        first = self.hosts[0]
        first.run("ip", "link", "add", "br0", "type", "bridge", "forward_delay", "0") \
            if len(self.hosts) > 2 else None
        for host in self.hosts[1:]:
            name = f"to{host.index}" if len(self.hosts) > 2 else "eth0"
            first.run("ip", "link", "add", name, "type", "veth", "peer", "name", "eth0",
                      "netns", host.holder.pid)
            if len(self.hosts) > 2:
                first.run("ip", "link", "set", name, "master", "br0", "up")
        if len(self.hosts) > 2:
            first.run("ip", "link", "set", "br0", "name", "eth0")
        for host in self.hosts:
            if mtu:
                host.run("ip", "link", "set", "eth0", "mtu", mtu)
            host.run("ip", "address", "add", f"{host.outer(4)}/24", "dev", "eth0")
            host.run("ip", "address", "add", f"{host.outer(6)}/64", "dev", "eth0", "nodad")
            host.run("ip", "link", "set", "eth0", "up")
        wait_until(lambda: self.hosts[-1].ping(first.outer(4), timeout=1) and
                   self.hosts[-1].ping(first.outer(6), timeout=1), what="the cable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        for host in reversed(self.hosts):
            host.close()


class Engine:
    """A userspace WireGuard and its interface."""

    def __init__(self, host, command, interface="wg0", environment=None, foreground=True):
        self.host = host
        self.interface = interface
        self.private_key = host.run("wg", "genkey").stdout.strip()
        self.public_key = host.run("wg", "pubkey", input=self.private_key).stdout.strip()
        self.environment = {**os.environ, "WG_I_PREFER_BUGGY_USERSPACE_TO_POLISHED_KMOD": "1",
                            **(environment or {})}
        self.command = [*command, *(["-f"] if foreground else []), interface]
        # wireguard-go needs one of the 128 inotify instances that all of a user's tests have together.
        for _ in range(20 if command[0].endswith("wireguard-go") else 1):
            if self._start() or not foreground:
                break
            time.sleep(1)
        else:
            raise AssertionError(f"{command} exited with {self.process.returncode}")
        self.wg("private-key", "/dev/stdin", input=self.private_key)

    def _start(self):
        """Whether it runs. What it writes goes where the test's own output goes."""
        self.process = self.host.start(*self.command, env=self.environment)
        wait_until(lambda: self.process.poll() is not None or self.is_up(), what=self.command[0])
        return self.process.poll() is None

    def is_up(self):
        return self.host.run("wg", "show", self.interface, check=False).returncode == 0

    def wg(self, *arguments, **options):
        return self.host.run("wg", "set", self.interface, *arguments, **options)

    def show(self, what):
        """{public key: fields}, of `wg show INTERFACE what`."""
        text = self.host.run("wg", "show", self.interface, what).stdout
        return {line.split("\t")[0]: line.split("\t")[1:] for line in text.splitlines()}

    @property
    def pid(self):
        """The engine's own process: nsenter became it, unless it went to the background."""
        return self.process.pid

    def stop(self):
        """Politely; its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(TIMEOUT)


def connect(a, b, family=4, mtu=None, keepalive=None, listen=(PORT, PORT), psk=False,
            knows_endpoint=(True, True)):
    """Make two engines each other's peers, with an address of each family inside."""
    secret = a.host.run("wg", "genpsk").stdout if psk else None
    for me, other, port in ((a, b, listen[0]), (b, a, listen[1])):
        me.wg("listen-port", port)
        arguments = ["peer", other.public_key, "allowed-ips",
                     f"{other.host.inner(4)}/32,{other.host.inner(6)}/128"]
        if secret:
            arguments += ["preshared-key", "/dev/stdin"]
        me.wg(*arguments, **({"input": secret} if secret else {}))
        if mtu:
            me.host.run("ip", "link", "set", me.interface, "mtu", mtu)
        me.host.run("ip", "address", "add", f"{me.host.inner(4)}/24", "dev", me.interface)
        if not mtu or mtu >= 1280:
            me.host.run("ip", "address", "add", f"{me.host.inner(6)}/64", "dev", me.interface,
                        "nodad")
        me.host.run("ip", "link", "set", me.interface, "up")
    for me, other, port, knows in ((a, b, listen[1], knows_endpoint[0]),
                                   (b, a, listen[0], knows_endpoint[1])):
        if knows:
            address = ipaddress.ip_address(other.host.outer(family))
            text = f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"
            me.wg("peer", other.public_key, "endpoint", text,
                  *(["persistent-keepalive", keepalive] if keepalive else []))
