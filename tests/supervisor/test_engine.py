# SPDX-License-Identifier: GPL-3.0-or-later
"""What the supervisor tells the engine, and what it makes of the answers. The engine is a fake one, which
says what the test wants."""
import os
import signal
import time

import pytest

from supervisor_rig import (CONFIG, OTHER_PEER_KEY, PEER_KEY, PRIVATE_KEY, Failed, GLib, memfd,
                            wait_for)
import base64

HEX = {key: base64.b64decode(key).hex() for key in (PRIVATE_KEY, PEER_KEY, OTHER_PEER_KEY)}


def peer(key=PEER_KEY, endpoint="127.0.0.1:9", handshake=0, rx=0, tx=0, waiting=0):
    lines = [f"public_key={HEX[key]}"]
    if endpoint:
        lines.append(f"endpoint={endpoint}")
    return "\n".join(lines + [
        f"last_handshake_time_sec={handshake}", "last_handshake_time_nsec=5", f"rx_bytes={rx}",
        f"tx_bytes={tx}", "persistent_keepalive_interval=0", "allowed_ip=0.0.0.0/0",
        f"waiting_since_sec={waiting}", "something_new=1", ""])


def judge(session, *peers):
    """State and Reason with an engine that says this of its peers."""
    session.home.say("get", "".join(peers))
    session.call("Refresh")
    return session.get("State"), session.get("Reason")


def sets(home):
    return [text for _, text in home.heard() if text.startswith("set=1")]


def test_the_engine_is_told_the_whole_configuration_before_the_session_is_ready(home):
    home.start()
    (_, first), *_ = home.heard()
    assert first.split() == [
        "set=1", f"private_key={HEX[PRIVATE_KEY]}", "replace_peers=true",
        f"public_key={HEX[PEER_KEY]}", "endpoint=127.0.0.1:9", "persistent_keepalive_interval=0",
        "replace_allowed_ips=true", "allowed_ip=0.0.0.0/0", "allowed_ip=::/0"]


def test_keys_are_in_no_command_line_no_environment_and_no_log(home):
    session = home.start()
    for pid in (session.process.pid, session.engine(), session.anchor()):
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            assert PRIVATE_KEY.encode() not in file.read()
    with open(f"/proc/{session.anchor()}/environ", "rb") as file:
        assert file.read() == b""
    session.home.say("errno", "22")
    with pytest.raises(Failed) as caught:
        session.call("Update", GLib.Variant("(hu)", (0, 1420)),
                     [memfd(CONFIG.replace(PRIVATE_KEY, OTHER_PEER_KEY))])
    for text in (str(caught.value), home.read_log()):
        assert PRIVATE_KEY not in text and OTHER_PEER_KEY not in text
        assert HEX[PRIVATE_KEY] not in text


def test_a_handshake_is_begun_at_once(home):
    home.start()
    wait_for(lambda: len(sets(home)) >= 2, "another request")
    intervals = [word.partition("=")[2] for word in sets(home)[1].split()
                 if word.startswith("persistent_keepalive_interval")]
    # Switched off, on, which sends one, and to what the profile says.
    assert intervals[0] == "0" and intervals[1] != "0" and intervals[-1] == "0"
    assert "private_key" not in sets(home)[1]


def test_reconnect_ends_the_sessions_with_the_peers_first(home):
    session = home.start()
    session.call("Reconnect")
    wait_for(lambda: len(sets(home)) >= 3, "another request")
    assert sets(home)[2].startswith(
        f"set=1 private_key={'0' * 64} private_key={HEX[PRIVATE_KEY]} public_key=")


# What people are told

def test_states(session):
    now = int(time.time())
    assert judge(session, peer()) == ("connecting", "")
    assert judge(session, peer(handshake=now)) == ("connected", "")
    # WireGuard's own patience is not at its end.
    assert judge(session, peer(handshake=now, waiting=now - 5)) == ("connected", "")
    state, reason = judge(session, peer(handshake=now - 60, waiting=now - 40))
    assert state == "stalled" and "127.0.0.1:9 has not answered since " in reason
    clock = time.strftime("%H:%M:%S", time.localtime(now - 40))
    assert clock in reason
    assert judge(session, peer(handshake=now)) == ("connected", "")


