# Every module of the miniature; a host adds its own on top.
{
  imports = [
    ./assertions.nix
    ./boot.nix
    ./database.nix
    ./disko.nix
    ./etc.nix
    ./faults.nix
    ./httpd.nix
    ./known-hosts.nix
    ./mounts.nix
    ./networking.nix
    ./nix.nix
    ./prometheus.nix
    ./ssh.nix
    ./stage-1.nix
    ./toplevel.nix
    ./units.nix
    ./users.nix
    ./wireguard.nix
  ];
}
