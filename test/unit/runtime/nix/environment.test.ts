import { expect, test } from "vitest";
import { nixArguments, nixEnvironment } from "../../../../runtime/nix/environment.ts";

test("Nix keeps what private inputs need and loses what only Pulumi or a Git hook may know", () => {
  const kept = {
    HOME: "/home/me",
    SSH_AUTH_SOCK: "/run/agent",
    NIX_CONFIG: "access-tokens = x",
    NIX_SSHOPTS: "-v",
  };
  const dropped = { PULUMI_CONFIG_PASSPHRASE: "p", HCLOUD_TOKEN: "t", GIT_DIR: "/x", GIT_INDEX_FILE: "/y" };
  expect(nixEnvironment({ ...kept, ...dropped })).toEqual(kept);
});

test("flakes are switched on for the call, not for the user", () => {
  expect(nixArguments("eval", "--json")).toEqual([
    "--extra-experimental-features",
    "nix-command flakes",
    "--log-format",
    "raw",
    "eval",
    "--json",
  ]);
});
