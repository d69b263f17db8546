# Properties: `mkIf`, `mkMerge`, `mkOverride`, `mkOrder` as in nixpkgs, and what they mean.
let
  kind = value: if builtins.isAttrs value then value._type or null else null;
  defaultPriority = 100;
  defaultOrder = 1000;

  mkOverride = priority: content: {
    _type = "override";
    inherit priority content;
  };
  mkOrder = order: content: {
    _type = "order";
    inherit order content;
  };
  mkIf = condition: content: {
    _type = "if";
    inherit condition content;
  };

  # Conditions and merges of one option's definition: a list of plain, overriding or ordered values.
  alternatives =
    definition:
    let
      inherit (definition) value;
    in
    if kind value == "merge" then
      builtins.concatMap (content: alternatives (definition // { value = content; })) value.contents
    else if kind value == "if" then
      if value.condition then alternatives (definition // { value = value.content; }) else [ ]
    else
      [ definition ];

  prioritise =
    definition:
    if kind definition.value == "override" then
      definition
      // {
        inherit (definition.value) priority;
        value = definition.value.content;
      }
    else
      definition // { priority = defaultPriority; };

  order =
    definition:
    if kind definition.value == "order" then
      definition
      // {
        inherit (definition.value) order;
        value = definition.value.content;
      }
    else
      definition // { order = defaultOrder; };

  # A module's `config`, its properties moved down to the attributes: a list of plain attribute sets.
  pushDown =
    config:
    if kind config == "merge" then
      builtins.concatMap pushDown config.contents
    else if kind config == "if" then
      map (builtins.mapAttrs (_: mkIf config.condition)) (pushDown config.content)
    else if kind config == "override" then
      map (builtins.mapAttrs (_: mkOverride config.priority)) (pushDown config.content)
    else
      [ config ];
in
{
  inherit
    mkIf
    mkOverride
    mkOrder
    pushDown
    ;
  mkMerge = contents: {
    _type = "merge";
    inherit contents;
  };
  mkForce = mkOverride 50;
  mkDefault = mkOverride 1000;
  mkOptionDefault = mkOverride 1500;
  mkBefore = mkOrder 500;
  mkAfter = mkOrder 1500;

  # Definitions {file, value} of one option that count, in their order: conditions resolved, the strongest priority only.
  effective =
    definitions:
    let
      all = map prioritise (builtins.concatMap alternatives definitions);
      strongest = builtins.foldl'
        (
          low: definition: if definition.priority < low then definition.priority else low
        ) 9999
        all;
    in
    builtins.sort (a: b: a.order < b.order) (
      map order (builtins.filter (definition: definition.priority == strongest) all)
    );

}
