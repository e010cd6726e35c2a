# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright The wg-wrap authors
"""What wg accepts we accept, and what it rejects we reject.

Each configuration goes through `wg-quick strip` and `wg setconf`, and through check-config; then
the verdicts are compared, and where both accept, what an engine would be told. The peer of wg is a
server that answers "fine" to everything: wg has read the whole file before it says the first word.
All of it happens in namespaces of its own, where only the names below resolve.
"""

import collections
import ipaddress
import os
import random
import socketserver
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

HERE = Path(__file__).parent
INTERFACE = "wgparity"
HOSTS = {"gw.provider.example": "192.0.2.200", "vpn.example.com": "192.0.2.201"}

KEYS = [
    "WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92s=",
    "Z0JjLygNjMi2vVKCagvCukcGt1y98AOeQOBj/T7pK1w=",
    "O/rqYDPcEhK1oHLJliazcdxufBCmPeoMHLTGZrbiLC4=",
    "tnboltciPBmU0SAe33QTYwrLO6zlC8cMO/a6nCa/IAc=",
    "xkP7w0VgGKsP6c2g8IjOkplr+C6C8tiHhwQfxwcXF98=",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
]
K = KEYS[1]

# Complaints about what wg-quick hands on unread: `ip` or the resolver would complain, later.
STRICTER = {"bad-address", "bad-dns", "bad-mtu", "bad-table"}

