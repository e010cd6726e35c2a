# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# bash completion for wg-wrap(1). Profiles are read from their directory: no service is started by Tab.

_wg_wrap_offer() { # WORD…: those that begin with $cur, quoted as they have to be typed
    local word
    for word in "$@"; do
        [[ $word == "$cur"* ]] && COMPREPLY+=("$(printf '%q' "$word")")
    done
}

_wg_wrap_profiles() {
    local file
    for file in "${XDG_CONFIG_HOME:-$HOME/.config}"/wg-wrap/profiles/*.conf; do
        [[ -e $file ]] || continue
        file=${file##*/}
        _wg_wrap_offer "${file%.conf}"
    done
}

_wg_wrap_data() { # PROFILE: what is kept for it; without: for which profiles, removed ones, too
    local directory
    for directory in "${XDG_DATA_HOME:-$HOME/.local/share}/wg-wrap/private/$1"/*/; do
        [[ -e $directory ]] || continue
        directory=${directory%/}
        _wg_wrap_offer "${directory##*/}"
    done
}

_wg_wrap_applications() {
    local directory file
    local -a directories
    IFS=: read -ra directories <<<"${XDG_DATA_HOME:-$HOME/.local/share}:${XDG_DATA_DIRS:-/usr/local/share:/usr/share}"
    for directory in "${directories[@]}"; do
        for file in "$directory"/applications/*.desktop; do
            [[ -e $file ]] && _wg_wrap_offer "${file##*/}"
        done
    done
}

_wg_wrap_files() {
    local file
    while IFS= read -r file; do
        COMPREPLY+=("$file")
    done < <(compgen -f -- "$cur")
    compopt -o filenames 2>/dev/null
}

_wg_wrap_profile_verbs() {
    _wg_wrap_offer list import show check edit set data rename export remove default
}

_wg_wrap_link_verbs() {
    _wg_wrap_offer list add remove open default browser
}

_wg_wrap_options() { # VERB WORD: what --help of that verb lists
    case "$1 $2" in
    "run "* | "shell "*) _wg_wrap_offer --profile --wait --timeout ;;
    "open "*) _wg_wrap_offer --action --bus ;;
    "up "*) _wg_wrap_offer --wait --timeout ;;
    "down "*) _wg_wrap_offer --force ;;
    "status "*) _wg_wrap_offer --json --watch ;;
    "logs "*) _wg_wrap_offer --follow --json ;;
    "check "* | "doctor "* | "profile list" | "link list") _wg_wrap_offer --json ;;
    "profile import") _wg_wrap_offer --name ;;
    "profile show") _wg_wrap_offer --secrets ;;
    "profile set") _wg_wrap_offer --forward --publish --dns --bus --address-page ;;
    "profile data") _wg_wrap_offer --remove --remove-all --json ;;
    "profile remove") _wg_wrap_offer --data ;;
    esac
    _wg_wrap_offer --help
}

_wg_wrap_command() { # INDEX: a command and its own arguments begin there
    if ((COMP_CWORD > $1)) && declare -F _command_offset >/dev/null; then
        _command_offset "$1"
    elif ((COMP_CWORD == $1)); then
        mapfile -t COMPREPLY < <(compgen -c -- "$cur")
    else
        _wg_wrap_files
    fi
}

# Where the operands begin: after the verb and its options. Sets $first.
_wg_wrap_find_first() {
    first=$1
    while ((first < COMP_CWORD)) && [[ ${COMP_WORDS[first]} == -?* && ${COMP_WORDS[first]} != -- ]]; do
        case ${COMP_WORDS[first]} in
        -p | --profile | --timeout | --name) ((first++)) ;;
        esac
        ((first++))
    done
}

_wg_wrap() {
    local cur=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]} verb=${COMP_WORDS[1]}
    local first
    COMPREPLY=()

    if ((COMP_CWORD == 1)); then
        _wg_wrap_offer run shell open up down status logs check profile link autostart keygen doctor demo version help
        return
    fi
    _wg_wrap_find_first 2
    # The value of an option; what stands behind run's operand is the command's own.
    if [[ $verb != run ]] || ((first > COMP_CWORD)); then
        case $previous in
        -p | --profile) _wg_wrap_profiles ;;
        --bus) _wg_wrap_offer auto shared private ;;
        --remove) _wg_wrap_data "${COMP_WORDS[3]}" ;;
        --timeout | -n | --name | --action | --forward | --publish | --dns | --address-page) ;;
        *) previous='' ;;
        esac
        [[ $previous ]] && return
    fi
    if [[ $cur == -* && $verb != run ]]; then
        _wg_wrap_options "$verb" "${COMP_WORDS[2]}"
        return
    fi
    case $verb in
    run)
        if [[ " ${COMP_WORDS[*]:2:first-2} " == *" -p "* || " ${COMP_WORDS[*]:2:first-2} " == *" --profile"* ||
            ${COMP_WORDS[first]} == -- && first -lt COMP_CWORD ]]; then
            [[ ${COMP_WORDS[first]} == -- ]] && ((first++))
            _wg_wrap_command "$first"
        elif ((COMP_CWORD == first)); then
            if [[ $cur == -* ]]; then
                _wg_wrap_options run ''
            else
                _wg_wrap_profiles
            fi
        else
            [[ ${COMP_WORDS[first + 1]} == -- && first+1 -lt COMP_CWORD ]] && ((first++))
            _wg_wrap_command $((first + 1))
        fi
        ;;
    shell | up | down | status | logs | check) _wg_wrap_profiles ;;
    open)
        if ((COMP_CWORD == first)); then
            _wg_wrap_profiles
        else
            _wg_wrap_applications
            _wg_wrap_files
        fi
        ;;
    profile)
        if ((COMP_CWORD == 2)); then
            _wg_wrap_profile_verbs
            return
        fi
        case ${COMP_WORDS[2]} in
        import) _wg_wrap_files ;;
        check | export)
            _wg_wrap_profiles
            _wg_wrap_files
            ;;
        data)
            _wg_wrap_profiles
            _wg_wrap_data ""
            ;;
        show | edit | set | rename | remove | default) _wg_wrap_profiles ;;
        esac
        ;;
    autostart)
        if ((COMP_CWORD == 2)); then
            _wg_wrap_profiles
        else
            _wg_wrap_offer on off
        fi
        ;;
    link)
        if ((COMP_CWORD == 2)); then
            _wg_wrap_link_verbs
            return
        fi
        case ${COMP_WORDS[2]} in
        add) ((COMP_CWORD == 4)) && _wg_wrap_profiles ;;
        open) _wg_wrap_files ;;
        default) _wg_wrap_offer on off ;;
        browser) _wg_wrap_applications ;;
        esac
        ;;
    help)
        case $COMP_CWORD${COMP_WORDS[2]} in
        2*) _wg_wrap_offer run shell open up down status logs check profile link autostart keygen doctor demo version ;;
        3profile) _wg_wrap_profile_verbs ;;
        3link) _wg_wrap_link_verbs ;;
        esac
        ;;
    esac
}

complete -F _wg_wrap wg-wrap
