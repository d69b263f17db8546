# Services: unit files in systemd's format, of which activation/units.sh understands what is named here.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };
  names = description: mkOption {
    type = types.listOf types.str;
    default = [ ];
    inherit description;
  };

  service = types.submodule (service: {
    config.serviceConfig.ExecStart = lib.mkIf (service.config.script != "") (
      toString [
        (pkgs.writeScript service.name "#!/bin/sh\nset -e\n${service.config.script}")
        service.config.scriptArgs
      ]
    );
    options = {
      description = mkOption {
        type = types.str;
        default = "";
        description = "What the service is.";
      };
      before = names "Units that start after it. Only written down: units start in the order of their names.";
      requiredBy = names "Units that need it. Only written down.";
      script = mkOption {
        type = types.lines;
        default = "";
        description = "Shell script to run, in the place of ExecStart.";
      };
      scriptArgs = mkOption {
        type = types.str;
        default = "";
        description = "Its arguments.";
      };
      serviceConfig = {
        Type = mkOption {
          type = types.enum [
            "simple"
            "oneshot"
          ];
          default = "simple";
          description = "A oneshot is waited for before the next unit starts.";
        };
        RemainAfterExit = mkOption {
          type = types.bool;
          default = false;
          description = "Whether it counts as active when it has ended well.";
        };
        RuntimeDirectory = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "Folder below /run that is made for it.";
        };
        RuntimeDirectoryMode = mkOption {
          type = types.str;
          default = "0755";
          description = "Mode of that folder.";
        };
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
  });

  listed = key: units: lib.optionalString (units != [ ]) "${key}=${toString units}\n";
  oneshot =
    { Type, RemainAfterExit, RuntimeDirectory, RuntimeDirectoryMode, ... }:
    lib.optionalString (Type != "simple") "Type=${Type}\nRemainAfterExit=${lib.toJSON RemainAfterExit}\n"
    + lib.optionalString (RuntimeDirectory != null) "RuntimeDirectory=${RuntimeDirectory}\nRuntimeDirectoryMode=${RuntimeDirectoryMode}\n";

  unitText = service: ''
    [Unit]
    Description=${service.description}
    ${listed "Before" service.before}X-RestartIfChanged=${lib.toJSON service.restartIfChanged}

    [Service]
    ${oneshot service.serviceConfig}ExecStart=${service.serviceConfig.ExecStart}
    Restart=${service.serviceConfig.Restart}
    RestartSec=${toString service.serviceConfig.RestartSec}

    [Install]
    WantedBy=multi-user.target
    ${listed "RequiredBy" service.requiredBy}'';
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
