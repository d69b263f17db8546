# The module system: collects modules, matches definitions with declared options, merges them lazily. Stricter than nixpkgs where it
# differs: an option is declared once and has a type, `disabledModules` and freeform types are errors.
{ helpers, properties }:
let
  inherit (helpers) showOption;

  structure = [
    "_class"
    "_file"
    "config"
    "imports"
    "key"
    "options"
  ];

  normalise =
    fallback: module:
    let
      file = module._file or fallback.file;
      structured = module ? config || module ? options;
      strange = removeAttrs module structure;
    in
    if module ? disabledModules || module ? freeformType then
      throw "Module `${file}': disabledModules and freeformType are not part of this miniature module system."
    else if structured && strange != { } then
      throw "Module `${file}' has an unsupported attribute `${builtins.head (builtins.attrNames strange)}'. With a top-level `config' or `options', everything else belongs under `config'."
    else
      {
        key = module.key or fallback.key;
        inherit file;
        imports = module.imports or [ ];
        options = module.options or { };
        config = if structured then module.config or { } else removeAttrs module structure;
      };

  load =
    args: fallback: module:
    if builtins.isPath module || builtins.isString module then
      let
        file = toString module;
      in
      load args
        {
          key = file;
          inherit file;
        }
        (import module)
    else if builtins.isFunction module then
      load args fallback (module args)
    else if builtins.isAttrs module then
      normalise fallback module
    else
      throw "A module must be an attribute set, a function or a path, not ${builtins.typeOf module} (in `${fallback.file}').";

  collect =
    args: modules:
    let
      loadList =
        parent:
        helpers.imap0 (
          index:
          load args {
            key = "${parent.key}:anon-${toString (index + 1)}";
            inherit (parent) file;
          }
        );
    in
    # Last first, as nixpkgs does: it shows in the order of merged lists.
    helpers.reverseList (builtins.genericClosure {
      startSet = loadList
        {
          key = "";
          file = "<unknown-file>";
        }
        modules;
      operator = module: loadList module module.imports;
    });

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
        if option.readOnly or false && builtins.length definitions > 1 then
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
