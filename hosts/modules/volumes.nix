# Volumes of the host that outlive its server, mounted by their id at the provider.
#
# A blank volume gets a file system when it is first mounted, one that holds anything never does (systemd-makefs(8)); a file system grows
# with its volume. Volumes are attached to an installed host while it runs: udev has them mounted, and starts what waits for them.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  cfg = config.fleet.volumes;
  known = (config.fleet.hosts.${config.fleet.self} or { volumes = { }; }).volumes;

  # systemd.unit(5), String Escaping for Inclusion in Unit Names; the type of mount points leaves nothing else to escape.
  mountUnit =
    mountPoint:
    "${
      builtins.replaceStrings [ "-" "/" ] [ "\\x2d" "-" ] (lib.removePrefix "/" mountPoint)
    }.mount";

  # NixOS mounts these before the volume can be there.
  early = [
    "/etc"
    "/nix"
    "/nix/store"
    "/usr"
    "/var"
    "/var/lib"
    "/var/lib/nixos"
    "/var/log"
  ];

  volume = types.submodule {
    options = {
      mountPoint = mkOption {
        type = types.strMatching "(/[A-Za-z0-9_-]+)+";
        example = "/srv/data";
        description = "Where the volume is mounted.";
      };
      fsType = mkOption {
        type = types.enum [
          "ext4"
          "xfs"
          "btrfs"
        ];
        default = "ext4";
        description = "File system that a blank volume gets, and that one in use has.";
      };
      services = mkOption {
        type = types.listOf types.str;
        default = [ ];
        example = [ "postgresql" ];
        description = "Services that keep their data there: they start with the volume, and not without it.";
      };
    };
  };

  each = use: lib.mapAttrsToList use cfg;
in
{
  key = "pulumi-nixos/volumes";
  imports = [ ./fleet.nix ];

  options.fleet.volumes = mkOption {
    type = types.attrsOf volume;
    default = { };
    example = {
      data.mountPoint = "/srv/data";
    };
    description = "What becomes of the volumes that the stack's configuration gives this host, by name.";
  };

  config = {
    fileSystems = lib.mkMerge (
      each (
        name:
        { mountPoint, fsType, ... }:
        {
          ${mountPoint} = {
            inherit (known.${name}) device;
            inherit fsType;
            autoFormat = true;
            autoResize = true;
            # A host without its volume is reached, and says what is missing.
            options = [
              "nofail"
              "x-systemd.device-timeout=30s"
            ];
          };
        }
      )
    );

    services.udev.extraRules = lib.concatStrings (
      each (
        name:
        { mountPoint, ... }:
        ''
          SUBSYSTEM=="block", ENV{DEVLINKS}=="*${
            builtins.baseNameOf known.${name}.device
          }*", TAG+="systemd", ENV{SYSTEMD_WANTS}+="${mountUnit mountPoint}"
        ''
      )
    );

    systemd.services = lib.mkMerge (
      each (
        _:
        { mountPoint, services, ... }:
        lib.genAttrs services (_: {
          requires = [ (mountUnit mountPoint) ];
          after = [ (mountUnit mountPoint) ];
          wantedBy = [ (mountUnit mountPoint) ];
        })
      )
    );

    assertions =
      each
        (
          name: _: {
            assertion = known ? ${name};
            message = "fleet.volumes.${name}: the stack gives host `${config.fleet.self}` no volume of this name.";
          }
        )
      ++ each (
        name:
        { mountPoint, ... }: {
          assertion = !(builtins.elem mountPoint early);
          message = "fleet.volumes.${name}: `${mountPoint}` is mounted before a volume is there; take a folder below it.";
        }
      );
  };
}