# One line below [Interface] and one below [Peer] each; values with every notation we know of.
INTERFACE_LINES = """
ListenPort=0|ListenPort = 65535|ListenPort=65536|ListenPort=70000|ListenPort=-1|ListenPort=+5|ListenPort=0x10
ListenPort=010|ListenPort=domain|ListenPort=nosuchservice|ListenPort=2147483647|ListenPort=2147483648
ListenPort=4294967296|ListenPort=18446744073709551616|ListenPort=|ListenPort|ListenPort=5 5|ListenPort=5#5
ListenPort=off|ListenPort==5|listenPORT=5|Listen Port = 5|ListenPort:5|ListenPort=1.5
FwMark=off|FwMark=OFF|FwMark=0|FwMark=1|FwMark=007|FwMark=4294967295|FwMark=4294967296|FwMark=0xffffffff
FwMark=0x100000000|FwMark=0x|FwMark=0xg|FwMark=0X5|FwMark=-1|FwMark=+1|FwMark=0x-1|FwMark=0x+1|FwMark=0x0x5
FwMark=|FwMark=0xCA6C|FwMark=1 2|FwMark=ff
PrivateKey=@|PrivateKey=@=|PrivateKey=|Private Key=@|privatekey = @ # comment|PrivateKey = @@|PrivateKey=/
PrivateKey=WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92t=|PrivateKey=WAri3pMA0yxCvN-a5COV_KfAS4D1UHJMcATuG9Mn92s=
PrivateKey=WAri3pMA0yxC vN+a5COV/KfAS4D1UHJMcATuG9Mn92s=|PrivateKey=WAri3pMA0yxCvN+a5COV/KfAS4D1UHJMcATuG9Mn92==
PublicKey=@|AllowedIPs=::/0|Endpoint=192.0.2.1:1|Jc=1|S1=1|H1=1|Nonsense=1|Nonsense|=|=1|# only a comment
Address=10.0.0.1/8|Address=|Add ress=10.0.0.1|DNS=10.0.0.1|MTU=1400|Table=auto|Table=off|PostUp=anything = at all # x
PreUp=x|PreDown=x|PostDown=x|SaveConfig=true|SaveConfig=FALSE|SaveConfig=yes|SaveConfig=|SaveConfig=1
[Interface]|[interface]|[INTERFACE]|[ Interface ]|[Interface|[Interface]]|[Interface] x|[Interface]# x|[Peers]|Interface
[ Interface ];Address=10.0.0.1|[Inter face];PrivateKey=@|[Interface]=x|\tPrivateKey\t=\t@\t|PrivateKey\v=\f@
""".replace("\n", "|")
PEER_LINES = """
PublicKey=@|PublicKey=|PublicKey=@@|PublicKey=x|publickey = @|Public Key = @
PresharedKey=@|PresharedKey=|PresharedKey=x|PreSharedKey=@|PresharedKey=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
AllowedIPs=0.0.0.0/0|AllowedIPs=::/0|AllowedIPs=0.0.0.0/0,::/0|AllowedIPs=10.0.0.1|AllowedIPs=fd00::1
AllowedIPs=10.0.0.1/8|AllowedIPs=fd00::1/8|AllowedIPs=10.0.0.0/33|AllowedIPs=::/129|AllowedIPs=10.0.0.0/
AllowedIPs=10.0.0.0/08|AllowedIPs=10.0.0.0/+8|AllowedIPs=10.0.0.0/-8|AllowedIPs=10.0.0.0/0x8|AllowedIPs=10.0.0.0/8/8
AllowedIPs=10.0.0.0/255.0.0.0|AllowedIPs=10.0.0.0/99999999999999999999|AllowedIPs=10.0.0.0/18446744073709551624
AllowedIPs=,|AllowedIPs=10.0.0.0/8,|AllowedIPs=,10.0.0.0/8|AllowedIPs=10.0.0.0/8,,10.1.0.0/16|AllowedIPs=
AllowedIPs=10.0.0.0/8 10.1.0.0/16|AllowedIPs=10.0. 0.0/8 , 10.1.0.0 / 16|AllowedIPs=10.1|AllowedIPs=010.0.0.1
AllowedIPs=1.2.3.4.5|AllowedIPs=256.0.0.1|AllowedIPs=::1%lo|AllowedIPs=::ffff:10.0.0.1/128|AllowedIPs=1:2:3
AllowedIPs=+10.0.0.0/8|AllowedIPs=-10.0.0.0/8|AllowedIPs=(none)|AllowedIPs=any|AllowedIPs=*|AllowedIPs=/8
AllowedIPs=10.0.0.0/8;AllowedIPs=10.0.0.0/8|allowedips=10.0.0.0/8 # x|Allowed IPs = 10.0.0.0/8|AllowedIP=10.0.0.0/8
Endpoint=192.0.2.1:51820|Endpoint=[2001:db8::1]:51820|Endpoint=2001:db8::1:51820|Endpoint=gw.provider.example:51820
Endpoint=[gw.provider.example]:51820|Endpoint=[192.0.2.1]:51820|Endpoint=GW.Provider.Example:1|Endpoint=g w.provider.example:1
Endpoint=192.0.2.1|Endpoint=192.0.2.1:|Endpoint=:51820|Endpoint=[]:51820|Endpoint=[2001:db8::1]|Endpoint=[2001:db8::1]51820
Endpoint=[2001:db8::1|Endpoint=[2001:db8::1]:|Endpoint=192.0.2.1:0|Endpoint=192.0.2.1:65536|Endpoint=192.0.2.1:-1
Endpoint=192.0.2.1:0x5|Endpoint=192.0.2.1:domain|Endpoint=192.0.2.1:nosuchservice|Endpoint=192.0.2.1:4294967297
Endpoint=127.1:5|Endpoint=0x7f.1:5|Endpoint=017700000001:5|Endpoint=2130706433:5|Endpoint=4294967296:5|Endpoint=1.2.3:5
Endpoint=256.0.0.1:5|Endpoint=1.2.3.4.5:5|Endpoint=01.02.03.04:5|Endpoint=[::ffff:192.0.2.1]:5|Endpoint=::ffff:192.0.2.1:5
Endpoint=[::1%lo]:5|Endpoint=[fe80::1%3]:5|Endpoint=[fe80::1%lo]:5|Endpoint=[::1%1]:5|Endpoint=a..b:5|Endpoint=.:5|Endpoint=a/b:5
Endpoint=|Endpoint|Endpoint=192.0.2.1:5:5|Endpoint=(none)|Endpoint=udp://192.0.2.1:5|Endpoint=192.0.2.1;PublicKey=@
PersistentKeepalive=0|PersistentKeepalive=off|PersistentKeepalive=OFF|PersistentKeepalive=1|PersistentKeepalive=65535
PersistentKeepalive=65536|PersistentKeepalive=-1|PersistentKeepalive=+1|PersistentKeepalive=25s|PersistentKeepalive=
PersistentKeepalive=0x19|PersistentKeepalive=025|PersistentKeepalive=2 5|PersistentKeepalive=on|Persistent-Keepalive=25
PrivateKey=@|ListenPort=5|Address=10.0.0.1|DNS=10.0.0.1|MTU=1400|PostUp=x|SaveConfig=true|Nonsense=1|Nonsense|=|AdvancedSecurity=on
[Peer]|[peer];PublicKey=@|[ P e e r ];PublicKey=@|[Peer];AllowedIPs=::/0|[Peer];PublicKey=@;PublicKey=@|[Peer]x|[Peer
[Interface];ListenPort=5|[Interface];PublicKey=@|[Interface];Address=10.0.0.1|[Peer]#x;PublicKey=@#x
""".replace("\n", "|")


def expand(line):
    return line.replace("\\t", "\t").replace("\\v", "\v").replace("\\f", "\f").replace(";", "\n").replace("@", K)


