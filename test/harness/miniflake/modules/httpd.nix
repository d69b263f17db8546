# A web server with one page (busybox httpd, which every test machine has).
{ config, lib, ... }:
let
  inherit (lib) mkOption mkEnableOption types;
  cfg = config.services.httpd;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  listen = lib.optionalString (cfg.listenAddress != null) "${cfg.listenAddress}:" + toString cfg.port;
  # A page that a program makes is the index where there is no other (busybox httpd).
  site = pkgs.tree "site" [
    (
      if cfg.script == "" then
        {
          how = "text";
          path = "index.html";
          source = "${cfg.page}\n";
        }
      else
        {
          how = "link";
          path = "cgi-bin/index.cgi";
          source = pkgs.writeScript "page" ''
            #!/bin/sh
            printf 'Content-Type: text/plain\r\n\r\n'
            ${cfg.script}
          '';
        }
    )
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
    listenAddress = mkOption {
      type = types.nullOr types.str;
      default = null;
      example = "10.0.1.3";
      description = "The one IPv4 address it listens on; null: all there are.";
    };
    page = mkOption {
      type = types.str;
      example = "Hello";
      description = "Text of its one page.";
    };
    script = mkOption {
      type = types.lines;
      default = "";
      example = "uptime";
      description = "Shell script that prints the page each time somebody asks for it, in the place of a text.";
    };
  };

  config = lib.mkIf cfg.enable {
    systemd.services.httpd = {
      description = "Web server";
      serviceConfig.ExecStart = "/usr/bin/busybox httpd -f -p ${listen} -h ${site}";
      # The address may come a moment after the system has started.
      serviceConfig.Restart = lib.mkIf (cfg.listenAddress != null) "on-failure";
    };
    networking.firewall.allowedTCPPorts = [ cfg.port ];
  };
}
