import { expect, test } from "vitest";
import { inputRefusedThere, refusedInput } from "../../../../../runtime/nix/sources/refused-input.ts";

test.each([
  [
    "git over SSH without a key",
    "git@git.example.org: Permission denied (publickey).\nfatal: Could not read from remote repository.\n" +
      "error: Cannot find Git revision 'abc' in ref 'main' of repository 'ssh://git@git.example.org/me/private'! Please make sure",
    {
      url: "ssh://git@git.example.org/me/private",
      why: "git@git.example.org: Permission denied (publickey)",
    },
  ],
  [
    "git over SSH, whose host nobody knows there",
    "Host key verification failed.\nfatal: Could not read from remote repository.\n" +
      "error:\n       … while fetching the input 'git+ssh://git@git.example.org/me/private'\n",
    { url: "git+ssh://git@git.example.org/me/private", why: "Host key verification failed" },
  ],
  [
    "git over HTTPS",
    "fatal: could not read Username for 'https://git.example.org': No such device or address\nerror: program 'git' failed",
    {
      url: "https://git.example.org",
      why: "fatal: could not read Username for 'https://git.example.org': No such device or address",
    },
  ],
  [
    "an archive of a private repository",
    "warning: unable to download 'https://cache.example.org/nix-cache-info': Could not resolve host\n" +
      "error: unable to download 'https://api.github.com/repos/me/private/tarball/abc': HTTP error 404\n",
    { url: "https://api.github.com/repos/me/private/tarball/abc", why: "HTTP error 404" },
  ],
  [
    "an input nobody names",
    "Host key verification failed.",
    { url: null, why: "Host key verification failed" },
  ],
])("%s is an input that was refused", (_what, stderr, refused) => {
  expect(refusedInput(stderr)).toEqual(refused);
});

test.each([
  "error: undefined variable 'x'",
  "error: unable to download 'https://example.org/x.tar.gz': Could not resolve host: example.org (6)",
  "error: unable to download 'https://example.org/x.tar.gz': HTTP error 500",
  "error: opening file '/etc/secret': Permission denied",
])("%s is not", (stderr) => {
  expect(refusedInput(stderr)).toBeUndefined();
  expect(inputRefusedThere("web", { step: "evaluation" }, stderr)).toBeUndefined();
});

test("the error names input, machine and reason, and says what to do", () => {
  const stderr = "error: unable to download 'https://example.org/private.tar.gz': HTTP error 401";
  const error = inputRefusedThere("builder", { step: "evaluation", host: "web" }, stderr);
  expect(error?.failure.host).toBe("web");
  expect(error?.message).toContain(
    "the input https://example.org/private.tar.gz was refused to builder, which reads the flake because Nix is not installed on this machine: HTTP error 401",
  );
  expect(error?.message).toContain("build.on");
});
