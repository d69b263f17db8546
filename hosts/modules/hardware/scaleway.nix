# A Scaleway instance. IPv4 comes by DHCP, as a single address with a gateway outside of it. IPv6 comes by router advertisements: the address
# follows from the network card, and is what the fleet knows the host by, so there are no temporary ones.
{ lib, ... }:
{
  imports = [ ./guest.nix ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  services.qemuGuest.enable = true;

  systemd.network.networks."10-public" = {
    matchConfig.Name = "eth0";
    networkConfig = {
      DHCP = "yes";
      IPv6AcceptRA = true;
      IPv6PrivacyExtensions = false;
    };
  };
}
