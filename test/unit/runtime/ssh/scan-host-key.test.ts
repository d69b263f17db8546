import { expect, test } from "vitest";
import { parseScan } from "../../../../runtime/ssh/scan-host-key.ts";

const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

test.each([
  [`web ${key}\n`, key],
  [`[web]:2222 ${key}\n`, key],
  [`# web:22 SSH-2.0-OpenSSH_9.2p1\n2001:db8::5 ${key}\r\n`, key],
  [`web ssh-rsa AAAA\nweb ${key}\n`, key],
  [`# web ${key}\n`, undefined],
  ["web ssh-rsa AAAA\n", undefined],
  [`${key}\n`, undefined],
  [`web ${key} more\n`, undefined],
  ["", undefined],
])("ssh-keyscan's output %j shows %j", (output, shown) => {
  expect(parseScan(output)).toBe(shown);
});
