# SPDX-License-Identifier: GPL-3.0-or-later
"""What the architecture takes for granted of the libraries and of the session bus."""
import ctypes
import ctypes.util
import subprocess
import sys

IN_A_NETWORK = ["unshare", "--user", "--map-current-user", "--net"]
APPLICATION = """if True:
    from gi.repository import Gio
    application = Gio.Application(application_id="org.example.OneInstance")
    application.register()
    print("handed over" if application.get_is_remote() else "its own", flush=True)
    application.hold()
    application.connect("activate", lambda _: None)
    application.run()
"""


def on_a_bus(script, *arguments):
    """The words that a Python script prints on a session bus of its own."""
    done = subprocess.run(["dbus-run-session", "--", sys.executable, "-c", script, *arguments],
                          check=True, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
                          timeout=60)
    return done.stdout.splitlines()


def test_gdbus_starts_a_thread():
    assert on_a_bus("""if True:
        import os
        from gi.repository import Gio
        print(len(os.listdir("/proc/self/task")))
        Gio.bus_get_sync(Gio.BusType.SESSION)
        print(len(os.listdir("/proc/self/task")) > 1)""") == ["1", "True"]


def test_a_single_instance_hands_over_to_the_copy_outside_but_on_a_bus_of_its_own():
    assert on_a_bus("""if True:
        import os, signal, subprocess, sys
        application, *inside = sys.argv[1:]
        def start(*command):
            process = subprocess.Popen([*command, sys.executable, "-c", application], text=True,
                                       stdout=subprocess.PIPE, start_new_session=True)
            print(process.stdout.readline().strip(), flush=True)
            return process
        processes = [start(), start(*inside), start(*inside, "dbus-run-session", "--")]
        for process in processes:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()""", APPLICATION, *IN_A_NETWORK) == ["its own", "handed over", "its own"]


def test_blake2s_is_gcrypts_and_not_sodiums():
    sodium, gcrypt = (ctypes.CDLL(ctypes.util.find_library(name)) for name in ("sodium", "gcrypt"))
    assert hasattr(sodium, "crypto_generichash_blake2b")
    assert not hasattr(sodium, "crypto_generichash_blake2s")
    assert gcrypt.gcry_md_map_name(b"BLAKE2S_256") != 0
