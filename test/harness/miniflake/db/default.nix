{
  imports = [ ./disko.nix ];

  networking.hostName = "db";
  system.stateVersion = "26.05";

  services.database.enable = true;
}