def test_since_is_when_the_state_began(session):
    began = session.get("Since")
    assert abs(began / 1e6 - time.time()) < 30
    judge(session, peer())
    assert session.get("Since") == began
    judge(session, peer(handshake=1))
    assert session.get("Since") > began


def test_a_silent_peer_beside_one_that_answers_is_worth_a_word_but_no_alarm(home):
    session = home.start(config=CONFIG + f"[Peer]\nPublicKey={OTHER_PEER_KEY}\n"
                                         "Endpoint=vpn.example.com:51820\n")
    now = int(time.time())
    state, reason = judge(session, peer(handshake=now),
                          peer(OTHER_PEER_KEY, endpoint="", waiting=now - 40))
    assert state == "connected" and "vpn.example.com:51820" in reason
    state, reason = judge(session, peer(handshake=now, waiting=now - 20),
                          peer(OTHER_PEER_KEY, endpoint="", waiting=now - 40))
    assert state == "stalled"


def test_time_alone_makes_a_state_stalled(session):
    """Without a word of the engine's: the one timer that runs while a peer is waited for."""
    now = int(time.time())
    assert judge(session, peer(handshake=now, waiting=now - 13))[0] == "connected"
    wait_for(lambda: session.get("State") == "stalled", "patience to end", 10)


def test_what_only_the_service_knows_is_shown_until_it_is_taken_back(session):
    now = int(time.time())
    session.call("SetReason", GLib.Variant("(s)", ("vpn.example.com does not resolve",)))
    assert session.get("Reason") == "vpn.example.com does not resolve"
    assert judge(session, peer(handshake=now)) == ("connected", "")
    assert judge(session, peer()) == ("connecting", "vpn.example.com does not resolve")
    session.call("SetReason", GLib.Variant("(s)", ("",)))
    assert judge(session, peer()) == ("connecting", "")


def test_counters_are_those_of_the_moment_after_refresh(session):
    judge(session, peer(handshake=7, rx=100, tx=2**63), peer(OTHER_PEER_KEY, endpoint="", rx=11))
    assert (session.get("RxBytes"), session.get("TxBytes")) == (111, 2**63)
    assert session.get("Peers") == [
        {"public-key": PEER_KEY, "endpoint": "127.0.0.1:9", "last-handshake": 7, "rx-bytes": 100,
         "tx-bytes": 2**63},
        {"public-key": OTHER_PEER_KEY, "endpoint": "", "last-handshake": 0, "rx-bytes": 11,
         "tx-bytes": 0}]


def wait_until_nobody_asks(home):
    """The engine, which is asked once a second as long as somebody watches."""
    def gets():
        return sum(text.startswith("get") for _, text in home.heard())

    def nobody_asks():
        before = gets()
        time.sleep(2.5)
        return gets() == before
    wait_for(nobody_asks, "nobody to ask")


def test_counters_are_followed_only_while_somebody_watches(home):
    session = home.start()
    wait_until_nobody_asks(home)
    session.call("Watch", GLib.Variant("(b)", (True,)))
    home.say("get", peer(rx=5))
    wait_for(lambda: session.get("RxBytes") == 5, "the counter")
    session.call("Watch", GLib.Variant("(b)", (False,)))
    wait_until_nobody_asks(home)


def test_a_wish_to_watch_goes_with_its_connection_and_no_other(home):
    def gets():
        return sum(text.startswith("get") for _, text in home.heard())

    session = home.start()
    first = session.connection
    session.call("Watch", GLib.Variant("(b)", (True,)))
    session.connect()
    session.call("Watch", GLib.Variant("(b)", (True,)))
    session.call("Watch", GLib.Variant("(b)", (False,)))
    before = gets()
    wait_for(lambda: gets() > before, "the first one's watch")
    first.close_sync(None)
    wait_until_nobody_asks(home)


