#!/bin/sh
# Runs a command in a session that has a terminal, for a sudo that insists on one (sudoers(5), requiretty). Its standard input and
# output stay what they are: a terminal would spoil what passes through.
# usage: run-with-tty.sh <command, quoted for a shell>
exec 3<&0 4>&1 5>&2
SHELL=/bin/sh
export SHELL
script -q -e -c "$1 <&3 >&4 2>&5 3<&- 4>&- 5>&-" /dev/null </dev/null >/dev/null 2>&1
