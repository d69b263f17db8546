# Forwards to the web server, from another cloud. Several hosts share this configuration: each takes its own name from the stack.
{ config, lib, ... }:
let
  inherit (config.fleet) hosts managed;
in
{
  imports = [
    ../modules/hardware/scaleway.nix
    ./disko.nix
  ];

  networking.hostName = if managed then config.fleet.self else "edge";
  # The release this host was first installed with: never changed on an installed host.
  system.stateVersion = "26.05";

  services.nginx = {
    enable = true;
    recommendedGzipSettings = true;
    recommendedProxySettings = true;
    virtualHosts.default = {
      default = true;
      # A fact of the fleet: it follows the web server wherever that goes.
      locations = lib.optionalAttrs managed { "/".proxyPass = "http://${hosts.web.peerAddress}"; };
    };
  };

  networking.firewall.allowedTCPPorts = [ 80 ];
}
