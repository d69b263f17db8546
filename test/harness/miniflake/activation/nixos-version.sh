#!/bin/sh
# nixos-version: version of the running system.
exec cat /run/current-system/nixos-version
