# shellcheck shell=bash
# shellcheck disable=SC2034 # Read by the files sourced beside this one.
# The command line. Options of the real program that this stand-in lacks are named as such; anything else is a usage error.

target=''
identity=''
flake=''
disko_script=''
system=''
kexec_tarball=''
installer_port=22
extra_files=''
build_on=auto
copy_host_keys=n

disko_mode=disko
disko_dependencies=y
substitute=y
store_settings='compress=true'
given_ssh_options=()
nix_options=(--extra-experimental-features 'nix-command flakes' --no-write-lock-file)
ownership=()
disk_keys=()
phases=(kexec disko install reboot)

fail() {
  echo "aborted: $*" >&2
  exit 1
}

usage() {
  cat <<'TEXT'
Usage: nixos-anywhere [options] [<ssh-host>]   (stand-in for tests)

  -f, --flake <uri>#<name>      -s, --store-paths <disko-script> <system>
  --target-host <ssh-host>      -i <identity>          -p, --ssh-port <port>
  --ssh-option <name=value>     --ssh-store-setting <key> <value>
  --phases <list>               --no-reboot            --build-on auto|local|remote
  --kexec <path>                --post-kexec-ssh-port <port>
  --extra-files <folder>        --chown <path> <owner> --copy-host-keys
  --disk-encryption-keys <remote> <local>
  --disko-mode disko|mount|format                      --no-disko-deps
  --option <key> <value>        --show-trace           -L, --print-build-logs
  --no-substitute-on-destination                       --no-use-machine-substituters
  --debug                       --help
TEXT
}

# need COUNT OPTION VALUES...: an option and the values it takes.
need() {
  local wanted=$1 option=$2
  shift 2
  (($# >= wanted)) || fail "$option needs $wanted argument(s), but got $#"
}

parse_command_line() {
  while (($# > 0)); do
    local option=$1
    shift
    case $option in
    -f | --flake | --target-host | -i | -p | --ssh-port | --ssh-option | --phases | --build-on | --kexec | \
      --post-kexec-ssh-port | --extra-files | --disko-mode)
      need 1 "$option" "$@"
      take_value "$option" "$1"
      shift
      ;;
    -s | --store-paths | --ssh-store-setting | --chown | --disk-encryption-keys | --option)
      need 2 "$option" "$@"
      take_pair "$option" "$1" "$2"
      shift 2
      ;;
    --help)
      usage
      exit 0
      ;;
    -*) take_flag "$option" ;;
    *)
      if [[ -n $target ]]; then
        usage
        exit 1
      fi
      target=$option
      ;;
    esac
  done
}

take_value() {
  case $1 in
  -f | --flake) flake=$2 ;;
  --target-host) target=$2 ;;
  -i) identity=$2 ;;
  -p | --ssh-port) given_ssh_options+=(-p "$2") ;;
  --ssh-option) given_ssh_options+=(-o "$2") ;;
  --phases) take_phases "$2" ;;
  --kexec) kexec_tarball=$2 ;;
  --post-kexec-ssh-port) installer_port=$2 ;;
  --extra-files) extra_files=$2 ;;
  --build-on)
    [[ $2 =~ ^(auto|local|remote)$ ]] ||
      fail "Supported values for --build-on are auto, local and remote. Unknown mode : $2"
    build_on=$2
    ;;
  --disko-mode)
    [[ $2 =~ ^(disko|mount|format)$ ]] ||
      fail "Supported values for --disko-mode are disko, mount and format. Unknown mode : $2"
    disko_mode=$2
    ;;
  esac
}

take_pair() {
  case $1 in
  -s | --store-paths)
    disko_script=$(readlink -f "$2")
    system=$(readlink -f "$3")
    ;;
  --ssh-store-setting) store_settings+="&$2=$3" ;;
  --chown) ownership+=("$2" "$3") ;;
  --disk-encryption-keys) disk_keys+=("$2" "$3") ;;
  --option) nix_options+=(--option "$2" "$3") ;;
  esac
}

take_flag() {
  case $1 in
  --copy-host-keys) copy_host_keys=y ;;
  --no-disko-deps) disko_dependencies=n ;;
  --no-substitute-on-destination) substitute=n ;;
  --no-use-machine-substituters) ;; # This stand-in never copies them.
  --show-trace) nix_options+=(--show-trace) ;;
  -L | --print-build-logs) nix_options+=(-L) ;;
  --debug)
    set -x
    ;;
  --no-reboot)
    echo "WARNING: --no-reboot is deprecated, use --phases kexec,disko,install instead" >&2
    phases=(kexec disko install)
    ;;
  --vm-test | --generate-hardware-config | --env-password | --force-kexec | --kexec-extra-flags | --from | \
    --build-on-remote | --stop-after-disko | -t | --tty)
    fail "$1 is not in this stand-in"
    ;;
  *)
    # The real program takes an unknown option for a host name and then shows its usage or fails to connect.
    echo "unknown option: $1" >&2
    usage >&2
    exit 1
    ;;
  esac
}

take_phases() {
  local phase
  IFS=, read -r -a phases <<<"$1"
  for phase in "${phases[@]}"; do
    [[ $phase =~ ^(kexec|disko|install|reboot)$ ]] || fail "Unknown phase: $phase"
  done
}

runs_phase() {
  [[ " ${phases[*]} " == *" $1 "* ]]
}

check_command_line() {
  [[ -n $target ]] || fail "ssh-host must be set"
  if [[ -n $disko_script && $disko_mode != disko ]]; then
    fail "--disko-mode cannot be used if --store-paths is used"
  fi
  if [[ -n $flake && $flake != *'#'?* ]]; then
    echo "Please specify the name of the NixOS configuration to be installed, as a URI fragment in the flake-uri." >&2
    exit 1
  fi
  if [[ -z $flake && -z $disko_script ]]; then
    fail "--flake or --store-paths must be set"
  fi
  if [[ -n $disko_script && (! -e $disko_script || ! -e $system) ]]; then
    fail "$disko_script and $system must be existing store-paths"
  fi
  if [[ -z $identity ]]; then
    fail "-i is not optional in this stand-in"
  fi
}
