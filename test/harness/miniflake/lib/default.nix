# A miniature of nixpkgs' `lib`: the same names and meanings for the small part our modules use.
let
  helpers = import ./helpers.nix;
  properties = import ./properties.nix;
  modules = import ./modules.nix { inherit helpers properties; };

  types = import ./types.nix {
    inherit helpers;
    inherit (modules) mergeDefinitions evalModules;
  };

  # The pattern names what an option may have; anything else is Nix's own error.
  mkOption =
    {
      type,
      default ? null,
      defaultText ? null,
      example ? null,
      description ? null,
      apply ? null,
      readOnly ? false,
      internal ? false,
      visible ? true,
    }@option:
    option // { _type = "option"; };
in
helpers
// removeAttrs properties [
  "effective"
  "pushDown"
]
// {
  inherit (modules) evalModules;
  inherit mkOption types;
  mkEnableOption =
    name:
    mkOption {
      type = types.bool;
      default = false;
      example = true;
      description = "Whether to enable ${name}.";
    };
}
