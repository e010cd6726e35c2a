# SPDX-License-Identifier: GPL-3.0-or-later
"""The machine wakes up: sessions look for their peers at once, by themselves."""
import os
import signal

import rig

WORD = "The machine has woken up: looking for the peers anew."


def prepare_for_sleep(host, address, begins):
    host.check("gdbus", "call", "--address", address, "-d", "org.freedesktop.login1", "-o",
               "/org/freedesktop/login1", "-m", "org.freedesktop.DBus.Mock.EmitSignal",
               "org.freedesktop.login1.Manager", "PrepareForSleep", "b", f"[<{begins}>]")


def test_a_new_handshake_is_made_when_the_machine_wakes_up(host, peer, work):
    address = f"unix:path={host.runtime}/system"
    bus = host.popen("dbus-daemon", "--nofork", "--nopidfile", f"--address={address}",
                     f"--config-file={host.directory}/bus.conf")
    logind = None
    try:
        rig.wait_for(lambda: rig.is_listening(host.runtime / "system"), "the system bus")
        host.environment["DBUS_SYSTEM_BUS_ADDRESS"] = address
        logind = host.popen("/usr/bin/python3", "-m", "dbusmock", "--system", "--template", "logind")
        host.check("gdbus", "wait", "--address", address, "--timeout", "20", "org.freedesktop.login1")
        # The service has run already, for the import, and without that bus.
        host.check("dbus-update-activation-environment", f"DBUS_SYSTEM_BUS_ADDRESS={address}")
        os.kill(host.service_pid(), signal.SIGKILL)
        rig.wait_for(lambda: host.service_pid() is None, "the bus to notice")
        assert host.wg_wrap("up", "--wait", work).returncode == 0

        def last():
            return int(peer.sh("wg", "show", "wgp", "latest-handshakes").split()[1])
        rig.wait_for(last, "the first handshake")
        peer.sh("sleep", "1.1")  # of handshakes, wg tells the second
        before = last()
        prepare_for_sleep(host, address, "true")
        prepare_for_sleep(host, address, "false")
        rig.wait_for(lambda: last() > before, "another handshake", 10)
        assert host.wg_wrap("logs", work).stdout.count(WORD) == 1
        # A system bus that goes takes nobody with it.
        pid = host.service_pid()
        bus.kill()
        bus.wait(rig.TIMEOUT)
        assert host.wg_wrap("run", work, "--", "curl", "-s", f"http://{peer.INSIDE4}/").stdout == peer.CLIENT4
        assert host.wg_wrap("down", work).returncode == 0
        assert host.service_pid() == pid
    finally:
        for child in filter(None, (logind, bus)):
            child.kill()
            child.wait(rig.TIMEOUT)
