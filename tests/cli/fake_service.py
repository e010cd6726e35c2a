# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for wg-wrapd, in a thread of the test: what it is asked it writes down, what it answers
the test says. It speaks the contract from the XML files of dbus/, so a call with other types than
the contract's never arrives. Tests of what the service itself does use the service itself."""
import pathlib
import threading

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib

DBUS = pathlib.Path(__file__).parents[2] / "dbus"
NAME = "org.wgwrap.WgWrap1"
ROOT = "/org/wgwrap/WgWrap1"
OBJECT_MANAGER = """<node><interface name="org.freedesktop.DBus.ObjectManager">
<method name="GetManagedObjects"><arg type="a{oa{sa{sv}}}" direction="out"/></method>
<signal name="InterfacesAdded"><arg type="o"/><arg type="a{sa{sv}}"/></signal>
<signal name="InterfacesRemoved"><arg type="o"/><arg type="as"/></signal>
</interface></node>"""


class Refusal(Exception):
    """The answer is an error of the contract."""

    def __init__(self, name, message):
        super().__init__(message)
        self.name = f"{NAME}.Error.{name}"


def escape(name):
    return "".join(chr(b) if chr(b).isalnum() and b < 128 else f"_{b:02x}" for b in name.encode())


class FakeService:
    def __init__(self, address):
        self.infos = {}
        for part in ("Manager", "Profile", "Session"):
            text = (DBUS / f"{NAME}.{part}.xml").read_text()
            self.infos[part] = Gio.DBusNodeInfo.new_for_xml(text).interfaces[0]
        self.manager_info = Gio.DBusNodeInfo.new_for_xml(OBJECT_MANAGER).interfaces[0]
        self.calls = []  # ("Manager.Join", arguments)
        self.files = []  # what the descriptors that were passed held
        self.raw = set()  # "Manager.Launch": its descriptors are left to the answer, which owns them
        self.descriptors = []  # of the last call
        self.answers = {}  # "Manager.Join": a function of (path, arguments) -> GLib.Variant or (…, fds)
        self.objects = {}  # path -> (part, properties)
        self.logs = {}  # path -> entries
        self.registrations = {}
        self.context = GLib.MainContext.new()
        self.loop = GLib.MainLoop.new(self.context, False)
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self._run, args=(address,), daemon=True)
        self.thread.start()
        assert self.ready.wait(10)

    # The thread

    def _run(self, address):
        self.context.push_thread_default()
        flags = (
            Gio.DBusConnectionFlags.AUTHENTICATION_CLIENT
            | Gio.DBusConnectionFlags.MESSAGE_BUS_CONNECTION
        )
        self.bus = Gio.DBusConnection.new_for_address_sync(address, flags, None, None)
        self.bus.register_object(ROOT, self.manager_info, self._managed, None, None)
        self._add(ROOT, "Manager", {"Version": "1", "DefaultProfile": "", "ProfilesDirectory": "/",
                                    "LinkRules": {}, "Browser": "", "DefaultBus": "auto",
                                    "DefaultLinger": 10})
        Gio.bus_own_name_on_connection(
            self.bus, NAME, Gio.BusNameOwnerFlags.NONE, lambda *a: self.ready.set(), None
        )
        self.loop.run()
        self.bus.close_sync(None)
        self.context.pop_thread_default()

    def _invoke(self, function):
        """Run it in the service's thread, and wait for it."""
        if threading.current_thread() is self.thread:
            function()
            return
        done = threading.Event()

        def run(_data=None):
            function()
            done.set()
            return False

        source = GLib.idle_source_new()
        source.set_callback(run)
        source.attach(self.context)
        assert done.wait(10)

    def _managed(self, _bus, _sender, _path, _interface, _method, _arguments, invocation):
        objects = {
            path: {f"{NAME}.{part}": self._variants(part, properties)}
            for path, (part, properties) in self.objects.items()
        }
        invocation.return_value(GLib.Variant("(a{oa{sa{sv}}})", (objects,)))

    def _variants(self, part, properties):
        info = self.infos[part]
        return {p.name: GLib.Variant(p.signature, properties[p.name]) for p in info.properties}

    def _method(self, _bus, _sender, path, interface, method, arguments, invocation):
        key = f"{interface.rpartition('.')[2]}.{method}"
        descriptors = invocation.get_message().get_unix_fd_list()
        self.descriptors = descriptors.steal_fds() if descriptors else []
        if key not in self.raw:
            for fd in self.descriptors:
                with open(fd, "rb") as file:
                    self.files.append(file.read())
        self.calls.append((key, arguments.unpack()))
        try:
            answer = self.answers.get(key, lambda *_: None)(path, arguments.unpack())
        except Refusal as refusal:
            invocation.return_dbus_error(refusal.name, str(refusal))
            return
        if isinstance(answer, tuple):
            fds = Gio.UnixFDList.new()
            fds.append(answer[1])
            invocation.return_value_with_unix_fd_list(answer[0], fds)
        else:
            invocation.return_value(answer)

    def _get(self, _bus, _sender, path, _interface, name):
        part, properties = self.objects[path]
        signature = self.infos[part].lookup_property(name).signature
        return GLib.Variant(signature, properties[name])

    def _set(self, _bus, _sender, path, _interface, name, value):
        self.objects[path][1][name] = value.unpack()
        self.calls.append((f"Set.{name}", (value.unpack(),)))
        return True

    def _add(self, path, part, properties):
        self.objects[path] = (part, properties)
        self.registrations[path] = self.bus.register_object(
            path, self.infos[part], self._method, self._get, self._set
        )

    # For tests

    def add(self, path, part, properties):
        def run():
            self._add(path, part, properties)
            added = {f"{NAME}.{part}": self._variants(part, properties)}
            self._emit(ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded",
                       GLib.Variant("(oa{sa{sv}})", (path, added)))

        self._invoke(run)
        return path

    def change(self, path, **changes):
        def run():
            part, properties = self.objects[path]
            properties.update(changes)
            all_of_them = self._variants(part, properties)
            changed = {name: all_of_them[name] for name in changes}
            self._emit(path, "org.freedesktop.DBus.Properties", "PropertiesChanged",
                       GLib.Variant("(sa{sv}as)", (f"{NAME}.{part}", changed, [])))

        self._invoke(run)

    def _emit(self, path, interface, signal, arguments):
        self.bus.emit_signal(None, path, interface, signal, arguments)

    def add_profile(self, name, **properties):
        defaults = {
            "Name": name, "Path": b"/p\0", "Valid": True, "Problems": [], "PublicKey": "PUB=",
            "Addresses": ["10.0.0.2/32"], "Dns": [], "SearchDomains": [], "Mtu": 0,
            "Peers": [{"public-key": GLib.Variant("s", "PEER="),
                       "endpoint": GLib.Variant("s", "vpn.example.com:51820"),
                       "allowed-ips": GLib.Variant("as", ["0.0.0.0/0"])}],
            "ForwardedPorts": [], "PublishedPorts": [], "TunnelDns": [], "Bus": "", "Session": "/",
            "AddressPage": "",
            "Autostart": False,
        }
        return self.add(f"{ROOT}/profiles/{escape(name)}", "Profile", {**defaults, **properties})

    def add_session(self, name, **properties):
        path = f"{ROOT}/sessions/{escape(name)}"
        profile = f"{ROOT}/profiles/{escape(name)}"
        defaults = {
            "Profile": profile, "State": "connected", "Reason": "",
            "Since": GLib.get_real_time() - 125 * 1000000,
            "Peers": [{"public-key": GLib.Variant("s", "PEER="),
                       "endpoint": GLib.Variant("s", "192.0.2.1:51820"),
                       "last-handshake":
                           GLib.Variant("t", GLib.get_real_time() // 1000000 - 12),
                       "rx-bytes": GLib.Variant("t", 1258291),
                       "tx-bytes": GLib.Variant("t", 3400)}],
            "RxBytes": 1258291, "TxBytes": 3400, "Programs": [(4242, "curl", "")],
            "Held": False, "Linger": 5, "LocalPorts": [],
        }
        self.add(path, "Session", {**defaults, **properties})
        self.change(profile, Session=path)
        return path

    def add_log(self, name, *entries):
        """What GetLog says of it: (time, severity, message)."""
        path = f"{ROOT}/profiles/{escape(name)}"
        self.logs.setdefault(path, []).extend(entries)
        self.answers["Profile.GetLog"] = lambda asked, arguments: GLib.Variant("(a(tss))", (
            [entry for entry in self.logs.get(asked, []) if entry[0] > arguments[0]],))

    def tell(self, name, *entry):
        """Logged, and part of the log from now on."""
        self.add_log(name, entry)
        self._invoke(lambda: self._emit(f"{ROOT}/profiles/{escape(name)}", f"{NAME}.Profile",
                                        "Logged", GLib.Variant("(tss)", entry)))

    def stop(self):
        self.loop.quit()
        self.thread.join(10)
