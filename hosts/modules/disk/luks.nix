# One disk with an encrypted root. /boot stays readable, so that kernels load before anybody types a password.
#   device: "/dev/sda"; esp, boot: sizes; root: file system of the root;
#   passwordFile: where the installer finds the password, such as "/tmp/disk.key": `diskKeys` in the stack's file names the secret for it.
# At each boot the password is asked for on the console.
{ device
, esp
, boot
, root
, passwordFile
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
        bios = partitions.bios;
        ESP = partitions.esp {
          size = esp;
          mountpoint = "/boot/efi";
        };
        boot = {
          size = boot;
          content = partitions.filesystem {
            format = "ext4";
            mountpoint = "/boot";
          };
        };
        luks = {
          size = "100%";
          content = {
            type = "luks";
            name = "root";
            inherit passwordFile;
            settings.allowDiscards = true;
            content = partitions.filesystem {
              format = root;
              mountpoint = "/";
            };
          };
        };
      };
    };
  };
}
