# The flake `pulumi up` evaluates: one host of the user's own flake, extended with the fleet module and the facts known at that moment.
#
# It has no inputs of its own, so there is nothing to lock or to fetch: `getFlake` takes the exact source tree that was read, whose own
# `flake.lock` decides everything else.
{
  description = "One host of a flake, extended with the facts of its fleet";

  outputs =
    _:
    let
      request = builtins.fromJSON (builtins.readFile ./request.json);
      configurations = import ./configurations.nix (builtins.getFlake request.source);

      extend =
        observe:
        (configurations request.attribute).extendModules {
          modules = import ./modules.nix {
            fleetModule = ./fleet.nix;
            inherit request observe;
          };
        };
    in
    {
      nixosConfigurations.${request.host} = extend false;
      # Facts this output forces are reported on standard error.
      fleet = import ./describe.nix (extend true);
    };
}
