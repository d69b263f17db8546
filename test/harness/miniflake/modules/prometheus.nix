# Prometheus and its node exporter, the real programs, where the machine is lent them.
{ config, lib, ... }:
let
  inherit (lib) mkOption mkEnableOption types;
  cfg = config.services.prometheus;
  inherit (cfg.exporters) node;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  # JSON is YAML.
  configuration = pkgs.writeText "prometheus.yml" (
    lib.toJSON {
      global = cfg.globalConfig;
      scrape_configs = cfg.scrapeConfigs;
    }
  );

  programs = "/run/fleet-machine/programs";

  listenAddress = mkOption {
    type = types.str;
    default = "0.0.0.0";
    description = "Address it listens on.";
  };
in
{
  options.services.prometheus = {
    enable = mkEnableOption "Prometheus";
    inherit listenAddress;
    port = mkOption {
      type = types.port;
      default = 9090;
      description = "TCP port it listens on.";
    };
    globalConfig = mkOption {
      type = types.attrsOf types.anything;
      default = { };
      description = "Section `global` of its configuration.";
    };
    scrapeConfigs = mkOption {
      type = types.listOf (types.attrsOf types.anything);
      default = [ ];
      description = "Section `scrape_configs` of its configuration.";
    };
    exporters.node = {
      enable = mkEnableOption "the node exporter";
      inherit listenAddress;
      port = mkOption {
        type = types.port;
        default = 9100;
        description = "TCP port it listens on.";
      };
    };
  };

  config.systemd.services = {
    prometheus = lib.mkIf cfg.enable {
      description = "Prometheus";
      serviceConfig.ExecStart = toString [
        "${programs}/prometheus"
        "--config.file=${configuration}"
        "--storage.tsdb.path=/var/lib/prometheus"
        "--web.listen-address=${cfg.listenAddress}:${toString cfg.port}"
      ];
    };
    prometheus-node-exporter = lib.mkIf node.enable {
      description = "Node exporter";
      serviceConfig.ExecStart = "${programs}/prometheus-node-exporter --web.listen-address=${node.listenAddress}:${toString node.port}";
    };
  };
}