def tables():
    for line in filter(None, INTERFACE_LINES.split("|")):
        yield "interface: " + line, "[Interface]\n%s\n[Peer]\nPublicKey=%s\n" % (expand(line), KEYS[2])
    for line in filter(None, PEER_LINES.split("|")):
        yield "peer: " + line, "[Interface]\n[Peer]\nPublicKey=%s\n%s" % (KEYS[2], expand(line))
    yield "no section", "PrivateKey=%s\n" % K
    yield "peer without key", "[Peer]\nAllowedIPs=::/0\n"
    yield "CRLF", "[Interface]\r\nPrivateKey=%s\r\n[Peer]\r\nPublicKey=%s\r\n" % (K, K)
    yield "CR only", "[Interface]\rListenPort=5\r"
    yield "no final newline", "[Interface]\nListenPort=5"
    yield "blank lines", "\n\n \n\t\n[Interface]\n\n\nListenPort=5\n\n"


def corpus():
    for path in sorted((HERE / "corpus").glob("*.conf")):
        yield path.stem, path.read_bytes().decode().removeprefix("\ufeff")


def generate(rng):
    """A plausible configuration, mostly right."""

    def case(word):
        return rng.choice([word, word, word.lower(), word.upper()])

    def pair(key, value):
        return case(key) + rng.choice([" = ", "=", " =", "\t= "]) + value + rng.choice(["", "", "", " # x", " "])

    def ip4(): return "10.%d.%d.%d" % tuple(rng.randrange(256) for _ in range(3))
    def ip6(): return str(ipaddress.IPv6Address((0xfd << 120) + (rng.getrandbits(rng.choice([4, 20, 100])))))
    def prefix():
        return ("%s/%d" % (ip4(), rng.choice([8, 16, 24, 32, 32, 0, rng.randrange(33)])) if rng.random() < 0.6 else
                "%s/%d" % (ip6(), rng.choice([64, 128, 0, rng.randrange(129)]))) if rng.random() < 0.9 else ip4()
    def endpoint():
        host = rng.choice([ip4(), "[%s]" % ip6(), ip6(), rng.choice(list(HOSTS))])
        return "%s:%s" % (host, rng.choice([51820, 1, 65535, 443, rng.randrange(65536)]))

    lines = [case("[Interface]")]
    for _ in range(rng.randrange(6)):
        lines.append(rng.choice([
            lambda: pair("PrivateKey", rng.choice(KEYS)), lambda: pair("ListenPort", str(rng.randrange(70000))),
            lambda: pair("FwMark", rng.choice(["off", "0xca6c", "51820"])), lambda: pair("Address", ip4() + "/24, " + ip6()),
            lambda: pair("DNS", ip4() + ", corp.example"), lambda: pair("MTU", "1420"), lambda: "# comment", lambda: "",
            lambda: pair("PostUp", "echo a=b")])())
    for _ in range(rng.randrange(5)):
        peer = [pair("PublicKey", rng.choice(KEYS))]
        for _ in range(rng.randrange(6)):
            peer.append(rng.choice([
                lambda: pair("AllowedIPs", rng.choice([", ", ",", " , "]).join(prefix() for _ in range(rng.randrange(1, 4)))),
                lambda: pair("Endpoint", endpoint()), lambda: pair("PresharedKey", rng.choice(KEYS)),
                lambda: pair("PersistentKeepalive", rng.choice(["off", "0", "25", "65535"])), lambda: "  # comment"])())
        rng.shuffle(peer)
        lines += [case("[Peer]")] + peer
    return rng.choice(["\n", "\n", "\r\n"]).join(lines) + rng.choice(["", "\n"])


