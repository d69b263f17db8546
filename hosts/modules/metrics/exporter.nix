# Metrics of a host with the tag `monitored`, for the stack's hosts with the tag `monitoring`, and for no other host.
{ config, lib, ... }:
let
  inherit (config.fleet) hosts byTag;
  inherit (config.services.prometheus.exporters.node) port;
  monitored = lib.elem "monitored" (hosts.${config.fleet.self}.tags or [ ]);

  # They come from the address that they are reached at from here.
  sources = lib.filter (address: address != null) (
    map (name: hosts.${name}.peerAddress) (byTag.monitoring or [ ])
  );
  rule =
    address:
    "${if lib.hasInfix ":" address then "ip6" else "ip"} saddr ${address} tcp dport ${toString port} accept";
in
{
  config = lib.mkIf monitored {
    services.prometheus.exporters.node.enable = true;
    networking.firewall.extraInputRules = lib.concatStringsSep "\n" (map rule sources);
  };
}
