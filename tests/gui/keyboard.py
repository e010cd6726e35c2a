# SPDX-License-Identifier: GPL-3.0-or-later
"""A person's fingers: keys pressed on a display through the XTEST extension, for whatever has the
focus there."""
import ctypes

SHIFTED = '~!@#$%^&*()_+{}|:"<>?'
NAMES = {"\n": "Return", "\t": "Tab", " ": "space"}


class Keyboard:
    def __init__(self, screen):
        self.x, self.xtest = ctypes.CDLL("libX11.so.6"), ctypes.CDLL("libXtst.so.6")
        self.x.XOpenDisplay.restype = ctypes.c_void_p
        self.x.XStringToKeysym.restype = ctypes.c_ulong
        self.display = ctypes.c_void_p(self.x.XOpenDisplay(screen.display.encode()))
        assert self.display.value
        # Above every window, for without a window manager keys may go to where the pointer is; and
        # above nothing that has a tooltip.
        self.xtest.XTestFakeMotionEvent(self.display, -1, 160, 20, ctypes.c_ulong(0))

    def code(self, name):
        """Of a key by its X name; a letter that has another is its own."""
        symbol = self.x.XStringToKeysym(name.encode()) or ord(name)
        return self.x.XKeysymToKeycode(self.display, ctypes.c_ulong(symbol))

    def press(self, *names):
        """Together: press("Control_L", "s")."""
        codes = [self.code(name) for name in names]
        assert all(codes), names
        for code in codes:
            self.xtest.XTestFakeKeyEvent(self.display, code, 1, 0)
        for code in reversed(codes):
            self.xtest.XTestFakeKeyEvent(self.display, code, 0, 0)
        self.x.XSync(self.display, 0)

    def type(self, words):
        """ASCII, as on an American keyboard."""
        for letter in words:
            shift = ["Shift_L"] if letter.isupper() or letter in SHIFTED else []
            self.press(*shift, NAMES.get(letter, letter))

    def stop(self):
        self.x.XCloseDisplay(self.display)