@pytest.mark.parametrize("answer", [
    "public_key=zz\n", "public_key=\n", f"public_key={'a' * 63}\n", "rx_bytes=5\nrx_bytes=\n=\n===\n",
    f"public_key={'a' * 64}\nrx_bytes=-1\ntx_bytes=99999999999999999999999\nendpoint=\n",
    f"public_key={'a' * 64}\nendpoint=]:[:\nlast_handshake_time_sec=x\nwaiting_since_sec=18446744073709551615\n",
    "\xff\xfe".encode("utf-8").decode("latin-1") + "=\n", "x" * 100000 + "\n",
], ids=range(8))
def test_an_engine_s_nonsense_does_no_harm(session, answer):
    (session.home.programs / "engine.get").write_text(answer, encoding="utf-8")
    try:
        session.call("Refresh")
    except Failed:
        pass
    assert session.run("true")[0] == 0


# Endpoints

@pytest.mark.parametrize("address, port, text", [
    ("192.0.2.7", 51820, "192.0.2.7:51820"), ("2001:db8::7", 1, "[2001:db8::7]:1")])
def test_what_a_name_resolved_to_is_told_and_remembered(home, address, port, text):
    session = home.start(config=CONFIG.replace("127.0.0.1:9", "vpn.example.com:51820"))
    assert "endpoint" not in sets(home)[0]
    session.call("SetEndpoint", GLib.Variant("(ssq)", (PEER_KEY, address, port)))
    wait_for(lambda: any(f"endpoint={text}" in request for request in sets(home)), "the endpoint")
    before = session.engine()
    os.kill(before, signal.SIGKILL)
    wait_for(lambda: any(pid != before for pid, _ in home.heard()), "another engine")
    first = next(request for pid, request in home.heard() if pid != before and "set=1" in request)
    assert "replace_peers=true" in first and f"endpoint={text}" in first


@pytest.mark.parametrize("key, address, port", [
    ("", "192.0.2.7", 1), ("x", "192.0.2.7", 1), (OTHER_PEER_KEY, "192.0.2.7", 1),
    (PEER_KEY, "", 1), (PEER_KEY, "vpn.example.com", 1), (PEER_KEY, "192.0.2.7\nprivate_key=0", 1),
    (PEER_KEY, "192.0.2.0/24", 1), (PEER_KEY, "192.0.2.7", 0)])
def test_an_endpoint_that_is_none_is_refused(session, key, address, port):
    with pytest.raises(Failed) as caught:
        session.call("SetEndpoint", GLib.Variant("(ssq)", (key, address, port)))
    assert caught.value.name == "InvalidArgument"


# The engine's end

def test_an_engine_that_is_killed_is_replaced_and_told_everything(home):
    session = home.start()
    judge(session, peer(endpoint="198.51.100.3:777", handshake=5, rx=1000, tx=100))
    for _ in range(4):
        before = session.engine()
        os.kill(before, signal.SIGKILL)
        wait_for(lambda: session.children().get("wg-wrap-engine", before) != before, "another")
    wait_for(lambda: session.get("State") != "stalled", "it to be configured")
    # It is told where the peer was seen last, not only what the file says.
    last = [text for text in sets(home) if "replace_peers" in text][-1]
    assert last.count("endpoint=") == 2 and "endpoint=198.51.100.3:777" in last
    # And what the former ones have carried is not forgotten.
    judge(session, peer(rx=1, tx=2))
    assert session.get("RxBytes") >= 1001 and session.get("TxBytes") >= 102


def test_an_engine_that_does_not_live_is_started_again_and_again_but_not_in_haste(home):
    session = home.start()
    home.say("errno", "0")
    engine = home.programs / "wg-wrap-engine"
    good = engine.read_text(encoding="utf-8")
    count = home.programs / "count"
    engine.write_text(f"#!/bin/sh\necho >> {count}\n", encoding="ascii")
    os.kill(session.engine(), signal.SIGKILL)
    time.sleep(3)
    wait_for(lambda: count.exists() and len(count.read_text(encoding="ascii")) >= 2, "it to be tried again")
    assert session.get("State") == "stalled" and "engine" in session.get("Reason")
    assert len(count.read_text(encoding="ascii")) < 15
    engine.write_text(good, encoding="utf-8")
    wait_for(lambda: session.get("State") == "connecting", "an engine that lives", 10)
    assert session.get("Reason") == ""


