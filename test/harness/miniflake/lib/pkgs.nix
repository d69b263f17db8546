# The two builders everything here is made of. They need a POSIX /bin/sh and coreutils, nothing from the network.
{ system }:
{
  inherit system;
  stdenv.hostPlatform = { inherit system; };

  # A file with the given text.
  writeText =
    name: text:
    derivation {
      inherit name system text;
      builder = "/bin/sh";
      args = [ ../builders/text.sh ];
      mode = "444";
    };
  # An executable file with the given text.
  writeScript =
    name: text:
    derivation {
      inherit name system text;
      builder = "/bin/sh";
      args = [ ../builders/text.sh ];
      mode = "555";
    };
  # A folder out of entries {how, path, source}; how: link | program | text (see builders/tree.sh).
  tree =
    name: entries:
    derivation {
      inherit name system;
      builder = "/bin/sh";
      args = [
        ../builders/tree.sh
      ]
      ++ builtins.concatMap
        (entry: [
          entry.how
          entry.path
          "${entry.source}"
        ])
        entries;
    };
  # A derivation whose build fails.
  failure =
    name: message:
    derivation {
      inherit name system message;
      builder = "/bin/sh";
      args = [ ../builders/failure.sh ];
    };
}
