# The database, reachable over the private network only.
{ config, lib, ... }:
let
  # Subnets of the networks that this host is in.
  networks = lib.attrNames (config.fleet.hosts.${config.fleet.self}.privateAddresses or { });
  subnets = map (name: config.fleet.networks.${name}.subnet) networks;
in
{
  imports = [
    ../modules/hardware/hetzner.nix
    ./disko.nix
  ];

  networking.hostName = "db";
  # The release this host was first installed with: never changed on an installed host.
  system.stateVersion = "26.05";

  services.postgresql = {
    enable = true;
    enableTCPIP = true;
    ensureDatabases = [ "web" ];
    ensureUsers = [
      {
        name = "web";
        ensureDBOwnership = true;
      }
    ];
    authentication = lib.concatMapStringsSep "\n" (subnet: "host web web ${subnet} scram-sha-256") subnets;
  };

  # eth1 is the private network of the stack; on eth0 the port stays shut.
  networking.firewall.interfaces.eth1.allowedTCPPorts = [ 5432 ];
}
