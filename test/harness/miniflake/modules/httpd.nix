# A web server with one page (busybox httpd, which every test machine has).
{ config, lib, ... }:
let
  inherit (lib) mkOption mkEnableOption types;
  cfg = config.services.httpd;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  site = pkgs.tree "site" [
    {
      how = "text";
      path = "index.html";
      source = "${cfg.page}\n";
    }
  ];
in
{
  options.services.httpd = {
    enable = mkEnableOption "the web server";
    port = mkOption {
      type = types.port;
      default = 80;
      description = "TCP port it listens on.";
    };
    page = mkOption {
      type = types.str;
      example = "Hello";
      description = "Text of its one page.";
    };
  };

  config = lib.mkIf cfg.enable {
    systemd.services.httpd = {
      description = "Web server";
      serviceConfig.ExecStart = "/usr/bin/busybox httpd -f -p ${toString cfg.port} -h ${site}";
    };
    networking.firewall.allowedTCPPorts = [ cfg.port ];
  };
}
