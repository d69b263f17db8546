# A virtual machine on a computer of our own. It fetches backups: by the facts it knows the others' addresses and host keys.
{
  imports = [
    ../modules/hardware/guest.nix
    ./disko.nix
  ];

  networking.hostName = "office";
  # The release this host was first installed with: never changed on an installed host.
  system.stateVersion = "26.05";

  nixpkgs.hostPlatform = "x86_64-linux";
  systemd.network.networks."10-lan" = {
    matchConfig.Name = "eth0";
    networkConfig.DHCP = "yes";
  };

  fleet.trustFleetHostKeys = true;
}