def test_an_engine_that_does_not_take_its_configuration_is_replaced(home):
    session = home.start()
    home.say("deaf", "")
    os.kill(session.engine(), signal.SIGKILL)
    wait_for(lambda: not (home.programs / "engine.deaf").exists(), "one that does not listen")
    assert session.get("State") == "stalled"
    wait_for(lambda: session.get("State") == "connecting", "one that does")


def test_an_engine_follows_another_only_after_a_peer_would_listen(home):
    """Peers refuse what comes within 20 ms of the former one's last initiation."""
    session = home.start()
    session.call("Refresh")
    engine, log = home.programs / "wg-wrap-engine", home.programs / "started"
    good = engine.read_text(encoding="utf-8")
    engine.unlink()
    engine.write_text(f"#!/bin/sh\ndate +%s.%N >> {log}\n", encoding="ascii")
    engine.chmod(0o755)
    killed = time.time()
    os.kill(session.engine(), signal.SIGKILL)
    wait_for(lambda: log.exists() and log.read_text(encoding="ascii"), "another")
    engine.write_text(good, encoding="utf-8")
    assert float(log.read_text(encoding="ascii").split()[0]) > killed + 0.03


def test_an_engine_that_is_stopped_is_no_reason_to_wait(session):
    os.kill(session.engine(), signal.SIGSTOP)
    with pytest.raises(Failed, match="engine"):
        session.call("Refresh")
    assert session.run("true")[0] == 0
    os.kill(session.engine(), signal.SIGCONT)
    session.call("Refresh")


def test_a_session_with_a_stopped_engine_ends(home):
    session = home.start(linger=0)
    os.kill(session.engine(), signal.SIGSTOP)
    assert session.run("true")[0] == 0
    session.wait_ended()


# Update

def update(session, config, mtu=1420):
    session.call("Update", GLib.Variant("(hu)", (0, mtu)), [memfd(config)])


def wait_until_begun(home):
    """What the engine is told then is not told by what the test does."""
    wait_for(lambda: len(sets(home)) == 2, "the beginning to be over")


def box(session):
    """What a program sees of the network's configuration."""
    return session.run("sh", "-c", "ip -br addr show wg0; ip -o link show wg0; ip route; ip -6 route;"
                                   "cat /etc/resolv.conf /etc/nsswitch.conf")[1].decode()


def test_an_update_changes_what_has_changed_and_no_more(home):
    session = home.start()
    session.launch("sleep", "300")
    wait_until_begun(home)
    before = len(sets(home))
    update(session, CONFIG.replace("10.6.0.2/32", "10.6.0.3/32").replace("DNS = 10.6.0.1", "DNS = 10.9.9.9")
           .replace("0.0.0.0/0", "10.0.0.0/8") + "PersistentKeepalive = 7\n", 1300)
    told = sets(home)[before]
    assert "replace_peers" not in told and "private_key" not in told
    assert "persistent_keepalive_interval=7" in told and "allowed_ip=10.0.0.0/8" in told
    seen = box(session)
    assert "10.6.0.3/32" in seen and "10.6.0.2" not in seen and "mtu 1300" in seen
    assert "nameserver 10.9.9.9" in seen and "10.6.0.1" not in seen
    assert "10.0.0.0/8" in seen and "default dev wg0 scope link" not in seen
    assert len(session.programs()) == 1


def test_an_update_to_the_same_is_none(home):
    session = home.start()
    wait_until_begun(home)
    before = box(session)
    update(session, CONFIG)
    assert box(session) == before
    assert not any("replace" in text for text in sets(home)[1:])


