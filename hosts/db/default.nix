# The database, reachable over the private network only.
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
    authentication = "host web web 10.0.0.0/8 scram-sha-256";
  };

  # eth1 is the private network of the stack; on eth0 the port stays shut.
  networking.firewall.interfaces.eth1.allowedTCPPorts = [ 5432 ];
}
