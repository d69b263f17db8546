#!/bin/sh
# Writes store paths as one stream for `nix-store --import`.
# usage: export-paths.sh
# stdin: store paths, one a line, each after those it refers to
set -eu
# A second call would begin a second stream, which the reader would ignore: too many at once is an error.
exec xargs -x -n 100000 -s 1000000 nix-store --export
