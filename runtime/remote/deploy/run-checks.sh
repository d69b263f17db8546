#!/usr/bin/env bash
# Says how healthy this host is. Changes nothing.
# usage: run-checks.sh units
#          prints "<unit> <active state> <sub state> <restarts>" for every unit
#        run-checks.sh compare <units before the activation> <units right after it> <patterns of units to ignore> [<units now>]
#          prints "worse <unit> <why>", "ignored <unit> <why>" or "as-before <unit> <why>" for every unit in trouble now
#        run-checks.sh boot <seconds until the verdict>
#          the same for units after a reboot; standard input has their state before it and the patterns: "before <unit> …", "ignored <pattern>"
#        run-checks.sh checks <file of checks, or - for standard input> <hundredths of a second until the earliest verdict> <the same until the last>
#          prints "check <index> ok|failed <seconds> <what was seen>" for each; see runtime/health/encode-checks.ts for the file
#        run-checks.sh journal <unit…>
#          prints each unit's last lines
set -u
export LC_ALL=C SYSTEMD_COLORS=0 SYSTEMD_PAGER='' PAGER=cat

units() {
  local unit='' active sub name value count=''
  local -A restarts=()
  # An empty line ends a unit. systemctl has its own order of properties, whatever is asked for first.
  while IFS='=' read -r name value; do
    case $name in
    Id) unit=$value ;;
    NRestarts) count=$value ;;
    '')
      if [[ -n $unit ]]; then restarts[$unit]=${count:-0}; fi
      unit='' count=''
      ;;
    esac
  done < <(systemctl show --all --property=Id --property=NRestarts '*.service' 2>/dev/null && echo)
  systemctl list-units --all --plain --no-legend --no-pager --full 2>/dev/null |
    while read -r unit _ active sub _; do
      printf '%s %s %s %s\n' "$unit" "$active" "$sub" "${restarts[$unit]:-0}"
    done
}

# A unit that is started again and again is "activating" most of the time, and "failed" never.
in_trouble() {
  case $1 in
  failed/*) echo "failed" ;;
  */auto-restart*) echo "is started again and again" ;;
  *) return 1 ;;
  esac
}

is_ignored() {
  local pattern
  for pattern in "${ignored[@]}"; do
    # shellcheck disable=SC2053 # A pattern is meant.
    if [[ $1 == $pattern ]]; then return 0; fi
  done
  return 1
}

compare() {
  local unit active sub count why verdict first
  local -A before=() restarts_before=() restarts_after=()
  local -a ignored=()
  mapfile -t ignored <"$3"
  while read -r unit active sub count; do
    before[$unit]=$active/$sub
    restarts_before[$unit]=$count
  done <"$1"
  while read -r unit active sub count; do restarts_after[$unit]=$count; done <"$2"
  if (($# > 3)); then exec <"$4"; else exec < <(units); fi
  while read -r unit active sub count; do
    if ! why=$(in_trouble "$active/$sub"); then
      # What systemd itself restarted after or during the activation; a restart by hand begins at 0 again.
      first=${restarts_after[$unit]:-0}
      if ((count <= first && first <= ${restarts_before[$unit]:-0})); then continue; fi
      why="was restarted $count times"
    fi
    verdict=worse
    if in_trouble "${before[$unit]:-}" >/dev/null; then verdict=as-before; fi
    if is_ignored "$unit" || is_ignored "${unit%.*}"; then verdict=ignored; fi
    printf '%s %s %s\n' "$verdict" "$unit" "$why"
  done
}

# Restarts while the system boots are nothing unusual: only those after the first look count.
boot() {
  local kind unit active sub count
  local -A was=()
  local -a patterns=() first=()
  while read -r kind unit active sub _; do
    case $kind in
    before) was[$unit]="$active $sub" ;;
    ignored) patterns+=("$unit") ;;
    esac
  done
  mapfile -t first < <(units)
  sleep "$1"
  compare <(
    for line in "${first[@]}"; do
      read -r unit _ _ count <<<"$line"
      printf '%s %s %s\n' "$unit" "${was[$unit]:-inactive dead}" "$count"
    done
  ) <(each_line "${first[@]}") <(each_line "${patterns[@]}")
}

