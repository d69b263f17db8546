#!/bin/sh
# activate: makes /etc and /run show this system. Safe to run again. A failing step does not keep the later ones from running, as in
# NixOS; the exit code is 1 then. Does not touch services (see switch-to-configuration and init).
set -u
PATH=/usr/sbin:/usr/bin:/sbin:/bin
top=$(readlink -f "$(dirname "$(readlink -f "$0")")")
status=0

failed() {
  echo "Activation script snippet '$1' failed" >&2
  status=1
}

# Puts a file or link in place in one step: nobody ever sees it missing.
place() {
  mv -fT "$1" "$2"
}

set_up_etc() {
  mkdir -p /etc
  rm -rf /etc/.static.new /etc/.clean.new
  ln -s "$top/etc" /etc/.static.new && place /etc/.static.new /etc/static || return 1
  : >/etc/.clean.new
  (cd "$top/etc" && find . -type l) | sed 's|^\./||' | while read -r path; do
    mkdir -p "/etc/$(dirname "$path")"
    rm -rf "/etc/$path.new"
    if [ -e "$top/etc/$path.mode" ]; then
      cp -L "$top/etc/$path" "/etc/$path.new" && chmod "$(cat "$top/etc/$path.mode")" "/etc/$path.new" || exit 1
      echo "$path" >>/etc/.clean.new
    else
      ln -s "/etc/static/$path" "/etc/$path.new" || exit 1
    fi
    place "/etc/$path.new" "/etc/$path" || exit 1
  done || return 1
  remove_obsolete_etc
  place /etc/.clean.new /etc/.clean
}

# Removes what an earlier system put into /etc and this one does not have.
remove_obsolete_etc() {
  if [ -e /etc/.clean ]; then
    while read -r path; do
      if ! grep -qxF "$path" /etc/.clean.new; then rm -f "/etc/$path"; fi
    done </etc/.clean
  fi
  find /etc -xdev -lname '/etc/static/*' ! -exec test -e '{}' ';' -delete
}

set_hostname() {
  cat /etc/hostname >/proc/sys/kernel/hostname
}

set_up_persons() {
  [ -e /etc/persons ] || return 0
  while read -r name groups; do
    for group in $groups; do groupadd --force "$group" || return 1; done
    id "$name" >/dev/null 2>&1 || useradd --create-home --password '*' --shell /bin/sh "$name" || return 1
    for group in $groups; do usermod --append --groups "$group" "$name" || return 1; done
  done </etc/persons
}

inject_fault() {
  read -r fault seconds <"$top/fault" || [ -n "$fault" ] || return 1
  case $fault in
  activation)
    echo "faults.inject: this step fails" >&2
    return 1
    ;;
  slow) sleep "$seconds" ;;
  ssh)
    # Only a test machine may lose its network.
    if [ ! -d /usr/lib/fleet-machine ]; then
      echo "faults.inject: no test machine, the link stays up" >&2
      return 1
    fi
    ip link set eth0 down
    ;;
  esac
}

set_up_etc || failed etc
set_hostname || failed hostname
set_up_persons || failed users
inject_fault || failed fault
mkdir -p /run
ln -sfn "$top" /run/.current-system.new && place /run/.current-system.new /run/current-system || status=1
exit "$status"
