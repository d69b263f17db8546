# Two disks, each of which boots alone: BIOS boot and an ESP on both, the root file system mirrored by mdadm.
#   devices: [ "/dev/sda" "/dev/sdb" ], by-id paths where they may change order; esp: size of each ESP; root: file system of the root
{ devices
, esp
, root
,
}:
{ lib, pkgs, ... }:
let
  partitions = import ./partitions.nix;

  mirror = "/boot/efi-mirror";
  half = device: mountpoint: {
    type = "disk";
    inherit device;
    content = {
      type = "gpt";
      partitions = {
        boot = partitions.bios;
        ESP = partitions.esp {
          size = esp;
          inherit mountpoint;
          # The machine has to boot with one of the disks gone.
          options = [ "nofail" ];
        };
        raid = {
          size = "100%";
          content = {
            type = "mdraid";
            name = "root";
          };
        };
      };
    };
  };
in
{
  imports = [ ./boot.nix ];

  assertions = [
    {
      assertion = lib.length devices == 2;
      message = "disk/raid1.nix: it takes two devices, not ${toString (lib.length devices)}.";
    }
  ];

  disko.devices = {
    disk = {
      first = half (lib.elemAt devices 0) "/boot/efi";
      second = half (lib.elemAt devices 1) mirror;
    };
    mdadm.root = {
      type = "mdadm";
      level = 1;
      content = partitions.filesystem {
        format = root;
        mountpoint = "/";
      };
    };
  };

  boot = {
    # disko lists both disks for BIOS; this adds the ESP of the second one.
    loader.grub.mirroredBoots = [
      {
        path = "/boot";
        efiSysMountPoint = mirror;
        devices = [ "nodev" ];
      }
    ];
    # Without a program or an address mdadm's monitor does not start: a failed disk goes to the journal.
    swraid.mdadmConf = "PROGRAM ${pkgs.util-linux}/bin/logger";
  };
}
