# Every decision about this host's disk. An edit after the install is refused: data is never wiped by an edit.
{
  imports = [
    (import ../modules/disk/single.nix {
      device = "/dev/vda";
      esp = "512M";
      root = "ext4";
    })
  ];
}