@pytest.mark.parametrize("config, mtu, name", [
    ("nonsense", 1420, "InvalidProfile"),
    ("", 1420, "InvalidProfile"),
    (CONFIG.replace("10.6.0.2/32", "10.6.0.2/33"), 1420, "InvalidProfile"),
    (CONFIG.replace("Address", "# Address"), 1420, "InvalidProfile"),
    (CONFIG.replace("PrivateKey", "# PrivateKey"), 1420, "InvalidProfile"),
    (CONFIG.replace("10.6.0.2", "10.6.0.9"), 0, "InvalidArgument"),
    (CONFIG.replace("10.6.0.2", "10.6.0.9"), 4294967295, "InvalidArgument"),
    (CONFIG.replace("10.6.0.2", "10.6.0.9") + "A" * 2**21, 1420, "Invalid.*"),
], ids=range(8))
def test_an_update_that_cannot_be_changes_nothing(session, config, mtu, name):
    wait_until_begun(session.home)
    before, told = box(session), len(sets(session.home))
    with pytest.raises(Failed, match=name):
        update(session, config, mtu)
    assert box(session) == before and len(sets(session.home)) == told
    update(session, CONFIG.replace("10.6.0.2", "10.6.0.9"))
    assert "10.6.0.9" in box(session)


def test_an_update_that_the_engine_refuses_is_taken_back(session):
    home = session.home
    wait_until_begun(home)
    before = box(session)
    home.say("errno", "22")
    with pytest.raises(Failed, match="refuse"):
        update(session, CONFIG.replace("10.6.0.2", "10.6.0.9").replace("10.6.0.1", "10.8.8.8")
               .replace("127.0.0.1:9", "127.0.0.1:10"))
    home.say("errno", "0")
    assert box(session) == before
    # It may have taken a part of it: it is told the former state again.
    wait_for(lambda: "endpoint=127.0.0.1:9" in sets(home)[-1], "the engine to be told")
    count = len(sets(home))
    os.kill(session.engine(), signal.SIGKILL)
    wait_for(lambda: len(sets(home)) > count, "another engine")
    assert "endpoint=127.0.0.1:10" not in sets(home)[count]


def test_an_address_that_the_kernel_refuses_is_taken_back_with_all_the_rest(session):
    wait_until_begun(session.home)
    before, told = box(session), len(sets(session.home))
    with pytest.raises(Failed):
        # A group's address is nobody's own.
        update(session, CONFIG.replace("10.6.0.2/32", "10.6.0.9/32, ff02::1/128")
               .replace("10.6.0.1", "10.8.8.8"))
    assert box(session) == before and len(sets(session.home)) == told


def test_of_updates_that_come_during_another_the_last_one_is_done(session):
    os.kill(session.engine(), signal.SIGSTOP)
    first, second, third = [
        session.begin("Update", GLib.Variant("(hu)", (0, 1420)),
                      [memfd(CONFIG.replace("127.0.0.1:9", f"127.0.0.1:{port}"))])
        for port in (10, 11, 12)]
    with pytest.raises(Failed) as caught:
        update(session, "nonsense")  # which is in nobody's way
    assert caught.value.name == "InvalidProfile"
    with pytest.raises(Failed) as caught:
        second()
    assert caught.value.name == "Busy"
    os.kill(session.engine(), signal.SIGCONT)
    first()
    third()
    told = [word for text in sets(session.home) for word in text.split() if word.startswith("endpoint=")]
    assert told == [f"endpoint=127.0.0.1:{port}" for port in (9, 10, 12)]
    update(session, CONFIG.replace("127.0.0.1:9", "127.0.0.1:13"))


def test_an_update_that_waits_for_one_that_is_refused_is_done(session):
    os.kill(session.engine(), signal.SIGSTOP)
    session.home.say("errno", "22")
    first = session.begin("Update", GLib.Variant("(hu)", (0, 1420)),
                          [memfd(CONFIG.replace("10.6.0.2", "10.6.0.8").replace(":9", ":10"))])
    second = session.begin("Update", GLib.Variant("(hu)", (0, 1420)),
                           [memfd(CONFIG.replace("10.6.0.2", "10.6.0.9"))])
    session.get("State")  # both have come
    os.kill(session.engine(), signal.SIGCONT)
    with pytest.raises(Failed, match="refuse"):
        first()
    second()
    assert "10.6.0.9" in box(session) and "10.6.0.8" not in box(session)


