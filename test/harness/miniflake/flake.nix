{
  description = "A NixOS-shaped flake without inputs: the same attribute paths, real derivations, built in a second";

  outputs =
    _:
    let
      lib = import ./lib;
      nixosSystem = import ./lib/system.nix;
      host = module: nixosSystem { modules = [ module ]; };
      faulty =
        inject:
        nixosSystem {
          modules = [
            ./web
            { faults = { inherit inject; }; }
          ];
        };
    in
    {
      inherit lib;
      nixosConfigurations = {
        web = host ./web;
        db = host ./db;
        webfacts = host ./webfacts;
        badeval = faulty "evaluation";
        badbuild = faulty "build";
        badactivate = faulty "activation";
        badunits = faulty "units";
        crashloop = faulty "crashloop";
        slow = faulty "slow";
        killssh = faulty "ssh";
        baddisk = faulty "disk";
        nokeys = faulty "keys";
      };
    };
}
