# Prometheus, which scrapes every host of the stack with the tag `monitored`. Its page has no password: open it through
# `ssh -L 9090:localhost:9090`.
{ config, lib, ... }:
let
  inherit (config.fleet) hosts byTag;
  inherit (config.services.prometheus.exporters.node) port;
  bracketed = address: if lib.hasInfix ":" address then "[${address}]" else address;
  target =
    name:
    let
      address = hosts.${name}.peerAddress;
    in
    {
      targets = [
        (
          if address == null then
            throw "Prometheus cannot reach ${name}: the two hosts share no network and no kind of address"
          else
            "${bracketed address}:${toString port}"
        )
      ];
      labels.host = name;
    };
in
{
  services.prometheus = {
    enable = true;
    listenAddress = lib.mkDefault "127.0.0.1";
    scrapeConfigs = [
      {
        job_name = "node";
        static_configs = map target byTag.monitored;
      }
    ];
  };
}
