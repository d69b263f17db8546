import type { Component, ComponentFact, NotFound } from "./component.ts";
import { debianWay } from "./debian-way.ts";
import { findProgram } from "./executable.ts";
import {
  curlMinimum,
  debianSuite,
  gitMinimum,
  ipMinimum,
  jqMinimum,
  nixMinimum,
  psMinimum,
  sshMinimum,
} from "./pins.ts";

const sameRelease = `run it on Debian, or set FLEET_TEST_DEBIAN_MIRROR: tests take it from Debian ${debianSuite}`;

async function ofOneRelease(): Promise<ComponentFact | NotFound> {
  return { because: `tests take the one of Debian ${debianSuite}` };
}

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

/** Test machines and worlds are made with it; minimal Debians have none. */
export const ip: Component = {
  name: "ip",
  title: `iproute2 ${ipMinimum} or newer`,
  find: (context) => findProgram({ name: "ip", program: "ip", args: ["-V"], minimum: ipMinimum }, context),
  ways: [
    debianWay("ip", { packages: ["iproute2"], programs: ["ip"] }, { program: "ip", versionArgs: ["-V"] }),
  ],
  remedy: 'install iproute2 ("apt-get install iproute2"), then run again',
};

/** `fleet unlock` lists processes with it; minimal Debians have none. */
export const ps: Component = {
  name: "ps",
  title: `procps ${psMinimum} or newer`,
  find: (context) =>
    findProgram({ name: "ps", program: "ps", args: ["--version"], minimum: psMinimum }, context),
  ways: [
    debianWay(
      "ps",
      { packages: ["procps"], programs: ["ps", "pgrep", "pkill"] },
      { program: "ps", versionArgs: ["--version"] },
    ),
  ],
  remedy: 'install procps ("apt-get install procps"), then run again',
};

/** Tests run here what checks hosts there. */
export const curl: Component = {
  name: "curl",
  title: `curl ${curlMinimum} or newer`,
  find: (context) =>
    findProgram({ name: "curl", program: "curl", args: ["--version"], minimum: curlMinimum }, context),
  ways: [
    debianWay(
      "curl",
      { packages: ["curl"], programs: ["curl"] },
      { program: "curl", versionArgs: ["--version"] },
    ),
  ],
  remedy: 'install curl ("apt-get install curl"), then run again',
};

/** Servers that tests start beside the test machines; always of the same release, whatever the machine has. */
export const sshd: Component = {
  name: "sshd",
  title: "OpenSSH server",
  find: ofOneRelease,
  ways: [
    debianWay(
      "sshd",
      { packages: ["openssh-server"], programs: ["sshd"] },
      { program: "sshd", versionArgs: ["-V"] },
    ),
  ],
  remedy: sameRelease,
};

/** A lock is held with it on machines that have it; test machines have none. */
export const systemd: Component = {
  name: "systemd",
  title: "systemd",
  find: ofOneRelease,
  ways: [
    debianWay(
      "systemd",
      {
        packages: ["systemd", "dbus-daemon", "dbus-session-bus-common", "dbus-user-session"],
        programs: ["systemd-run"],
        throughLoader: true,
      },
      { program: "systemd-run", versionArgs: ["--version"] },
    ),
  ],
  remedy: sameRelease,
};

/** Tests hash passwords with it. */
export const openssl: Component = {
  name: "openssl",
  title: "OpenSSL",
  find: ofOneRelease,
  ways: [
    debianWay(
      "openssl",
      { packages: ["openssl"], programs: ["openssl"] },
      { program: "openssl", versionArgs: ["version"] },
    ),
  ],
  remedy: sameRelease,
};
