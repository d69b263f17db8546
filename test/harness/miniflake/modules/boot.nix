# Boot options other tools look at; the machine's firmware reads /boot/loader/default only.
{ lib, ... }:
let
  inherit (lib) mkOption mkEnableOption types;
in
{
  options = {
    boot = {
      kernelParams = mkOption {
        type = types.listOf types.str;
        default = [ "console=ttyS0" ];
        description = "Kernel command line.";
      };
      loader = {
        grub = {
          enable = mkOption {
            type = types.bool;
            default = true;
            description = "Whether GRUB is the boot loader.";
          };
          efiSupport = mkOption {
            type = types.bool;
            default = true;
            description = "Whether it boots from UEFI too. A test machine has the firmware of the machine it runs on.";
          };
          efiInstallAsRemovable = mkEnableOption "the removable EFI path";
          configurationLimit = mkOption {
            type = types.int;
            default = 10;
            description = "Generations in the boot menu.";
          };
        };
        systemd-boot.enable = mkEnableOption "systemd-boot";
      };
    };
    nixpkgs.hostPlatform = mkOption {
      type = types.str;
      default = "x86_64-linux";
      description = "Platform the system is built for.";
    };
  };
}
