# Host keys that SSH on the machine knows, in /etc/ssh/ssh_known_hosts.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  knownHost = types.submodule {
    options = {
      hostNames = mkOption {
        type = types.listOf types.str;
        description = "Names and addresses, as known_hosts has them.";
      };
      publicKey = mkOption {
        type = types.str;
        description = "Type and key.";
      };
    };
  };
  known = lib.attrValues config.programs.ssh.knownHosts;
in
{
  options.programs.ssh.knownHosts = mkOption {
    type = types.attrsOf knownHost;
    default = { };
    description = "Hosts by a name of one's choice.";
  };

  config.environment.etc = lib.mkIf (known != [ ]) {
    "ssh/ssh_known_hosts".text = lib.concatMapStringsSep ""
      (
        host: "${lib.concatStringsSep "," host.hostNames} ${host.publicKey}\n"
      )
      known;
  };
}
