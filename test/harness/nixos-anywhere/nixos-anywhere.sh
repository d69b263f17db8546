#!/usr/bin/env bash
# Stand-in for nixos-anywhere: same command line, same phases, same traces on the target, for tests where the real one cannot
# be fetched. Like the real one it verifies no host key and waits without a deadline: whoever calls it has to cope with that.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=test/harness/nixos-anywhere/command-line.sh
source "$here/command-line.sh"
# shellcheck source=test/harness/nixos-anywhere/remote.sh
source "$here/remote.sh"
# shellcheck source=test/harness/nixos-anywhere/phases.sh
source "$here/phases.sh"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

main() {
  parse_command_line "$@"
  check_command_line
  connect_options
  find_closures
  upload_key
  gather_facts
  require_tools
  if runs_phase kexec; then enter_installer; fi
  use_root
  if runs_phase disko; then format_disks; fi
  if runs_phase install; then install_system; fi
  if runs_phase reboot; then reboot_target; fi
  announce "Done!"
}

main "$@"
