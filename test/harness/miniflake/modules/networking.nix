{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  ports = mkOption {
    type = types.listOf types.port;
    default = [ ];
    description = "Ports the firewall lets in.";
  };
  ranges = mkOption {
    type = types.listOf (types.attrsOf types.port);
    default = [ ];
    description = "Ranges of ports the firewall lets in: attributes from and to.";
  };
  opened = {
    allowedTCPPorts = ports;
    allowedUDPPorts = ports;
    allowedTCPPortRanges = ranges;
    allowedUDPPortRanges = ranges;
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
      interfaces = mkOption {
        type = types.attrsOf (types.submodule { options = opened; });
        default = { };
        description = "What the firewall lets in through single interfaces.";
      };
      extraInputRules = mkOption {
        type = types.lines;
        default = "";
        description = "Further rules, as nftables has them.";
      };
    }
    // opened;
  };

  config.environment.etc.hostname.text = "${config.networking.hostName}\n";
}
