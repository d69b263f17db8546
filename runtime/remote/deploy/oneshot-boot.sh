#!/bin/sh
# Lets the next boot, and it alone, start the newest generation of the profile; every boot after it starts the system that is booted now,
# until the operator confirms that the new one came up. systemd-boot can do that: its EFI variables go before its configuration (bootctl(1)).
# usage: oneshot-boot.sh begin <state folder>    prints "trial <number> <system>" of what is booted now, or "no-trial <why>"
#        oneshot-boot.sh end <state folder>      the configuration, which names the newest generation, counts again
set -u
action=$1
state=$2
profile=/nix/var/nix/profiles/system
mark=$state/oneshot-boot

no_trial() {
  printf 'no-trial %s\n' "$1"
  exit 0
}

# Number of the generation that holds the system which is booted.
booted_generation() {
  for link in "$profile"-*-link; do
    if [ "$(readlink -f "$link")" = "$booted" ]; then
      number=${link#"$profile"-}
      printf '%s\n' "${number%-link}"
      return
    fi
  done
}

begin() {
  command -v bootctl >/dev/null || no_trial "there is no bootctl"
  bootctl is-installed >/dev/null 2>&1 || no_trial "its boot loader is not systemd-boot"
  booted=$(readlink -f /run/booted-system)
  old=$(booted_generation)
  new=$(readlink "$profile")
  new=${new#system-}
  new=${new%-link}
  if [ -z "$old" ]; then no_trial "the system that is booted has no generation"; fi
  if [ "$old" = "$new" ]; then no_trial "the system that is booted is the newest"; fi
  entries=$(bootctl --print-boot-path)/loader/entries
  for number in "$old" "$new"; do
    # With boot counting they have other names.
    if [ ! -e "$entries/nixos-generation-$number.conf" ]; then no_trial "generation $number has no boot entry of that name"; fi
  done
  # Committing a system undoes what is written here.
  mkdir -p "$state" && : >"$mark" && sync "$mark" || exit 1
  if bootctl set-default "nixos-generation-$old.conf" && bootctl set-oneshot "nixos-generation-$new.conf"; then
    printf 'trial %s %s\n' "$old" "$booted"
  else
    end
    no_trial "its firmware keeps no variables"
  fi
}

end() {
  if [ ! -e "$mark" ]; then return; fi
  bootctl set-oneshot ""
  bootctl set-default "" && rm -f "$mark"
}

case $action in
begin | end) "$action" ;;
*)
  printf 'unknown action: %s\n' "$action" >&2
  exit 64
  ;;
esac
