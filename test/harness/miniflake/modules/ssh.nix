# What the SSH server of the machine is asked for; the machine itself runs it.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.services.openssh;
in
{
  options.services.openssh = {
    enable = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the machine is reachable by SSH.";
    };
    openFirewall = mkOption {
      type = types.bool;
      default = true;
      description = "Whether the firewall lets SSH in.";
    };
    ports = mkOption {
      type = types.listOf types.port;
      default = [ 22 ];
      description = "Ports of the SSH server.";
    };
    settings = mkOption {
      type = types.attrsOf types.anything;
      default = { };
      description = "Lines of sshd_config.";
    };
    hostKeys = mkOption {
      type = types.listOf (types.attrsOf types.anything);
      default = [
        {
          type = "ed25519";
          path = "/etc/ssh/ssh_host_ed25519_key";
        }
      ];
      description = "Where the host's keys are.";
    };
  };

  config = {
    networking.firewall.allowedTCPPorts = lib.mkIf (cfg.enable && cfg.openFirewall) cfg.ports;
    # The machine's sshd takes its ports from here.
    environment.etc = lib.mkIf (cfg.ports != [ 22 ]) {
      "ssh/sshd_config".text = lib.concatMapStringsSep "" (port: "Port ${toString port}\n") cfg.ports;
    };
  };
}
