# `config.disko.devices` -> {files, prompts}: what formatting the disks takes besides the layout. `files` are paths disko reads keys from,
# `prompts` the names of devices for which it would ask at the console, which is unattended.
devices:
let
  text = builtins.unsafeDiscardStringContext;
  entry = files: prompts: { inherit files prompts; };
  file = value: entry [ (text (toString value)) ] [ ];

  luks =
    content:
    let
      given = content.settings.keyFile or null;
      password = content.passwordFile or null;
      old = content.keyFile or null;
      asks = content.askPassword or (password == null && old == null);
    in
    # In the order in which disko searches for it.
    [
      (
        if given != null then
          file given
        else if asks then
          entry [ ] [ content.name ]
        else if password != null then
          file password
        else
          file old
      )
    ]
    ++ map file (content.additionalKeyFiles or [ ]);

  zfs =
    name: options:
    let
      location = options.keylocation or "prompt";
      found = builtins.match "file://(/.*)" location;
    in
    if (options.encryption or "off") == "off" then
      [ ]
    else if found != null then
      [ (file (builtins.head found)) ]
    else if location == "prompt" then
      [ (entry [ ] [ name ]) ]
    else
      [ ];

  partitions =
    given: if builtins.isList given then given else builtins.attrValues given;
  below =
    content:
    inside (content.content or null)
    ++ builtins.concatMap (partition: inside (partition.content or null)) (partitions (content.partitions or { }));
  inside =
    content:
    if content == null then
      [ ]
    else
      (if content.type == "luks" then luks content else [ ]) ++ below content;

  each = name: describe: builtins.concatMap describe (builtins.attrValues (devices.${name} or { }));
  pool =
    name:
    let
      given = devices.zpool.${name};
      datasets = given.datasets or { };
    in
    zfs name (given.rootFsOptions or { })
    ++ builtins.concatMap
      (
        dataset:
        zfs "${name}/${dataset}" (datasets.${dataset}.options or { }) ++ inside (datasets.${dataset}.content or null)
      )
      (builtins.attrNames datasets);

  found =
    each "disk" (disk: inside (disk.content or null))
    ++ each "mdadm" (array: inside (array.content or null))
    ++ each "lvm_vg" (
      group: builtins.concatMap (volume: inside (volume.content or null)) (builtins.attrValues (group.lvs or { }))
    )
    ++ builtins.concatMap pool (builtins.attrNames (devices.zpool or { }))
    ++ each "bcachefs_filesystems" (
      filesystem: if (filesystem.passwordFile or null) == null then [ ] else [ (file filesystem.passwordFile) ]
    );
  sorted =
    values:
    builtins.attrNames (
      builtins.listToAttrs (
        map
          (name: {
            inherit name;
            value = null;
          })
          values
      )
    );
in
{
  files = sorted (builtins.concatMap (key: key.files) found);
  prompts = sorted (builtins.concatMap (key: key.prompts) found);
}
