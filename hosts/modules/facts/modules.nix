# Modules that give a host its facts: what `pulumi up` extends a configuration with, and what tools build that take the facts from a file.
# Both take them from here, so that they come to the same system.
{ fleetModule, request, observe }:
[
  fleetModule
  {
    _file = "facts of the fleet";
    fleet = import ./values.nix { inherit request observe; };
  }
]
