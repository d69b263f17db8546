#!/bin/sh
# Gives a store that was filled without Nix its database.
# usage: infect-register.sh <version of the database's schema> <system>
# stdin: the database
set -eu
umask 022
database=/nix/var/nix/db
profiles=/nix/var/nix/profiles
rm -rf /nix/.fleet-incoming.*
mkdir -p "$database" "$profiles" /nix/var/nix/gcroots
cat >"$database/db.sqlite.new"
rm -f "$database/db.sqlite-wal" "$database/db.sqlite-shm"
printf '%s' "$1" >"$database/schema"
mv "$database/db.sqlite.new" "$database/db.sqlite"
ln -sfn "$profiles" /nix/var/nix/gcroots/profiles
ln -sfn "$2" "$profiles/system-1-link"
ln -sfn system-1-link "$profiles/system"
chown -R 0:0 /nix
chmod 755 /nix
chmod 1775 /nix/store
sync
