# A Scaleway instance. IPv4 comes by DHCP, as a single address with a gateway outside of it. IPv6 comes by router advertisements: the address
# follows from the network card, and is what the fleet knows the host by, so there are no temporary ones.
{ lib, ... }:
{
  imports = [ ./guest.nix ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  services.qemuGuest.enable = true;

  systemd.network.networks = {
    "10-public" = {
      matchConfig.Name = "eth0";
      networkConfig = {
        DHCP = "yes";
        IPv6AcceptRA = true;
        IPv6PrivacyExtensions = false;
      };
    };
    # Private networks, if the stack has one: the reserved address comes by DHCP, never a default route or a name server.
    "20-private" = {
      matchConfig.Name = "eth[1-9]*";
      networkConfig = {
        DHCP = "ipv4";
        IPv6AcceptRA = false;
      };
      dhcpV4Config = {
        UseGateway = false;
        UseDNS = false;
      };
      linkConfig.RequiredForOnline = false;
    };
  };
}
