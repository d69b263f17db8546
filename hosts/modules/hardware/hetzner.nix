# A Hetzner Cloud server. IPv4 comes by DHCP. IPv6 does not: the address is a fact of the fleet, the gateway is the same everywhere
# (https://docs.hetzner.com/cloud/servers/static-configuration/).
{ config, lib, ... }:
let
  server = config.fleet.hosts.${config.fleet.self} or { ipv6 = null; };
in
{
  imports = [ ./guest.nix ];

  nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";
  services.qemuGuest.enable = true;

  systemd.network.networks = {
    "10-public" = {
      matchConfig.Name = "eth0";
      networkConfig = {
        DHCP = "ipv4";
        IPv6AcceptRA = false;
      };
      address = lib.optional (server.ipv6 != null) "${server.ipv6}/64";
      routes = lib.optional (server.ipv6 != null) { Gateway = "fe80::1"; };
    };
    # Private networks, if the stack has one: addresses and routes come by DHCP, never a default route.
    "20-private" = {
      matchConfig.Name = "eth[1-9]*";
      networkConfig.DHCP = "ipv4";
      dhcpV4Config.UseGateway = false;
      linkConfig.RequiredForOnline = false;
    };
  };
}
