# Partitions every layout has.
{
  # GRUB's own room on a GPT disk, for BIOS.
  bios = {
    type = "EF02";
    size = "1M";
  };

  # {size: "512M", mountpoint: "/boot/efi", options: further mount options} to an EFI system partition.
  esp =
    { size
    , mountpoint
    , options ? [ ]
    ,
    }:
    {
      type = "EF00";
      inherit size;
      content = {
        type = "filesystem";
        format = "vfat";
        inherit mountpoint;
        mountOptions = [ "umask=0077" ] ++ options;
      };
    };

  # {format: "ext4" | "xfs" | "btrfs", mountpoint} to a file system.
  filesystem =
    { format, mountpoint }:
    {
      type = "filesystem";
      inherit format mountpoint;
      mountOptions = [ "noatime" ];
    };
}
