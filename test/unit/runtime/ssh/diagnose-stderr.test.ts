import { expect, test } from "vitest";
import { diagnose } from "../../../../runtime/ssh/diagnose-stderr.ts";

const cases: [string, string, { kind: string; seen: string }][] = [
  [
    "a changed host key",
    "debug1: Server host key: ssh-ed25519 SHA256:abc\r\n@@@\r\nHost key verification failed.\r\n",
    { kind: "host-key", seen: "SHA256:abc" },
  ],
  [
    "a host key of another type, of which ssh showed no fingerprint",
    "Unable to negotiate with 198.51.100.2 port 22: no matching host key type found. Their offer: ssh-rsa\n",
    {
      kind: "host-key",
      seen: "Unable to negotiate with 198.51.100.2 port 22: no matching host key type found. Their offer: ssh-rsa",
    },
  ],
  [
    "a refused user key, although the host key line is there too",
    "debug1: Server host key: ssh-ed25519 SHA256:abc\nroot@h: Permission denied (publickey).\n",
    { kind: "user-key", seen: "root@h: Permission denied (publickey)." },
  ],
  [
    "a broken key file comes before the refusal it causes, without its path",
    'Load key "/tmp/x/id": invalid format\nroot@h: Permission denied (publickey).\n',
    { kind: "key-file", seen: "private key: invalid format" },
  ],
  ["no ssh program", "spawn ssh ENOENT", { kind: "no-ssh", seen: "spawn ssh ENOENT" }],
  [
    "a closed port: the last line that is no debug line",
    "OpenSSH_9.2p1\ndebug1: Connecting\nssh: connect to host 198.51.100.2 port 22: Connection refused\ndebug1: x\n",
    { kind: "unreachable", seen: "ssh: connect to host 198.51.100.2 port 22: Connection refused" },
  ],
  ["silence", "", { kind: "unreachable", seen: "no answer" }],
];

test.each(cases)("%s", (_name, stderr, expected) => {
  expect(diagnose(stderr)).toEqual(expected);
});
