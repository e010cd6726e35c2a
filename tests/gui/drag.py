# SPDX-License-Identifier: GPL-3.0-or-later
"""A window from which the files that are named can be dragged, as from a file manager."""
import pathlib
import sys

import gi

gi.require_version("Gdk", "4.0")
gi.require_version("Gtk", "4.0")
from gi.repository import Gdk, Gio, GLib, Gtk  # noqa: E402

TITLE = "Files to Drag"


def on_activate(application):
    uris = "".join(f"{pathlib.Path(path).as_uri()}\r\n" for path in sys.argv[1:])
    source = Gtk.DragSource(actions=Gdk.DragAction.COPY)
    source.set_content(Gdk.ContentProvider.new_for_bytes("text/uri-list", GLib.Bytes.new(uris.encode())))
    label = Gtk.Label(label=TITLE)
    label.add_controller(source)
    Gtk.ApplicationWindow(application=application, title=TITLE, child=label, default_width=200,
                          default_height=200).present()


main = Gtk.Application(flags=Gio.ApplicationFlags.NON_UNIQUE)
main.connect("activate", on_activate)
main.run([])
