import type { Component } from "./component.ts";
import { debianWay } from "./debian-way.ts";
import { findProgram } from "./executable.ts";
import { debianSuite, gitMinimum, jqMinimum, nixMinimum, sshMinimum } from "./pins.ts";

/** All names of the one Nix executable. */
const nixPrograms = [
  "nix",
  "nix-build",
  "nix-channel",
  "nix-collect-garbage",
  "nix-copy-closure",
  "nix-daemon",
  "nix-env",
  "nix-hash",
  "nix-instantiate",
  "nix-prefetch-url",
  "nix-shell",
  "nix-store",
];

export const nix: Component = {
  name: "nix",
  title: `Nix ${nixMinimum} or newer`,
  find: (context) =>
    findProgram({ name: "nix", program: "nix", args: ["--version"], minimum: nixMinimum }, context),
  ways: [
    debianWay(
      "nix",
      { packages: ["nix-bin"], programs: nixPrograms },
      { program: "nix", versionArgs: ["--version"] },
    ),
  ],
  remedy: "install Nix (https://nixos.org/download), then run again",
};

export const ssh: Component = {
  name: "ssh",
  title: `OpenSSH client ${sshMinimum} or newer`,
  find: (context) => findProgram({ name: "ssh", program: "ssh", args: ["-V"], minimum: sshMinimum }, context),
  ways: [
    debianWay(
      "ssh",
      {
        packages: ["openssh-client"],
        programs: ["ssh", "ssh-add", "ssh-agent", "ssh-copy-id", "ssh-keygen", "ssh-keyscan", "scp", "sftp"],
      },
      { program: "ssh", versionArgs: ["-V"] },
    ),
  ],
  remedy: 'install an OpenSSH client ("apt-get install openssh-client"), then run again',
};

export const git: Component = {
  name: "git",
  title: `git ${gitMinimum} or newer`,
  find: (context) =>
    findProgram({ name: "git", program: "git", args: ["--version"], minimum: gitMinimum }, context),
  // It finds its own parts by absolute path, so a private copy would be half a git.
  ways: [],
  remedy: 'install git ("apt-get install git"), then run again',
};

export const jq: Component = {
  name: "jq",
  title: `jq ${jqMinimum} or newer`,
  find: (context) =>
    findProgram({ name: "jq", program: "jq", args: ["--version"], minimum: jqMinimum }, context),
  ways: [
    debianWay("jq", { packages: ["jq"], programs: ["jq"] }, { program: "jq", versionArgs: ["--version"] }),
  ],
  remedy: `install jq ("apt-get install jq", or from Debian ${debianSuite}), then run again`,
};
