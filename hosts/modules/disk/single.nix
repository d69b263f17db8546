# One disk: BIOS boot, ESP at /boot/efi, the rest is the root file system.
#   device: "/dev/sda"; esp: size of the ESP, "512M"; root: file system of the root, "ext4"
{ device
, esp
, root
,
}:
let
  partitions = import ./partitions.nix;
in
{
  imports = [ ./boot.nix ];

  disko.devices.disk.main = {
    type = "disk";
    inherit device;
    content = {
      type = "gpt";
      partitions = {
        boot = partitions.bios;
        ESP = partitions.esp {
          size = esp;
          mountpoint = "/boot/efi";
        };
        root = {
          size = "100%";
          content = partitions.filesystem {
            format = root;
            mountpoint = "/";
          };
        };
      };
    };
  };
}
