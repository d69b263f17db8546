import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeBytes } from "../../../../model/naming/format-bytes.ts";
import { parseRecord } from "../../../../runtime/install/machine/install-record.ts";
import { firstBootErrors } from "../../../../runtime/install/verify-first-boot.ts";

describe("first boot", () => {
  const identity = { version: 1, stack: "s", host: "web", installId: "new", reinstall: null };
  const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64");
  const wanted = { installId: "new", bootId: "b", toplevel: "/nix/store/t" };
  const good = { "boot-id": "b", system: "/nix/store/t", identity: base64(identity) };
  const errors = (changes: Record<string, string | undefined>) => {
    const lines = Object.entries({ ...good, ...changes });
    const seen = lines.flatMap(([name, value]): [string, string[]][] =>
      value === undefined ? [] : [[name, [value]]],
    );
    return firstBootErrors(new Map(seen), wanted);
  };

  test("is good when system, boot and identity are the wanted ones", () => {
    expect(errors({})).toEqual([]);
  });
  test.each([
    [{ system: "/nix/store/old" }, "it runs /nix/store/old instead of /nix/store/t"],
    [{ system: undefined }, "it runs no NixOS system"],
    [{ "boot-id": "c" }, "rebooted once more"],
    [{ identity: undefined }, "identity.json is missing"],
    [{ identity: base64({ ...identity, installId: "old" }) }, "is not of this install"],
    [{ identity: Buffer.from("{").toString("base64") }, "it is not valid JSON"],
  ])("%o is an error", (changes, error) => {
    expect(errors(changes)).toEqual([expect.stringContaining(error)]);
  });
  test("all errors are told at once", () => {
    expect(errors({ system: undefined, "boot-id": "c", identity: undefined })).toHaveLength(3);
  });
});

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1536, "1.5 KiB"],
  [512 * 1024 ** 2, "512 MiB"],
  [40 * 1024 ** 3, "40 GiB"],
  [1024 ** 5, "1 PiB"],
])("%i bytes are %s", (bytes, text) => {
  expect(describeBytes(bytes)).toBe(text);
});

test("every size keeps its first digits", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2 ** 50 }), (bytes) => {
      const [number, unit] = describeBytes(bytes).split(" ");
      const power = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"].indexOf(unit ?? "");
      expect(Math.abs(Number(number) * 1024 ** power - bytes)).toBeLessThanOrEqual(bytes * 0.05);
    }),
  );
});

test("a record of another form is not understood", () => {
  const record = {
    version: 1,
    stack: "s",
    host: "h",
    reinstall: null,
    installId: "i",
    toplevel: "t",
    disko: "d",
    done: [],
  };
  expect(parseRecord(JSON.stringify(record))).toEqual(record);
  expect(parseRecord("{")).toBe("it is not valid JSON");
  expect(parseRecord(JSON.stringify({ ...record, done: ["reboot"] }))).toEqual(expect.any(String));
  expect(parseRecord(JSON.stringify({ ...record, version: 2 }))).toEqual(expect.any(String));
});
