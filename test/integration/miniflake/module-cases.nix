# What the module system has to answer, written so that nixpkgs' own `lib` gives the same: {values, errors}, cases by name.
{ lib }:
let
  inherit (lib)
    mkIf
    mkMerge
    mkOption
    types
    ;
  config = modules: (lib.evalModules { inherit modules; }).config;
  option = type: mkOption { inherit type; };
  # The value of option `x` of a type, from definitions.
  x =
    type: definitions:
    (config ([{ options.x = option type; }] ++ map (value: { config.x = value; }) definitions)).x;
  keyed = port: {
    key = "keyed";
    options.port = mkOption {
      type = types.int;
      default = port;
    };
  };
in
{
  values = {
    ifFalseWithoutOthersGivesDefault =
      (config [
        {
          options.x = mkOption {
            type = types.int;
            default = 1;
          };
          config.x = mkIf false 2;
        }
      ]).x;
    ifTrue = x types.int [ (mkIf true 3) ];
    mergeOfIfs = x (types.listOf types.int) [
      (mkMerge [
        [ 1 ]
        (mkIf false [ 2 ])
        (mkIf true [ 3 ])
      ])
    ];
    forceWins = x types.int [
      1
      (lib.mkForce 2)
      (lib.mkDefault 3)
    ];
    defaultLoses = x types.int [
      (lib.mkDefault 1)
      2
    ];
    ifAroundForce = x types.int [
      1
      (mkIf true (lib.mkForce 2))
    ];
    listsInOrder = x (types.listOf types.int) [
      [ 2 ]
      (lib.mkAfter [ 3 ])
      (lib.mkBefore [ 1 ])
    ];
    ifElements = x (types.listOf types.int) [
      [
        1
        (mkIf false 2)
      ]
    ];
    attributesMerge = x (types.attrsOf types.int) [
      { a = 1; }
      (mkIf true { b = 2; })
      { c = mkIf false 3; }
    ];
    ifAroundConfig =
      (config [
        {
          options.a.b = option types.int;
          config = mkIf true { a = mkIf true { b = 1; }; };
        }
      ]).a.b;
    sameValueTwice = x types.str [
      "a"
      "a"
    ];
    nullAllowed = x (types.nullOr types.int) [ null ];
    nullOrValue = x (types.nullOr (types.listOf types.int)) [
      [ 1 ]
      [ 2 ]
    ];
    linesJoin = x types.lines [
      "a"
      "b"
    ];
    anythingMerges = x types.anything [
      { a.b = 1; }
      { a.c = "x"; }
    ];
    anythingResolvesConditions = x types.anything [{ a.b = mkIf true (lib.mkForce 1); }];
    submoduleDefaults =
      x
        (types.attrsOf (
          types.submodule (
            { name, ... }:
            {
              options.label = mkOption {
                type = types.str;
                default = "<${name}>";
              };
              options.size = option types.int;
            }
          )
        ))
        [
          { one.size = 1; }
          { one.label = "first"; }
          { two.size = 2; }
        ];
    sameKeyOnce =
      (config [
        (keyed 1)
        { imports = [ (keyed 1) ]; }
        (_: keyed 1)
      ]).port;
    unforcedThrowIsHarmless =
      (config [
        {
          options.a = option types.str;
          options.b = option types.str;
          config = {
            a = "fine";
            b = throw "never read";
          };
        }
      ]).a;
    unforcedThrowInSubmodule =
      (x
        (types.attrsOf (
          types.submodule {
            options.a = option types.str;
            options.b = option types.str;
          }
        ))
        [
          {
            host = {
              a = "fine";
              b = throw "never read";
            };
          }
        ]
      ).host.a;
    configSeesConfig =
      (config [
        (
          { config, ... }:
          {
            options.a = option types.int;
            options.b = option types.int;
            config.b = config.a + 1;
          }
        )
        { a = 1; }
      ]).b;
    applied =
      (config [
        {
          options.x = mkOption {
            type = types.int;
            apply = toString;
          };
          config.x = 7;
        }
      ]).x;
    extended =
      ((lib.evalModules { modules = [{ options.x = option (types.listOf types.int); } { x = [ 1 ]; }]; }).extendModules
        { modules = [{ x = [ 2 ]; }]; }
      ).config.x;
    optionIsDefined =
      (lib.evalModules {
        modules = [
          { options.x = option types.int; }
          { x = 1; }
        ];
      }).options.x.isDefined;
  };

  errors = {
    unknownOption = config [{ services.webb.enable = true; }];
    unknownOptionUnderFalse = config [{ config = mkIf false { nothing = 1; }; }];
    unknownInSubmodule = x (types.submodule { options.a = option types.int; }) [{ b = 1; }];
    wrongType = x types.int [ "1" ];
    wrongElement = x (types.listOf types.str) [ [ 1 ] ];
    wrongPort = x types.port [ 65536 ];
    notInEnum = x (types.enum [ "a" ]) [ "b" ];
    conflict = x types.str [
      "a"
      "b"
    ];
    notDefined = x types.str [ ];
    ifFalseAlone = x types.str [ (mkIf false "a") ];
    setBesideConfig = config [
      {
        options.x = option types.int;
        x = 1;
      }
    ];
    readOnlyTwice =
      (config [
        {
          options.x = mkOption {
            type = types.int;
            readOnly = true;
          };
        }
        { x = 1; }
        { x = 1; }
      ]).x;
    optionGroupSetToValue = config [
      { options.a.b = option types.int; }
      { a = 1; }
    ];
    forcedThrow = x types.str [ (throw "a fact that is not known yet") ];
    wrongModule = config [ 1 ];
  };
}
