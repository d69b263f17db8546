#!/bin/sh
# A build that fails: environment `message`.
echo "${message:?}" >&2
exit 1
