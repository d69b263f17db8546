# The web server.
{
  imports = [
    ../modules/hardware/hetzner.nix
    ./disko.nix
  ];

  networking.hostName = "web";
  # The release this host was first installed with: never changed on an installed host.
  system.stateVersion = "26.05";

  services.nginx = {
    enable = true;
    recommendedGzipSettings = true;
    recommendedOptimisation = true;
    virtualHosts.default = {
      default = true;
      # A copy of this folder alone: nothing else in the repository changes this system.
      root = builtins.path {
        name = "site";
        path = ./site;
      };
    };
  };

  networking.firewall.allowedTCPPorts = [ 80 ];
}