def test_an_engine_that_dies_in_the_middle_of_an_update_gets_one_state_or_the_other(session):
    home = session.home
    for number in range(10):
        engine = session.engine()
        os.kill(engine, signal.SIGSTOP)
        port = 100 + number
        done = session.begin("Update", GLib.Variant("(hu)", (0, 1420)),
                             [memfd(CONFIG.replace("127.0.0.1:9", f"127.0.0.1:{port}"))])
        time.sleep(0.02)
        os.kill(engine, signal.SIGKILL)
        try:
            done()
            wanted = port
        except Failed:
            wanted = None
        wait_for(lambda: session.get("State") == "connecting", "another engine")
        session.call("Refresh")
        state = None  # what the last engine was told, taken together
        for _, text in home.heard():
            for word in text.split():
                if word.startswith("endpoint="):
                    state = word
        if wanted:
            assert state == f"endpoint=127.0.0.1:{wanted}"
        else:
            assert state != f"endpoint=127.0.0.1:{port}"
        update(session, CONFIG)


# Hostile calls

@pytest.mark.parametrize("pid", [0, 1, 2, 2**31 - 1, 2**31, 2**32 - 1])
def test_a_signal_reaches_only_the_session_s_programs(session, pid):
    with pytest.raises(Failed) as caught:
        session.call("Signal", GLib.Variant("(ui)", (pid, signal.SIGKILL)))
    assert caught.value.name == "InvalidArgument"


def test_a_signal_reaches_neither_strangers_nor_the_session_s_own(session):
    for pid in (os.getpid(), session.process.pid, session.engine(), session.anchor()):
        with pytest.raises(Failed) as caught:
            session.call("Signal", GLib.Variant("(ui)", (pid, signal.SIGKILL)))
        assert caught.value.name == "InvalidArgument"
    assert session.run("true")[0] == 0


@pytest.mark.parametrize("number", [-1, 65, 1000, 2**31 - 1, -2**31])
def test_a_signal_that_is_none_is_refused(session, number):
    pid = session.launch("sleep", "300")
    with pytest.raises(Failed) as caught:
        session.call("Signal", GLib.Variant("(ui)", (pid, number)))
    assert caught.value.name == "InvalidArgument"
    assert session.programs() == [pid]


@pytest.mark.parametrize("method, parameters", [
    ("Launch", None), ("Launch", GLib.Variant("(s)", ("true",))), ("Join", GLib.Variant("(s)", ("1",))),
    ("Join", GLib.Variant("(i)", (-1,))), ("Close", None), ("Close", GLib.Variant("(u)", (1,))),
    ("Signal", GLib.Variant("(uu)", (1, 9))), ("SetEndpoint", GLib.Variant("(s)", ("",))),
    ("Update", GLib.Variant("(u)", (5,))), ("Watch", None), ("NoSuchMethod", None),
    ("Update", GLib.Variant("(hu)", (0, 1420))), ("Update", GLib.Variant("(hu)", (-1, 1420))),
    ("Update", GLib.Variant("(hu)", (2**31 - 1, 1420))),
], ids=str)
def test_calls_of_the_wrong_kind_are_refused_and_harm_nothing(session, method, parameters):
    with pytest.raises(Failed):
        session.call(method, parameters)
    assert session.run("true")[0] == 0


def test_a_configuration_by_a_descriptor_that_would_block_is_refused(session):
    reader, writer = os.pipe()
    with pytest.raises(Failed):
        session.call("Update", GLib.Variant("(hu)", (0, 1420)), [reader])
    os.close(writer)
    os.close(reader)
    assert session.run("true")[0] == 0


def test_the_namespaces_are_handed_out(session):
    values, fds = session.call("Namespaces")
    names = [os.readlink(f"/proc/self/fd/{fds[handle]}").partition(":")[0] for handle in values]
    assert names == ["user", "mnt", "net"]
    assert os.readlink(f"/proc/self/fd/{fds[values[2]]}") == session.network()
    for fd in fds:
        os.close(fd)
