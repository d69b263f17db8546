# GRUB where the firmware finds it without settings of its own: on BIOS in the EF02 partition (disko names its disk), on UEFI at the
# removable path of the ESP at /boot/efi. Kernels stay on /boot, so the ESP does not fill up.
{ lib, pkgs, ... }:
{
  boot.loader = {
    efi.efiSysMountPoint = "/boot/efi";
    efi.canTouchEfiVariables = false;
    grub = {
      enable = true;
      efiSupport = true;
      efiInstallAsRemovable = true;
      # ARM machines have no BIOS.
      devices = lib.mkIf (!pkgs.stdenv.hostPlatform.isx86) (lib.mkForce [ "nodev" ]);
    };
  };
}
