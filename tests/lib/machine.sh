# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
#
# What tests/run and tests/demo share: a bare Debian made ready, an ordinary user, and a copy of the
# tree that is that user's. Only what is missing is put there.

SOURCE=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
TEST_USER=wg-wrap-test
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin # Debian's own Python and meson

say() {
    printf '\n== %s\n' "$*"
}

die() {
    echo "${0##*/}: $*" >&2
    exit 1
}

# as_root COMMAND…: by sudo where it needs to be.
as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        command -v sudo >/dev/null || die "this needs root or sudo: $*"
        sudo "$@"
    fi
}

# need_packages SECTION…: those that tests/packages lists below a comment of that word.
need_packages() {
    local wanted missing
    wanted=$(awk -v sections=" $* " '
        /^#/ { word = $2; sub(":", "", word); on = index(sections, " " word " ") }
        /^[a-z]/ && on' "$SOURCE/tests/packages")
    missing=$(for package in $wanted; do
        dpkg-query -W -f='${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed ||
            echo "$package"
    done)
    [ -n "$missing" ] || return 0
    say "installing ${missing//$'\n'/ }"
    as_root apt-get -qq update
    # shellcheck disable=SC2086 # words
    as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
        install $missing >/dev/null </dev/null
}

# A desktop's udev makes the node so; a bare machine may have none, or root's alone.
need_tun() {
    if [ ! -c /dev/net/tun ]; then
        as_root mkdir -p /dev/net
        as_root mknod /dev/net/tun c 10 200
    fi
    if [ "$(stat -L -c %a /dev/net/tun)" != 666 ]; then
        as_root chmod 0666 /dev/net/tun
    fi
}

# The tunnel is tested as an ordinary user, so root makes one.
need_user() {
    if [ "$(id -u)" != 0 ]; then
        TEST_USER=$(id -un)
    elif ! id "$TEST_USER" >/dev/null 2>&1; then
        useradd --create-home --shell /bin/bash "$TEST_USER"
    fi
}

# as_user COMMAND…: as the ordinary user, with nothing of this environment.
as_user() {
    local home
    home=$(getent passwd "$TEST_USER" | cut -d: -f6)
    set -- env -i PATH="$PATH" HOME="$home" USER="$TEST_USER" LANG=C.UTF-8 "$@"
    if [ "$(id -u)" = 0 ]; then
        setpriv --reuid="$TEST_USER" --regid="$(id -g "$TEST_USER")" --clear-groups -- "$@" </dev/null
    else
        "$@" </dev/null
    fi
}

# copy_of_source DIRECTORY: the tree as it stands, uncommitted changes included but nothing that is
# ignored, with its history; the clone itself may be where the user cannot read.
copy_of_source() {
    local git=(git -c "safe.directory=*" -C "$SOURCE")
    mkdir -p "$1"
    if "${git[@]}" rev-parse --git-dir >/dev/null 2>&1; then
        cp -R "$("${git[@]}" rev-parse --path-format=absolute --git-common-dir)" "$1/.git"
        rm -rf "$1/.git/worktrees" "$1/.git/hooks"
        "${git[@]}" rev-parse HEAD >"$1/.git/HEAD"
        "${git[@]}" ls-files -z --cached --others --exclude-standard --deduplicate |
            (cd "$SOURCE" && xargs -0 sh -c 'for f; do [ ! -e "$f" ] || printf "%s\0" "$f"; done' sh) |
            tar -C "$SOURCE" --null -T - -c -f - | tar -C "$1" -x -f -
        git -c "safe.directory=*" -C "$1" reset -q
    else
        tar -C "$SOURCE" --exclude='./build*' -c -f - . | tar -C "$1" -x -f -
    fi
    if [ "$(id -u)" = 0 ]; then
        chown -R "$TEST_USER:" "$1"
    fi
}
