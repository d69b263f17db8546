# Option types as in nixpkgs: {description, check, merge}. `merge loc definitions` gets definitions that passed `check`.
{ helpers
, mergeDefinitions
, evalModules
,
}:
let
  inherit (helpers) showOption;

  showDefinitions = helpers.concatMapStringsSep "\n" (definition: "- In `${toString definition.file}'");

  mergeEqual =
    loc: definitions:
    let
      first = builtins.head definitions;
    in
    if helpers.all (definition: definition.value == first.value) definitions then
      first.value
    else
      throw "The option `${showOption loc}' has conflicting definition values:\n${showDefinitions definitions}";

  mergeOne =
    loc: definitions:
    if builtins.length definitions == 1 then
      (builtins.head definitions).value
    else
      throw "The option `${showOption loc}' is defined multiple times:\n${showDefinitions definitions}";

  plain = description: check: {
    inherit description check;
    merge = mergeEqual;
  };

  # Definitions of an attribute set, regrouped: name -> definitions of that attribute.
  byName =
    definitions:
    builtins.zipAttrsWith (_: values: values) (
      map
        (
          definition:
          builtins.mapAttrs
            (_: value: {
              inherit (definition) file;
              inherit value;
            })
            definition.value
        )
        definitions
    );

  str = plain "string" builtins.isString;
  int = plain "signed integer" builtins.isInt;
  isStorePath =
    value:
    (builtins.isPath value)
    || (builtins.isString value && builtins.substring 0 1 value == "/")
    || (builtins.isAttrs value && value.type or null == "derivation");

  attrsOf = element: {
    description = "attribute set of ${element.description}";
    check = builtins.isAttrs;
    merge =
      loc: definitions:
      let
        merged = builtins.mapAttrs (name: mergeDefinitions (loc ++ [ name ]) element) (byName definitions);
      in
      builtins.mapAttrs (_: result: result.value) (
        helpers.filterAttrs (_: result: result.isDefined) merged
      );
  };

  # Values stay unevaluated until they are read: what is undefined behind a `mkIf false` shows only then.
  lazyAttrsOf = element: {
    description = "lazy attribute set of ${element.description}";
    check = builtins.isAttrs;
    merge =
      loc: definitions:
      builtins.mapAttrs (name: values: (mergeDefinitions (loc ++ [ name ]) element values).value) (
        byName definitions
      );
  };

  isPlainSet = value: builtins.isAttrs value && !(value ? outPath) && !(value ? __toString);
  anything = {
    description = "anything";
    check = _: true;
    merge =
      loc: definitions:
      if helpers.all (definition: isPlainSet definition.value) definitions then
        (attrsOf anything).merge loc definitions
      else if builtins.length definitions == 1 then
        (builtins.head definitions).value
      else
        mergeEqual loc definitions;
  };
in
{
  inherit
    str
    int
    attrsOf
    lazyAttrsOf
    anything
    ;
  bool = plain "boolean" builtins.isBool;
  port = plain "16 bit unsigned integer; between 0 and 65535 (both inclusive)" (
    value: builtins.isInt value && value >= 0 && value <= 65535
  );
  path = plain "absolute path" isStorePath;
  package = plain "package" (value: builtins.isAttrs value && value.type or null == "derivation");
  raw = {
    description = "raw value";
    check = _: true;
    merge = mergeOne;
  };
  lines = str // {
    description = "strings concatenated with \"\\n\"";
    merge = _: helpers.concatMapStringsSep "\n" (definition: definition.value);
  };
  enum =
    values:
    plain "one of ${helpers.concatMapStringsSep ", " builtins.toJSON values}" (
      value: builtins.elem value values
    );
  strMatching =
    pattern:
    plain "string matching the pattern ${pattern}" (
      value: builtins.isString value && builtins.match pattern value != null
    );
  nullOr = element: {
    description = "null or ${element.description}";
    check = value: value == null || element.check value;
    merge =
      loc: definitions:
      if helpers.any (definition: definition.value == null) definitions then
        mergeEqual loc definitions
      else
        element.merge loc definitions;
  };
  listOf = element: {
    description = "list of ${element.description}";
    check = builtins.isList;
    merge =
      loc: definitions:
      builtins.concatLists (
        helpers.imap1
          (
            number: definition:
            builtins.concatLists (
              helpers.imap1
                (
                  entry: value:
                  let
                    place = "[definition ${toString number}-entry ${toString entry}]";
                    merged = mergeDefinitions (loc ++ [ place ]) element [
                      {
                        inherit (definition) file;
                        inherit value;
                      }
                    ];
                  in
                  helpers.optional merged.isDefined merged.value
                )
                definition.value
            )
          )
          definitions
      );
  };
  submodule = base: {
    description = "submodule";
    check = value: builtins.isAttrs value || builtins.isFunction value || builtins.isPath value;
    merge =
      loc: definitions:
      (evalModules {
        prefix = loc;
        # Named as nixpkgs does: the attribute the submodule stands under.
        specialArgs.name = builtins.elemAt loc (builtins.length loc - 1);
        modules = [
          base
        ]
        ++ map
          (
            definition:
            if builtins.isAttrs definition.value then
              {
                _file = definition.file;
                config = definition.value;
              }
            else
              definition.value
          )
          definitions;
      }).config;
  };
}