def mutate(rng, text):
    """The same with one to three small injuries."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(text) + 1)
        lines = text.splitlines(True)
        text = rng.choice([
            lambda: text[:at] + rng.choice("=#[]:,./ \t\n0a%-+") + text[at:],
            lambda: text[:at] + text[at + 1:],
            lambda: text[:at] + text[at + rng.randrange(20):],
            lambda: "".join(rng.sample(lines, len(lines))),
            lambda: "".join(lines[:-1]),
            lambda: text + rng.choice(lines or [""]),
            lambda: text.swapcase() if rng.random() < 0.2 else text])()
    return text


def generated():
    rng = random.Random(20)
    sources = [text for _, text in corpus()]
    for i in range(120):
        yield "generated %d" % i, generate(rng)
    for i in range(200):
        yield "mutated %d" % i, mutate(rng, rng.choice(sources) if i % 2 else generate(rng))


class Uapi(socketserver.StreamRequestHandler):
    """Remembers the last set operation."""
    last = ""

    def handle(self):
        lines = []
        for line in self.rfile:
            if line == b"\n":
                break
            lines.append(line.decode())
        if not lines:
            return
        if lines[0] == "set=1\n":
            Uapi.last = "".join(lines)
        self.wfile.write(b"errno=0\n\n")


def engine(text):
    """What an engine knows after a set operation, apart from what only one of the two can say."""
    peers, routes, private, peer = {}, {}, None, None
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == "private_key":
            private = value if value.strip("0") else None
        elif key == "public_key":
            peer = peers.setdefault(value, {"preshared_key": "0" * 64, "persistent_keepalive_interval": "0"})
            name = value
        elif key == "replace_allowed_ips":
            routes = {route: owner for route, owner in routes.items() if owner != name}
        elif key == "allowed_ip":
            routes[ipaddress.ip_network(value, strict=False)] = name
        elif key == "endpoint" and value.rpartition(":")[0] in HOSTS.values():
            peer.pop(key, None)
        elif key in ("endpoint", "preshared_key", "persistent_keepalive_interval"):
            peer[key] = value
    return private, peers, routes


Verdict = collections.namedtuple("Verdict", "valid unresolved told words")


def ask_wg(directory, text):
    path = directory / (INTERFACE + ".conf")
    path.write_bytes(text.encode())
    path.chmod(0o600)
    Uapi.last = ""
    strip = subprocess.run(["wg-quick", "strip", path], capture_output=True, timeout=30)
    if strip.returncode:
        return Verdict(False, False, "", strip.stderr.decode())
    path.write_bytes(strip.stdout)
    wg = subprocess.run(["wg", "setconf", INTERFACE, path], capture_output=True, text=True, timeout=30,
                        env={**os.environ, "WG_ENDPOINT_RESOLUTION_RETRIES": "0"})
    return Verdict(wg.returncode == 0, "not known" in wg.stderr, Uapi.last, wg.stderr)


def ask_us(directory, texts):
    paths = []
    for i, text in enumerate(texts):
        paths.append(directory / ("%d.conf" % i))
        paths[-1].write_bytes(text.encode())
    out = subprocess.run([os.environ["CHECK_CONFIG"], *paths], capture_output=True, text=True, check=True, timeout=60)
    verdicts = []
    for block in out.stdout.split("\n\n")[:-1]:
        lines = block.splitlines()
        codes = [line.split(": ")[2] for line in lines if ": error: " in line]
        told = "\n".join(line for line in lines if "=" in line and ": " not in line) if lines[0] == "valid" else ""
        verdicts.append(Verdict(not set(codes) - STRICTER, False, told, block))
        assert (lines[0] == "valid") == (not codes), block
    assert len(verdicts) == len(texts)
    return verdicts


def compare(directory):
    cases = [*corpus(), *tables(), *generated()]
    ours = ask_us(directory, [text for _, text in cases])
    accepted = rejected = skipped = 0
    failures = []
    for (name, text), us in zip(cases, ours):
        wg = ask_wg(directory, text)
        if wg.unresolved and us.valid:
            # A name of the right form that only a real resolver could judge.
            skipped += 1
        elif wg.valid != us.valid:
            failures.append("%s: wg says %s\n%s\n%s\n%s" % (name, wg.valid, text, wg.words, us.words))
        elif wg.valid and us.told and engine(wg.told) != engine(us.told):
            failures.append("%s: wg told\n%s\nwe told\n%s" % (name, wg.told, us.told))
        accepted += wg.valid
        rejected += not wg.valid
    print("%d accepted, %d rejected, %d names that only a resolver could judge, %d differences"
          % (accepted, rejected, skipped, len(failures)))
    print("\n".join(failures[:20]))
    return not failures and accepted >= 150 and rejected >= 150 and skipped <= 20


def main():
    """In the namespaces."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name)
        hosts, switch = directory / "hosts", directory / "nsswitch.conf"
        hosts.write_text("".join("%s %s\n" % (ip, host) for host, ip in HOSTS.items()))
        switch.write_text("hosts: files\nservices: files\n")
        for command in (["mount", "--bind", hosts, "/etc/hosts"], ["mount", "--bind", switch, "/etc/nsswitch.conf"],
                        ["mount", "-t", "tmpfs", "none", "/run"]):
            subprocess.run(command, check=True)
        os.makedirs("/run/wireguard")
        server = socketserver.ThreadingUnixStreamServer("/run/wireguard/%s.sock" % INTERFACE, Uapi)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.exit(0 if compare(directory) else 1)


def test_parity_with_wg():
    here = subprocess.run(["unshare", "-Urnm", "true"], capture_output=True, text=True)
    if here.returncode and not os.environ.get("WG_WRAP_MUST_WORK"):
        pytest.skip("no namespaces: " + here.stderr)
    run = subprocess.run(["unshare", "-Urnm", "--propagation", "private", sys.executable, __file__],
                         capture_output=True, text=True, timeout=280)
    print(run.stdout, run.stderr)
    assert run.returncode == 0


if __name__ == "__main__":
    main()
