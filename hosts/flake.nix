{
  description = "The hosts of this fleet";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";
    disko = {
      url = "github:nix-community/disko";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    sops-nix = {
      url = "github:Mic92/sops-nix";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    # Its scripts run as they are; its own flake is not needed.
    nixos-anywhere = {
      url = "github:nix-community/nixos-anywhere";
      flake = false;
    };
  };

  outputs =
    { nixpkgs
    , disko
    , sops-nix
    , ...
    }:
    let
      modules = import ./modules;
      withFacts = import ./modules/facts;

      host =
        folder:
        nixpkgs.lib.nixosSystem {
          modules = [
            disko.nixosModules.disko
            sops-nix.nixosModules.sops
            modules.base
            folder
          ];
        };
    in
    {
      # A new host is a folder and a line here. In `facts` is what `npx fleet facts export` puts there for tools other than `pulumi up`.
      nixosConfigurations = withFacts ./facts {
        web = host ./web;
        db = host ./db;
        monitor = host ./monitor;
        edge = host ./edge;
        office = host ./office;
      };

      # For flakes of your own. `modules.disk.*` are functions from device names and sizes to a module.
      inherit modules;
      nixosModules = removeAttrs modules [ "disk" ];
      lib = { inherit withFacts; };
    };
}
