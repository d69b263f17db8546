# The module system: matches definitions with declared options, merges them lazily. Stricter than nixpkgs where it
# differs: an option is declared once and has a type, `disabledModules` and freeform types are errors.
{ helpers, properties }:
let
  inherit (helpers) showOption;

  collect = import ./collect.nix { inherit helpers; };

  mergeDefinitions =
    loc: type: definitions:
    let
      effective = properties.effective definitions;
      wrong = builtins.filter (definition: !(type.check definition.value)) effective;
    in
    {
      isDefined = effective != [ ];
      value =
        if effective == [ ] then
          throw "The option `${showOption loc}' was accessed but has no value defined. Try setting the option."
        else if wrong != [ ] then
          throw "A definition for option `${showOption loc}' is not of type `${type.description}'. Definition values:\n- In `${(builtins.head wrong).file}': ${builtins.typeOf (builtins.head wrong).value}"
        else
          type.merge loc effective;
    };

  evalOption =
    loc: declaration: definitions:
    let
      inherit (declaration) option file;
      defaults = helpers.optional (option ? default) {
        inherit file;
        value = properties.mkOptionDefault option.default;
      };
      merged = mergeDefinitions loc option.type (definitions ++ defaults);
      value =
        if option.readOnly or false && builtins.length (definitions ++ defaults) > 1 then
          throw "The option `${showOption loc}' is read-only, but it's set multiple times."
        else
          (option.apply or (x: x)) merged.value;
    in
    {
      inherit value;
      unmatched = [ ];
      option = option // {
        inherit loc value definitions;
        isDefined = definitions != [ ];
        declarations = [ file ];
      };
    };

  # Attributes of several modules, regrouped: name -> [ {file, value} ].
  byName =
    sets:
    builtins.zipAttrsWith (_: values: values) (
      map (set: builtins.mapAttrs (_: value: { inherit (set) file; inherit value; }) set.value) sets
    );

  # One level of the option tree. declarations, definitions: [ {file, value} ].
  evalTree =
    prefix: declarations: definitions:
    let
      plainDefinitions = builtins.concatMap
        (
          definition:
          map
            (
              value:
              if builtins.isAttrs value then
                {
                  inherit (definition) file;
                  inherit value;
                }
              else
                throw "The option path `${showOption prefix}' holds options, but `${definition.file}' sets it to a ${builtins.typeOf value}."
            )
            (properties.pushDown definition.value)
        )
        definitions;
      definitionsByName = byName plainDefinitions;
      matched = builtins.mapAttrs
        (
          name: declared:
            let
              loc = prefix ++ [ name ];
              mine = definitionsByName.${name} or [ ];
              leaves = builtins.filter (declaration: declaration.value._type or null == "option") declared;
              first = builtins.head declared;
            in
            if leaves == [ ] then
              evalTree loc declared mine
            else if builtins.length declared > 1 then
              throw "The option `${showOption loc}' in `${first.file}' is already declared in `${(builtins.elemAt declared 1).file}'."
            else
              evalOption loc
                {
                  inherit (first) file;
                  option = first.value;
                }
                mine
        )
        (byName declarations);
    in
    {
      value = builtins.mapAttrs (_: result: result.value) matched;
      option = builtins.mapAttrs (_: result: result.option) matched;
      unmatched =
        builtins.concatLists
          (
            helpers.mapAttrsToList
              (
                name:
                map (definition: {
                  loc = prefix ++ [ name ];
                  inherit (definition) file;
                })
              )
              (removeAttrs definitionsByName (builtins.attrNames matched))
          )
        ++ builtins.concatMap (result: result.unmatched) (builtins.attrValues matched);
    };

  # {config, options, extendModules} of modules. specialArgs: further module arguments, usable in `imports`.
  evalModules =
    { modules
    , specialArgs ? { }
    , prefix ? [ ]
    ,
    }:
    let
      collected = collect
        (
          specialArgs
          // {
            inherit config;
            inherit (result) options;
            lib = import ./default.nix;
          }
        )
        modules;
      tree = evalTree prefix
        (map
          (module: {
            inherit (module) file;
            value = module.options;
          })
          collected)
        (
          map
            (module: {
              inherit (module) file;
              value = module.config;
            })
            collected
        );
      stray = builtins.head tree.unmatched;
      config =
        if tree.unmatched == [ ] then
          tree.value
        else
          throw "The option `${showOption stray.loc}' does not exist. Definition values:\n- In `${stray.file}'";
      result = {
        inherit config;
        options = tree.option;
        extendModules =
          extension:
          evalModules {
            modules = modules ++ extension.modules or [ ];
            specialArgs = specialArgs // extension.specialArgs or { };
            inherit prefix;
          };
      };
    in
    result;
in
{
  inherit evalModules mergeDefinitions;
}
