# From what stands in `imports` to a flat list of modules {key, file, imports, options, config}, each key once.
{ helpers }:
let
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
in
collect
