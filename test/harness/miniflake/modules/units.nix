# Services: unit files in systemd's format, of which activation/units.sh understands what is named here.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  service = types.submodule {
    options = {
      description = mkOption {
        type = types.str;
        default = "";
        description = "What the service is.";
      };
      serviceConfig = {
        ExecStart = mkOption {
          type = types.str;
          description = "Command line, an absolute path first.";
        };
        Restart = mkOption {
          type = types.enum [
            "no"
            "always"
            "on-failure"
          ];
          default = "no";
          description = "When a service that ended is started again.";
        };
        RestartSec = mkOption {
          type = types.int;
          default = 1;
          description = "Seconds before it is started again.";
        };
      };
      restartIfChanged = mkOption {
        type = types.bool;
        default = true;
        description = "Whether a changed unit is restarted by an activation.";
      };
    };
  };

  unitText = service: ''
    [Unit]
    Description=${service.description}
    X-RestartIfChanged=${lib.toJSON service.restartIfChanged}

    [Service]
    ExecStart=${service.serviceConfig.ExecStart}
    Restart=${service.serviceConfig.Restart}
    RestartSec=${toString service.serviceConfig.RestartSec}

    [Install]
    WantedBy=multi-user.target
  '';
in
{
  options.systemd.services = mkOption {
    type = types.attrsOf service;
    default = { };
    description = "Services by name; all of them start at boot.";
  };

  config.environment.etc = lib.listToAttrs (
    lib.mapAttrsToList
      (
        name: service:
          lib.nameValuePair "systemd/system/${name}.service" { text = unitText service; }
      )
      config.systemd.services
  );
}
