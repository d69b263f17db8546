# What the initial RAM disk does before the system starts: which root it mounts, and services that run before anything else. The machines'
# firmware acts on both where a system boots that was put on a disk in place (machines/guest/stage-1.sh).
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };

  fileSystem = types.submodule (
    { name, ... }:
    {
      options = {
        mountPoint = mkOption {
          type = types.str;
          default = name;
          description = "Where it is mounted.";
        };
        device = mkOption {
          type = types.str;
          description = "What is mounted.";
        };
        fsType = mkOption {
          type = types.str;
          default = "auto";
          description = "File system.";
        };
        options = mkOption {
          type = types.listOf types.str;
          default = [ "defaults" ];
          description = "Options of mount(8).";
        };
        autoFormat = mkOption {
          type = types.bool;
          default = false;
          description = "Whether a blank device gets the file system.";
        };
        autoResize = mkOption {
          type = types.bool;
          default = false;
          description = "Whether the file system grows with its device.";
        };
      };
    }
  );

  words = mkOption {
    type = types.listOf types.str;
    default = [ ];
    description = "As in systemd.unit(5).";
  };
  service = types.submodule {
    options = {
      description = mkOption {
        type = types.str;
        default = "";
        description = "What the service is.";
      };
      unitConfig = {
        DefaultDependencies = mkOption {
          type = types.bool;
          default = true;
          description = "As in systemd.unit(5).";
        };
        ConditionPathExists = mkOption {
          type = types.nullOr types.str;
          default = null;
          description = "It runs only where this is there.";
        };
      };
      requires = words;
      after = words;
      before = words;
      requiredBy = words;
      serviceConfig = mkOption {
        type = types.attrsOf types.str;
        default = { };
        description = "As in systemd.service(5).";
      };
      script = mkOption {
        type = types.str;
        description = "What it does, in bash.";
      };
    };
  };

  entry = path: source: {
    how = "link";
    inherit path source;
  };
  serviceEntries = name: service: [
    (entry "services/${name}/script" (pkgs.writeScript "${name}-start" "#!/bin/bash\nset -e\n${service.script}"))
    (entry "services/${name}/condition" (
      pkgs.writeText "${name}-condition" "${toString service.unitConfig.ConditionPathExists}\n"
    ))
  ];
  line = fileSystem: "${fileSystem.device} ${fileSystem.mountPoint} ${fileSystem.fsType}\n";
in
{
  options = {
    fileSystems = mkOption {
      type = types.attrsOf fileSystem;
      default = { };
      description = "File systems by mount point.";
    };
    boot.initrd.systemd = {
      enable = mkOption {
        type = types.enum [ true ];
        default = true;
        description = "systemd in the initial RAM disk; there is no other here.";
      };
      services = mkOption {
        type = types.attrsOf service;
        default = { };
        description = "Its services.";
      };
    };
  };

  config.system.build.initialRamdisk = pkgs.tree "initrd" (
    [
      (entry "fstab" (
        pkgs.writeText "fstab" (lib.concatMapStringsSep "" line (lib.attrValues config.fileSystems))
      ))
    ]
    ++ lib.concatLists (lib.mapAttrsToList serviceEntries config.boot.initrd.systemd.services)
  );
}
