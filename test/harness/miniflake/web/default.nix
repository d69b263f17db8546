{
  imports = [ ./disko.nix ];

  networking.hostName = "web";
  system.stateVersion = "26.05";

  services.httpd = {
    enable = true;
    page = "Hello from web, version 1";
  };
}
