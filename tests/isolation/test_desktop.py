# SPDX-License-Identifier: GPL-3.0-or-later
"""What a desktop's program needs is reached from a tunnel: the display, sound, agents, accessibility, and a
session bus, whatever its address. Programs of which there is one for each desktop are one in the tunnel."""
import os
import pathlib
import signal
import socket
import subprocess
import threading

import pytest

import rig
from screen import Screen

# What runs outside, its socket in the runtime directory, and a client with a word of its answer.
SERVERS = {
    "Wayland": (("weston", "--backend=headless-backend.so", "--socket=wayland-5", "--no-config"), "wayland-5",
                ("wayland-info",), "wl_compositor"),
    "PipeWire": (("pipewire",), "pipewire-0", ("pw-cli", "info", "0"), "core.name"),
    "PulseAudio": (("pulseaudio", "-n", "--exit-idle-time=-1", "--load=module-native-protocol-unix",
                    "--load=module-null-sink"), "pulse/native",
                   ("sh", "-c", "head -c 20000 /dev/zero | pacat && pactl list short sinks"), "null"),
}
# IBus does not run without a desktop.
SAY = "import socket, sys; s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]); print(s.recv(9))"
# A window, and what a screen reader sees: the applications' names, once that one is there.
WINDOW = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import GLib, Gtk
GLib.set_prgname("read-me")
window = Gtk.Window(title="window")
window.show()
Gtk.main()
"""
READ = """
import time
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi
desktop = Atspi.get_desktop(0)
names = []
for _ in range(200):
    names = [desktop.get_child_at_index(i).get_name() for i in range(desktop.get_child_count())]
    if "read-me" in names:
        break
    time.sleep(0.1)
