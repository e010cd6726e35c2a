# SPDX-License-Identifier: GPL-3.0-or-later
"""`wg-wrap run` against the real service."""
import os
import subprocess

import rig


def test_the_exit_status_is_the_commands(host, work):
    assert host.wg_wrap("run", work, "--", "sh", "-c", "exit 7").returncode == 7
    assert host.wg_wrap("run", work, "--", "/no/such/program").returncode == 127
    assert host.wg_wrap("run", work, "--", "/etc/passwd").returncode == 126
    assert host.wg_wrap("run", "no-such-profile", "--", "true").returncode == 125


def test_input_and_output_are_the_terminals(host, work):
    assert host.wg_wrap("run", work, "--", "cat", input="x").stdout == "x"


def test_every_byte_of_every_argument(host, work):
    arguments = [b"", b"a b", b"\xff\xfe", b"new\nline", b"'\"$`\\", b"x" * 131000, b"--", b"-h"]
    result = host.run(host.programs / "wg-wrap", "run", work, "--", "/usr/bin/printf", "%s\\0",
                      *arguments, text=False)
    assert result.stdout == b"".join(argument + b"\0" for argument in arguments)


def test_the_same_user_directory_and_environment(host, work):
    result = host.wg_wrap("run", work, "--", "sh", "-c", "id -u; pwd; echo $MARK $WG_WRAP_PROFILE",
                          cwd="/usr/share", env={**host.environment, "MARK": "here"})
    assert result.stdout.split() == [str(os.getuid()), "/usr/share", "here", work]


def test_ping_works_for_the_user(host, peer, work):
    result = host.wg_wrap("run", work, "--", "ping", "-c", "1", "-W", "5", peer.INSIDE4)
    assert result.returncode == 0, result.stdout + result.stderr


def test_only_lo_and_the_tunnel_are_inside(host, work):
    result = host.wg_wrap("run", work, "--", "ip", "-br", "link")
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["lo", "wg0"]


def test_programs_have_no_capability_and_cannot_get_out(host, work):
    status = host.wg_wrap("run", work, "--", "grep", "^Cap[IPEA]", "/proc/self/status").stdout
    assert {line.split()[1] for line in status.splitlines()} == {"0" * 16}
    for command in (["ip", "link", "add", "d0", "type", "dummy"],
                    ["ip", "addr", "add", "10.9.9.9/32", "dev", "wg0"],
                    ["nsenter", f"--net=/proc/{os.getpid()}/ns/net", "true"],
                    ["umount", "/etc"], ["sh", "-c", "echo nameserver 9.9.9.9 > /etc/resolv.conf"]):
        assert host.wg_wrap("run", work, "--", *command).returncode != 0, command


def test_keys_are_out_of_a_programs_reach(host, peer, work):
    script = ("for pid in $(pgrep -f 'wg-wrap-(supervisor|engine)'); do "
              "cat /proc/$pid/mem /proc/$pid/environ; ls /proc/$pid/fd; done 2>&1; "
              "ls $XDG_RUNTIME_DIR/wg-wrap")
    result = host.wg_wrap("run", work, "--", "sh", "-c", script)
    assert peer.client_private not in result.stdout and "Permission denied" in result.stdout
    shown = host.wg_wrap("run", work, "--", "wg", "show", "wg0", "dump")
    assert shown.returncode == 0, shown.stderr
    assert peer.client_private not in shown.stdout and peer.preshared not in shown.stdout
    assert peer.public in shown.stdout
    refused = host.wg_wrap("run", work, "--", "wg", "set", "wg0", "listen-port", "1")
    assert refused.returncode != 0


def test_nested_sandboxes_start(host, work):
    assert host.wg_wrap("run", work, "--", "unshare", "-Urn", "true").returncode == 0
    assert host.wg_wrap("run", work, "--", "bwrap", "--dev-bind", "/", "/", "true").returncode == 0


def test_a_second_program_shares_the_session(host, work):
    namespaces = set()
    children = [host.popen(host.programs / "wg-wrap", "run", work, "--", "sh", "-c",
                           "readlink /proc/self/ns/net; sleep 1", stdout=subprocess.PIPE, text=True)
                for _ in range(10)]
    for child in children:
        namespaces.add(child.communicate(timeout=rig.TIMEOUT)[0].strip())
        assert child.returncode == 0
    assert len(namespaces) == 1


def test_the_default_profile_is_told_and_taken(host, work):
    assert host.wg_wrap("profile", "default", work).returncode == 0
    assert host.wg_wrap("profile", "default").stdout == f"{work}\n"
    assert f"{work} *" in host.wg_wrap("profile", "list").stdout
    assert host.wg_wrap("run", "--", "sh", "-c", "echo $WG_WRAP_PROFILE").stdout == f"{work}\n"
