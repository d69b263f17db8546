{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  ports = mkOption {
    type = types.listOf types.port;
    default = [ ];
    description = "Ports the firewall lets in.";
  };
in
{
  options.networking = {
    hostName = mkOption {
      type = types.str;
      description = "Name of the host, without domain.";
    };
    firewall = {
      enable = mkOption {
        type = types.bool;
        default = true;
        description = "Whether the firewall is on. Described only: nothing filters packets in the miniature.";
      };
      allowedTCPPorts = ports;
      allowedUDPPorts = ports;
    };
  };

  config.environment.etc.hostname.text = "${config.networking.hostName}\n";
}
