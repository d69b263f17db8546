# File systems that no boot waits for (`nofail`): where NixOS has mount units, which udev starts when their device appears, here each has a
# service that waits for it.
{ config, lib, ... }:
let
  inherit (lib) mkOption types;
  later = lib.filter (fileSystem: lib.elem "nofail" fileSystem.options) (lib.attrValues config.fileSystems);

  service =
    { mountPoint, device, fsType, autoFormat, autoResize, ... }:
    lib.nameValuePair "mount${builtins.replaceStrings [ "/" ] [ "-" ] mountPoint}" {
      description = mountPoint;
      serviceConfig.ExecStart = toString [
        "/bin/sh"
        "${../activation/mount.sh}"
        device
        mountPoint
        fsType
        (lib.toJSON autoFormat)
        (lib.toJSON autoResize)
      ];
    };
in
{
  options.services.udev.extraRules = mkOption {
    type = types.lines;
    default = "";
    description = "Rules of udev, which is not here: they are written down.";
  };

  config = {
    systemd.services = lib.listToAttrs (map service later);
    environment.etc = lib.mkIf (config.services.udev.extraRules != "") {
      "udev/rules.d/99-local.rules".text = config.services.udev.extraRules;
    };
  };
}
