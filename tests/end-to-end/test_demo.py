# SPDX-License-Identifier: GPL-3.0-or-later
"""StartDemo: a tunnel for who has none yet, and what becomes of it."""
import os
import re
import signal

import rig

PAGE = "http://10.99.0.1/"


def start(host):
    answer = host.gdbus("Manager", "StartDemo")
    assert answer.returncode == 0, (answer.stderr, host.read_log())
    path, page = re.fullmatch(r"\(objectpath '(.*)', '(.*)'\)\n", answer.stdout).groups()
    assert page == PAGE
    return path.rpartition("/")[2].replace("_2d", "-")


def peers(host):
    """The demo's other ends: children of the service, whatever they are to us."""
    return host.processes("wg-wrap-demo-pe")["wg-wrap-demo-pe"]


def visit(host, name):
    return host.check(host.programs / "wg-wrap", "run", "--wait", name, "--",
                      host.programs / "wg-wrap-demo-peer", f"--fetch={PAGE}")


def test_its_page_is_seen_inside_and_nowhere_else(host):
    assert visit(host, start(host)) == "You came from 10.99.0.2"
    outside = host.run(host.programs / "wg-wrap-demo-peer", f"--fetch={PAGE}")
    assert outside.returncode == 1 and outside.stdout == ""


def test_a_second_one_is_the_first(host):
    assert start(host) == start(host) == "demo"
    assert len(peers(host)) == 1


def test_removing_its_profile_ends_its_other_end(host):
    start(host)
    host.check(host.programs / "wg-wrap", "profile", "remove", "demo")
    rig.wait_for(lambda: not peers(host), "the peer's end")
    assert start(host) == "demo"


def test_one_whose_other_end_has_gone_is_taken_over_with_its_programs(host):
    start(host)
    assert visit(host, "demo") == "You came from 10.99.0.2"
    os.kill(host.service_pid(), signal.SIGKILL)
    rig.wait_for(lambda: not peers(host) and host.service_pid() is None, "the peer's end")
    assert start(host) == "demo"
    assert visit(host, "demo") == "You came from 10.99.0.2"


def test_a_profile_that_is_somebodys_is_left_alone(host, peer):
    host.import_profile("demo", peer.profile())
    assert start(host) == "demo-2"
    assert peer.public in host.check(host.programs / "wg-wrap", "profile", "show", "demo")
