# SPDX-License-Identifier: GPL-3.0-or-later
# fish completion for wg-wrap(1). Profiles are read from their directory: no service is started by Tab.

function __wg_wrap_profiles
    set -l config $XDG_CONFIG_HOME
    test -n "$config"; or set config $HOME/.config
    for file in $config/wg-wrap/profiles/*.conf
        string replace -r '\.conf$' '' (__wg_wrap_basename $file)
    end
end

# What is kept for the profile that is named; without one: for which profiles, removed ones, too.
function __wg_wrap_data
    set -l data $XDG_DATA_HOME
    test -n "$data"; or set data $HOME/.local/share
    for directory in $data/wg-wrap/private/"$argv"/*/
        __wg_wrap_basename (string trim -r -c / $directory)
    end
end

function __wg_wrap_basename
    string replace -r '.*/' '' -- $argv
end

function __wg_wrap_applications
    set -l data $XDG_DATA_HOME
    test -n "$data"; or set data $HOME/.local/share
    set -l directories $XDG_DATA_DIRS
    test -n "$directories"; or set directories /usr/local/share:/usr/share
    for file in $data/applications/*.desktop (string split : -- $directories)/applications/*.desktop
        __wg_wrap_basename $file
    end
end

# How many words there are after the verb, without the one that is being typed.
function __wg_wrap_operands
    set -l words (commandline -opc)
    math (count $words) - 2
end

complete -c wg-wrap -f
complete -c wg-wrap -n __fish_use_subcommand -a run -d 'Run a command inside a tunnel'
complete -c wg-wrap -n __fish_use_subcommand -a shell -d 'Run a shell inside a tunnel'
complete -c wg-wrap -n __fish_use_subcommand -a open -d 'Open applications, files and links in a tunnel'
complete -c wg-wrap -n __fish_use_subcommand -a up -d 'Open a tunnel, and keep it open'
complete -c wg-wrap -n __fish_use_subcommand -a down -d 'Close a tunnel'
complete -c wg-wrap -n __fish_use_subcommand -a status -d 'Show the tunnels that are up'
complete -c wg-wrap -n __fish_use_subcommand -a logs -d 'Show what has happened to tunnels'
complete -c wg-wrap -n __fish_use_subcommand -a check -d 'Look for leaks in a tunnel'
complete -c wg-wrap -n __fish_use_subcommand -a profile -d 'List, make and change profiles'
complete -c wg-wrap -n __fish_use_subcommand -a link -d 'Open links in tunnels by their hosts'
complete -c wg-wrap -n __fish_use_subcommand -a autostart -d 'Open a tunnel at login'
complete -c wg-wrap -n __fish_use_subcommand -a keygen -d 'Make a pair of keys'
complete -c wg-wrap -n __fish_use_subcommand -a doctor -d 'Say what is wrong on this machine'
complete -c wg-wrap -n __fish_use_subcommand -a demo -d 'Try it out with a peer on this machine'
complete -c wg-wrap -n __fish_use_subcommand -a version -d 'Show the version'
complete -c wg-wrap -n __fish_use_subcommand -a help -d 'Show help'

complete -c wg-wrap -n '__fish_seen_subcommand_from run shell open up down status logs check autostart; and not __fish_seen_subcommand_from link; and test (__wg_wrap_operands) -eq 0' -a '(__wg_wrap_profiles)'
complete -c wg-wrap -n '__fish_seen_subcommand_from run; and test (__wg_wrap_operands) -ge 1' -a '(__fish_complete_subcommand --fcs-skip=3)'
complete -c wg-wrap -n '__fish_seen_subcommand_from open; and not __fish_seen_subcommand_from link; and test (__wg_wrap_operands) -ge 1' -F -a '(__wg_wrap_applications)'
complete -c wg-wrap -n '__fish_seen_subcommand_from run shell up' -s w -l wait -d 'Wait for the first handshake'
complete -c wg-wrap -n '__fish_seen_subcommand_from run shell up' -l timeout -x -d 'How long to wait, in seconds'
complete -c wg-wrap -n '__fish_seen_subcommand_from run shell' -s p -l profile -x -a '(__wg_wrap_profiles)' -d 'The profile'
complete -c wg-wrap -n '__fish_seen_subcommand_from open' -l action -x -d 'One of the application\'s actions'
complete -c wg-wrap -n '__fish_seen_subcommand_from open set' -l bus -x -a 'auto shared private' -d 'Session bus of what is launched'
complete -c wg-wrap -n '__fish_seen_subcommand_from set' -l forward -x -d 'Ports of this machine, reached in the tunnel'
complete -c wg-wrap -n '__fish_seen_subcommand_from set' -l publish -x -d 'Ports of the tunnel, reached on this machine'
complete -c wg-wrap -n '__fish_seen_subcommand_from set' -l dns -x -d 'Resolvers for a profile without DNS='
complete -c wg-wrap -n '__fish_seen_subcommand_from set' -l address-page -x -d 'Web page that tells your address'
complete -c wg-wrap -n '__fish_seen_subcommand_from down' -s f -l force -d 'End its programs'
complete -c wg-wrap -n '__fish_seen_subcommand_from status check doctor list; and not __fish_seen_subcommand_from help' -l json -d 'As JSON'
complete -c wg-wrap -n '__fish_seen_subcommand_from status' -s w -l watch -d 'Go on'
complete -c wg-wrap -n '__fish_seen_subcommand_from logs' -s f -l follow -d 'Go on'
complete -c wg-wrap -n '__fish_seen_subcommand_from logs' -l json -d 'As JSON'

complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and test (__wg_wrap_operands) -eq 0' -a 'list import show check edit set data rename export remove default'
complete -c wg-wrap -n '__fish_seen_subcommand_from show check edit set rename export remove default; and test (__wg_wrap_operands) -eq 1' -a '(__wg_wrap_profiles)'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from import check export' -F
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from import' -s n -l name -x -d 'The profile'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from show' -l secrets -d 'With private and preshared keys'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from data; and test (__wg_wrap_operands) -eq 1' -a '(__wg_wrap_profiles) (__wg_wrap_data)'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from data' -l remove -x -a '(__wg_wrap_data (commandline -opc)[4])' -d 'Delete it'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from data' -l remove-all -d 'Delete all of it'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from data' -l json -d 'As JSON'
complete -c wg-wrap -n '__fish_seen_subcommand_from profile; and __fish_seen_subcommand_from remove' -l data -d 'And what programs keep for it'

complete -c wg-wrap -n '__fish_seen_subcommand_from link; and test (__wg_wrap_operands) -eq 0' -a 'list add remove open default browser'
complete -c wg-wrap -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from add; and test (__wg_wrap_operands) -eq 2' -a '(__wg_wrap_profiles)'
complete -c wg-wrap -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from open' -F
complete -c wg-wrap -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from default' -a 'on off'
complete -c wg-wrap -n '__fish_seen_subcommand_from link; and __fish_seen_subcommand_from browser' -a '(__wg_wrap_applications)'
complete -c wg-wrap -n '__fish_seen_subcommand_from autostart; and test (__wg_wrap_operands) -eq 1' -a 'on off'

complete -c wg-wrap -n '__fish_seen_subcommand_from help; and test (__wg_wrap_operands) -eq 0' -a 'run shell open up down status logs check profile link autostart keygen doctor demo version'
complete -c wg-wrap -n '__fish_seen_subcommand_from help; and __fish_seen_subcommand_from profile; and test (__wg_wrap_operands) -eq 1' -a 'list import show check edit set data rename export remove default'
complete -c wg-wrap -n '__fish_seen_subcommand_from help; and __fish_seen_subcommand_from link; and test (__wg_wrap_operands) -eq 1' -a 'list add remove open default browser'
