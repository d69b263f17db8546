# Disk layouts in disko's words, for what the test machines' kernel can do: GPT, ext4, LUKS that stays closed. An ESP is made but not mounted
# (no vfat there).
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  pkgs = import ../lib/pkgs.nix { system = config.nixpkgs.hostPlatform; };

  content = import ./disko-content.nix lib;

  partition = types.submodule (
    { config, ... }:
    {
      options = {
        type = mkOption {
          type = types.enum [
            "EF00"
            "EF02"
            "8300"
          ];
          default = "8300";
          description = "Type code of sgdisk(8).";
        };
        size = mkOption {
          type = types.str;
          example = "512M";
          description = "Size, or `100%` for the rest.";
        };
        # As disko: boot code first, the partition that takes the rest last.
        priority = mkOption {
          type = types.int;
          default =
            if config.size == "100%" then
              9001
            else if config.type == "EF02" then
              100
            else
              1000;
          description = "Order on the disk, low first.";
        };
        content = mkOption {
          type = types.nullOr content.type;
          default = null;
          description = "What is on it.";
        };
      };
    }
  );

  disk = types.submodule {
    options = {
      type = mkOption {
        type = types.enum [ "disk" ];
        default = "disk";
        description = "Kind of device.";
      };
      device = mkOption {
        type = types.str;
        example = "/dev/sda";
        description = "The device. All data on it is lost at the install.";
      };
      content = {
        type = mkOption {
          type = types.enum [ "gpt" ];
          description = "Partition table.";
        };
        partitions = mkOption {
          type = types.attrsOf partition;
          description = "Partitions by name.";
        };
      };
    };
  };

  byPriority =
    partitions:
    lib.sort (a: b: a.value.priority < b.value.priority) (
      lib.mapAttrsToList lib.nameValuePair partitions
    );

  # LABEL TYPE SIZE FORMAT MOUNTPOINT OPTIONS for each partition, as disko/disko.sh takes them.
  arguments =
    name: disk:
    [ disk.device ]
    ++ lib.concatMap
      (
        partition:
        [
          "disk-${name}-${partition.name}"
          partition.value.type
          partition.value.size
        ]
        ++ content.words partition.value.content
      )
      (byPriority disk.content.partitions);

  # Both find their tools where they run; the difference shows which of them did.
  script =
    tools: name: modes:
    pkgs.writeScript name (
      lib.concatMapStringsSep "" (line: "${line}\n") (
        [
          "#!/bin/sh"
          "set -eu"
          "# tools: ${tools}"
        ]
        ++ lib.mapAttrsToList
          (
            diskName: disk:
            "/bin/bash ${../disko/disko.sh} ${
            lib.escapeShellArgs (
              [
                modes
                config.disko.rootMountPoint
              ]
              ++ arguments diskName disk
            )
          }"
          )
          config.disko.devices.disk
      )
    );
  scripts = tools: {
    diskoScript = script tools "disko" "destroy,format,mount";
    destroyScript = script tools "disko-destroy" "destroy";
    formatScript = script tools "disko-format" "format";
    mountScript = script tools "disko-mount" "mount";
  };
in
{
  options.disko = {
    devices.disk = mkOption {
      type = types.attrsOf disk;
      default = { };
      description = "Disks by name.";
    };
    rootMountPoint = mkOption {
      type = types.str;
      default = "/mnt";
      description = "Where the new root is mounted during the install.";
    };
  };

  config.system.build =
    scripts "brought along"
    // lib.listToAttrs (
      lib.mapAttrsToList (name: lib.nameValuePair "${name}NoDeps") (scripts "the installer's")
    );
}