print(names)
"""


@pytest.fixture(name="screen")
def fixture_screen(host):
    made = Screen(host)
    yield made
    made.stop()


def run(host, work, *command):
    done = host.wg_wrap("run", work, "--", *command)
    assert done.returncode == 0, (command, done.stderr)
    return done.stdout


def inside(host, work):
    return run(host, work, "readlink", "/proc/self/ns/net").strip()


@pytest.mark.parametrize("name", SERVERS)
def test_a_desktops_server_is_reached(host, work, name):
    command, path, client, word = SERVERS[name]
    host.environment["WAYLAND_DISPLAY"] = "wayland-5"
    server = host.popen(*command, stdout=host.log, stderr=host.log)
    rig.wait_for(lambda: rig.is_listening(host.runtime / path), name)
    assert word in run(host, work, *client)
    server.kill()
    server.wait(rig.TIMEOUT)


def test_the_input_methods_socket_is_reached(host, work):
    path = host.runtime / "ibus/dbus-1"
    path.parent.mkdir(exist_ok=True)
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(os.fspath(path))
        listener.listen()
        threading.Thread(target=lambda: listener.accept()[0].sendall(b"here"), daemon=True).start()
        assert run(host, work, "/usr/bin/python3", "-c", SAY, path) == "b'here'\n"


def test_x11_is_reached_by_its_path(host, work, screen):
    """The other socket, which has none, is out of reach, and libraries try the next."""
    assert "number of screens" in run(host, work, "xdpyinfo")


@pytest.mark.parametrize("bus", ["shared", "private"])
def test_a_screen_reader_reads_a_window_inside(host, work, screen, bus):
    (host.directory / "services/org.a11y.Bus.service").write_text(
        pathlib.Path("/usr/share/dbus-1/services/org.a11y.Bus.service").read_text())
    argv = str(["/usr/bin/python3", "-c", WINDOW])
    launched = host.gdbus("Manager", "Launch", work, argv,
                          "{'bus': <'%s'>, 'setenv': <{'DISPLAY': '%s'}>}" % (bus, host.environment["DISPLAY"]))
    assert launched.returncode == 0, launched.stderr
    assert host.check("/usr/bin/python3", "-c", READ) == "['read-me']", host.read_log()


def test_agents_sign_inside(host, work):
    agent = host.popen("ssh-agent", "-D", "-a", host.runtime / "ssh", stdout=subprocess.DEVNULL)
    rig.wait_for(lambda: rig.is_listening(host.runtime / "ssh"), "ssh-agent")
    host.environment["SSH_AUTH_SOCK"] = str(host.runtime / "ssh")
    key = host.home / "key"
    host.check("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    host.check("ssh-add", "-q", key)
    key.unlink()  # what signs now is the agent
    (host.home / "text").write_text("a text")
    run(host, work, "ssh-keygen", "-q", "-Y", "sign", "-f", f"{key}.pub", "-n", "test", host.home / "text")
    assert (host.home / "text.sig").read_text().startswith("-----BEGIN SSH SIGNATURE-----")
    agent.kill()
    agent.wait(rig.TIMEOUT)


def test_gpg_finds_the_agent_outside(host, work):
    host.environment["GNUPGHOME"] = str(host.home / "gnupg")
    (host.home / "gnupg").mkdir(mode=0o700)
    ask = ("gpg-connect-agent", "--no-autostart", "getinfo pid", "/bye")
    host.check("gpgconf", "--launch", "gpg-agent")
    assert run(host, work, *ask).strip() == host.check(*ask)
    host.check("gpgconf", "--kill", "gpg-agent")


@pytest.fixture
def terminal(host):
    """The user's bus, too, can start the terminal's server."""
    name = "org.gnome.Terminal.service"
    (host.directory / "services" / name).write_text(
        pathlib.Path("/usr/share/dbus-1/services", name).read_text())


@pytest.mark.parametrize("name, command", [("org.gnome.Calculator", "gnome-calculator"),
                                           ("org.gnome.Terminal", "gnome-terminal"),
                                           ("xfce4-terminal", "xfce4-terminal")])
def test_a_second_copy_of_an_application_is_in_the_tunnel(host, terminal, screen, work, name, command):
    """Its window is a process's in the tunnel, and so is that of a third start."""
    outside = host.popen(command, start_new_session=True, stdout=host.log, stderr=host.log)
    theirs = screen.next_window()
    for _ in range(2):
        done = host.wg_wrap("open", work, name)
        assert done.returncode == 0, (done.stderr, host.read_log())
        ours = screen.next_window()
        assert ours != theirs
        assert os.readlink(f"/proc/{ours}/ns/net") == inside(host, work)
    host.wg_wrap("down", "--force", work)
    os.kill(theirs, signal.SIGKILL)
    outside.wait(rig.TIMEOUT)


@pytest.mark.parametrize("bus", ["shared", "private"])
def test_xdg_open_opens_in_the_tunnel(host, work, bus):
    """Though the desktop would have it done outside."""
    shown = host.home / "shown"
    applications = host.home / ".local/share/applications"
    applications.mkdir(parents=True)
    (applications / "handler.desktop").write_text(
        "[Desktop Entry]\nType=Application\nName=Handler\nMimeType=x-scheme-handler/example;\n"
        f"Exec=sh -c 'echo \"$0\" $(readlink /proc/self/ns/net) >>{shown}' %u\n")
    (host.home / ".config").mkdir(exist_ok=True)
    (host.home / ".config/mimeapps.list").write_text(
        "[Default Applications]\nx-scheme-handler/example=handler.desktop\n")
    search = f"{host.programs}:{host.environment['PATH']}"
    options = "{'bus': <'%s'>, 'setenv': <{'PATH': '%s', 'BROWSER': 'false'}>}" % (bus, search)
    answer = host.gdbus("Manager", "Launch", work, "['xdg-open', 'example:a/page']", options)
    assert answer.returncode == 0, answer.stderr
    word, namespace = rig.wait_for(lambda: shown.exists() and shown.read_text(), "it").split()
    assert word == "example:a/page" and namespace == inside(host, work)
