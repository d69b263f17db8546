# `config.disko.devices` -> {hash, tree}: what cannot change on a formatted disk without losing its data, or null where there is no disk.
#
# Disks, tables, partitions with order, size and kind, encryption, RAID, LVM and ZFS; no mount points and options, subvolumes, datasets,
# swap files, passwords and store paths. Only what is named here is taken over, so that a new option of disko changes nothing.
devices:
let
  text = builtins.unsafeDiscardStringContext;
  isSet = value: value != null && value != { } && value != [ ];
  compact =
    set:
    builtins.listToAttrs (
      builtins.filter (entry: isSet entry.value) (
        map
          (name: {
            inherit name;
            value = set.${name};
          })
          (builtins.attrNames set)
      )
    );
  # Anything disko takes for a keyword: "auto" and 1 as well.
  word = value: if value == null then null else text (toString value);
  unless = default: value: if value == default then null else value;

  linux = [
    "8200"
    "8300"
    "8302"
    "8304"
    "8E00"
    "BE00"
    "BF00"
    "BF01"
    "FD00"
  ];
  upper =
    builtins.replaceStrings
      [ "a" "b" "c" "d" "e" "f" ]
      [ "A" "B" "C" "D" "E" "F" ];
  guids = {
    "C12A7328-F81F-11D2-BA4B-00A0C93EC93B" = "EF00";
    "21686148-6449-6E6F-744E-656564454649" = "EF02";
  };
  # disko's default for Linux' own kinds depends on its version, and none of them says anything about data.
  partitionType =
    code:
    let
      name = upper (text code);
    in
    if builtins.elem name linux then null else guids.${name} or name;

  gptPartitions =
    partitions:
    let
      names = builtins.sort (a: b: (partitions.${a}.priority or 0) < (partitions.${b}.priority or 0)) (
        builtins.attrNames partitions
      );
      number = builtins.length names;
    in
    builtins.listToAttrs (
      builtins.genList
        (
          index:
          let
            name = builtins.elemAt names index;
          in
          {
            inherit name;
            value = gptPartition (index + 1) partitions.${name};
          }
        )
        number
    );
  gptPartition =
    position: partition:
    let
      size = word (partition.size or null);
      end = word (partition.end or null);
    in
    compact {
      inherit position;
      type = partitionType (partition.type or "8300");
      size = unless "0" size;
      start = unless "0" (word (partition.start or null));
      end = if end == "-0" || end == "+${toString size}" then null else end;
      content = contentOf (partition.content or null);
    };

  flagged = flag: partition: builtins.elem flag (partition.flags or [ ]);
  tablePartition =
    partition:
    compact {
      type =
        if flagged "bios_grub" partition then
          "EF02"
        else if flagged "esp" partition then
          "EF00"
        else
          unless "primary" (word (partition.part-type or null));
      start = word (partition.start or null);
      end = word (partition.end or null);
      content = contentOf (partition.content or null);
    };

  # btrfs spreads over the devices among its arguments.
  deviceWords =
    arguments:
    builtins.filter (argument: builtins.match "/dev/.*" argument != null) (
      builtins.filter builtins.isString (
        builtins.concatMap (argument: builtins.split " " (text (toString argument))) arguments
      )
    );

  byType = {
    filesystem = content: { format = word (content.format or null); };
    btrfs = content: { members = deviceWords (content.extraArgs or [ ]); };
    gpt = content: { partitions = gptPartitions content.partitions; };
    table = content: {
      format = word (content.format or null);
      partitions = map tablePartition content.partitions;
    };
    luks = content: { content = contentOf (content.content or null); };
    mdraid = content: { array = word content.name; };
    lvm_pv = content: { vg = word content.vg; };
    zfs = content: { pool = word content.pool; };
  };
  other = content: { content = contentOf (content.content or null); };
  contentOf =
    content:
    if content == null then
      null
    else
      compact ({ kind = word content.type; } // (byType.${content.type} or other) content);

  vdev =
    given:
    compact {
      mode = unless "" (word (given.mode or null));
      members = map word (given.members or [ ]);
    };
  topology =
    given:
    compact (
      builtins.mapAttrs
        (
          kind: value:
          if kind == "spare" || kind == "cache" then
            map word value
          else if builtins.isList value then
            map vdev value
          else if builtins.isAttrs value then
            vdev value
          else
            null
        )
        {
          vdev = given.vdev or null;
          spare = given.spare or [ ];
          log = given.log or null;
          dedup = given.dedup or null;
          special = given.special or null;
          cache = given.cache or [ ];
        }
    );

  each = name: describe: builtins.mapAttrs (_: describe) (devices.${name} or { });
  tree = compact {
    disk = each "disk" (
      disk:
      compact {
        device = word disk.device;
        content = contentOf (disk.content or null);
      }
    );
    mdadm = each "mdadm" (
      array:
      compact {
        level = word (array.level or null);
        metadata = unless "default" (word (array.metadata or null));
        content = contentOf (array.content or null);
      }
    );
    lvm_vg = each "lvm_vg" (
      group:
      builtins.mapAttrs
        (
          _: volume:
            compact {
              size = word (volume.size or null);
              type = word (volume.lvm_type or null);
              pool = word (volume.pool or null);
              content = contentOf (volume.content or null);
            }
        )
        (group.lvs or { })
    );
    zpool = each "zpool" (
      pool:
      let
        mode = pool.mode or "";
      in
      if builtins.isAttrs mode then
        topology (mode.topology or { })
      else
        compact { mode = unless "" (word mode); }
    );
  };
in
if tree ? disk then
  {
    hash = builtins.hashString "sha256" (builtins.toJSON tree);
    inherit tree;
  }
else
  null
