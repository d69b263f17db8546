# A stand-in for a database: a TCP listener that sends back what it gets.
{ config, lib, ... }:
let
  inherit (lib) mkOption mkEnableOption types;
  cfg = config.services.database;
in
{
  options.services.database = {
    enable = mkEnableOption "the database";
    port = mkOption {
      type = types.port;
      default = 5432;
      description = "TCP port it listens on.";
    };
  };

  config = lib.mkIf cfg.enable {
    systemd.services.database = {
      description = "Database";
      serviceConfig.ExecStart = "/usr/bin/busybox nc -ll -p ${toString cfg.port} -e /bin/cat";
      serviceConfig.Restart = "on-failure";
    };
    networking.firewall.allowedTCPPorts = [ cfg.port ];
  };
}
