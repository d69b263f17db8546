# A miniature of nixpkgs' `lib`: the same names and meanings for the small part our modules use.
let
  helpers = import ./helpers.nix;
  properties = import ./properties.nix;
  modules = import ./modules.nix { inherit helpers properties; };

  types = import ./types.nix {
    inherit helpers;
    inherit (modules) mergeDefinitions evalModules;
  };

  optionParts = [
    "apply"
    "default"
    "defaultText"
    "description"
    "example"
    "internal"
    "readOnly"
    "type"
    "visible"
  ];
  mkOption =
    option:
    let
      strange = builtins.attrNames (removeAttrs option optionParts);
    in
    if strange != [ ] then
      throw "mkOption: unknown part `${builtins.head strange}'"
    else if !(option ? type) then
      throw "mkOption: an option needs a type here"
    else
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