each_line() { if (($# > 0)); then printf '%s\n' "$@"; fi; }

# Hundredths of a second since boot: the clock may jump while a new system is activated.
now() {
  local up
  read -r up _ </proc/uptime
  now=$((10#${up/./}))
}

decoded() { if [ "$1" != - ]; then base64 -d <<<"$1"; fi; }

# Each try prints what was seen and reports by its exit code whether it was good. usage: <folder for scratch> <seconds> <fields…>
try_http() {
  local scratch=$1 limit=$2 accepted expected status name value problem=''
  accepted=$(decoded "$4")
  expected=$(decoded "$5")
  # No -w for the whole answer: what is not read may be large.
  if ! status=$(decoded "$3" | curl -q --silent --show-error --proto '=http,https' --max-time "$limit" --max-filesize 4194304 \
    --dump-header "$scratch/header" --output "$scratch/body" --write-out '%{http_code}' --config - 2>"$scratch/error"); then
    tail -n 1 "$scratch/error"
    return 1
  fi
  if [[ -n $accepted ]]; then
    if [[ " $accepted " != *" $status "* ]]; then problem="status $status instead of $accepted"; fi
  elif [[ $status != 2?? ]]; then
    problem="status $status"
  fi
  if [[ -n $expected ]] && ! grep -qF -e "$expected" "$scratch/body" 2>/dev/null; then
    problem="${problem:+$problem, }the body does not hold \"$expected\""
  fi
  while IFS=':' read -r name value; do
    if [[ -n $name ]] && ! has_header "$scratch/header" "$name" "$value"; then
      problem="${problem:+$problem, }header $name does not hold \"$value\""
    fi
  done < <(decoded "$6" && echo)
  echo "${problem:-status $status}"
  [[ -z $problem ]]
}

# usage: has_header <file> <name in lower case> <text its value holds>
has_header() {
  local name value
  while IFS=':' read -r name value; do
    if [[ ${name,,} == "$2" && $value == *"$3"* ]]; then return 0; fi
  done <"$1"
  return 1
}

try_tcp() {
  # shellcheck disable=SC2016 # The inner shell expands them.
  timeout "$2" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$(decoded "$3")" "$(decoded "$4")" 2>&1 | tail -n 1
  case ${PIPESTATUS[0]} in
  0) return 0 ;;
  124) echo "no answer within $2 s" ;;
  esac
  return 1
}

# In the system that runs now, not in the one the tools of this program come from.
try_command() {
  local last code
  # What the command leaves behind may hold its output open for ever: its last line is not waited for longer than the command itself.
  last=$(
    PATH=/run/wrappers/bin:/run/current-system/sw/bin:$PATH timeout -k 2 "$2" sh -c "$(decoded "$3")" 2>&1 </dev/null |
      timeout "$((${2%.*} + 3))" tail -n 1
    exit "${PIPESTATUS[0]}"
  )
  code=$?
  case $code in
  0) echo "exit code 0" ;;
  124 | 137) echo "did not end within $2 s" ;;
  *) echo "exit code $code: $last" ;;
  esac
  return "$code"
}

# A check is good if it holds at the end of the settle time or later, and bad if it never does until the deadline.
make_check() {
  local index=$1 kind=$2 limit=$3 period=$4 started earliest last scratch seen verdict left
  shift 4
  now
  started=$now
  earliest=$((started + settle)) last=$((started + deadline))
  if ! scratch=$(mktemp -d 2>&1); then
    printf 'check %s failed 0.00 it could not be run: %s\n' "$index" "${scratch//[^[:print:]]/ }"
    exit 1
  fi
  # shellcheck disable=SC2064 # The folder is known now.
  trap "rm -rf '$scratch'" EXIT
  while :; do
    if seen=$("try_$kind" "$scratch" "$limit" "$@"); then verdict=ok; else verdict=failed; fi
    now
    if [ "$verdict" = ok ] && ((now >= earliest)); then break; fi
    if [ "$verdict" = failed ] && ((now + period > last)); then break; fi
    left=$((earliest - now))
    if [ "$verdict" = failed ] || ((left > period)); then left=$period; fi
    if ((left > 0)); then sleep "$((left / 100)).$(printf '%02d' $((left % 100)))"; fi
  done
  now
  left=$((now - started))
  seen=${seen//[^[:print:]]/ }
  printf 'check %s %s %s.%02d %s\n' "$index" "$verdict" "$((left / 100))" "$((left % 100))" "${seen:0:300}"
}

checks() {
  local -a words
  settle=$2 deadline=$3
  # Not /dev/stdin: a socket, such as sshd's, cannot be opened a second time.
  if [ "$1" != - ]; then exec <"$1"; fi
  while read -r -a words; do
    case ${words[1]-} in
    http | tcp | command) make_check "${words[@]}" & ;;
    *)
      echo "unknown check: ${words[*]}" >&2
      exit 64
      ;;
    esac
  done
  wait
}

journal() {
  local unit
  for unit in "$@"; do
    echo "$unit:"
    journalctl --unit="$unit" --lines=10 --no-pager --output=cat 2>/dev/null | cut -c 1-300 | sed 's/^/  /'
  done
}

action=${1-}
if [ $# -gt 0 ]; then shift; fi
case $action in
units | compare | boot | checks | journal) "$action" "$@" ;;
*)
  echo "usage: run-checks.sh units|compare|boot|checks|journal" >&2
  exit 64
  ;;
esac
