# For hosts with `bootstrap: infect`: at the first boot the old system's files move to /old-root. systemd's initial RAM disk does not act on
# /etc/NIXOS_LUSTRATE by itself (NixOS/nixpkgs#357878); the older scripted one does, and needs nothing.
{ config, lib, ... }:
{
  config = lib.mkIf config.boot.initrd.systemd.enable {
    boot.initrd.systemd.services.lustrate = {
      description = "Move the old system to /old-root";
      unitConfig = {
        DefaultDependencies = false;
        ConditionPathExists = "/sysroot/etc/NIXOS_LUSTRATE";
      };
      # Nothing may be mounted on the root yet.
      requires = [ "sysroot.mount" ];
      after = [ "sysroot.mount" ];
      before = [
        "initrd-root-fs.target"
        "sysroot-run.mount"
      ];
      requiredBy = [ "initrd-root-fs.target" ];
      serviceConfig = {
        Type = "oneshot";
        StandardOutput = "journal+console";
        StandardError = "journal+console";
      };
      script = builtins.readFile ./lustrate.sh;
    };
  };
}
