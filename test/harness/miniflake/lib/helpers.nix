# The few functions of nixpkgs' `lib` our modules use, under the same names.
rec {
  inherit (builtins)
    any
    all
    attrNames
    attrValues
    concatMap
    concatStringsSep
    elem
    elemAt
    filter
    foldl'
    head
    isAttrs
    isBool
    isFunction
    isInt
    isList
    isString
    length
    listToAttrs
    mapAttrs
    sort
    toJSON
    ;
  concatLists = builtins.concatLists;
  concatMapStringsSep =
    separator: f: list:
    concatStringsSep separator (map f list);
  escapeShellArg = value: "'${builtins.replaceStrings [ "'" ] [ "'\\''" ] (toString value)}'";
  escapeShellArgs = concatMapStringsSep " " escapeShellArg;
  concatStrings = concatStringsSep "";
  removePrefix =
    prefix: text:
    let
      size = builtins.stringLength prefix;
    in
    if builtins.substring 0 size text == prefix then builtins.substring size (-1) text else text;
  filterAttrs =
    keep: set:
    listToAttrs (
      concatMap (name: if keep name set.${name} then [ (nameValuePair name set.${name}) ] else [ ]) (
        attrNames set
      )
    );
  genAttrs =
    names: f:
    listToAttrs (map (name: nameValuePair name (f name)) names);
  hasInfix =
    part: text: builtins.length (builtins.split (builtins.replaceStrings [ "." ] [ "\\." ] part) text) > 1;
  imap0 = f: list: builtins.genList (index: f index (builtins.elemAt list index)) (length list);
  imap1 = f: imap0 (index: f (index + 1));
  mapAttrsToList = f: set: map (name: f name set.${name}) (attrNames set);
  reverseList =
    list: builtins.genList (index: builtins.elemAt list (length list - index - 1)) (length list);
  nameValuePair = name: value: { inherit name value; };
  optional = condition: value: if condition then [ value ] else [ ];
  optionals = condition: list: if condition then list else [ ];
  optionalAttrs = condition: set: if condition then set else { };
  optionalString = condition: text: if condition then text else "";
  unique = foldl' (found: value: if elem value found then found else found ++ [ value ]) [ ];
  # An attribute path as a person writes it: `services."a.b".port`.
  showOption = concatMapStringsSep "." (
    part: if builtins.match "[A-Za-z_][A-Za-z0-9_'-]*" part == null then toJSON part else part
  );
}
