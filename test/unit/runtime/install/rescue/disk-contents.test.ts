import { expect, test } from "vitest";
import { parseDiskContents } from "../../../../../runtime/install/rescue/disk-contents.ts";
import { identity } from "../decision-cases.ts";

const base64 = Buffer.from(JSON.stringify(identity)).toString("base64");

test("a report is read, with the identity and whether its system is complete", () => {
  const report = [
    "content /dev/sda2 empty",
    `identity /dev/sda3 present ${base64}`,
    "profile /dev/sda3 yes",
    "content /dev/sda3 data",
    "content /dev/sdb closed",
    "end disk-contents",
    "",
  ].join("\n");
  expect(parseDiskContents(report)).toEqual({
    devices: [
      { path: "/dev/sda2", kind: "empty" },
      { path: "/dev/sda3", kind: "data" },
      { path: "/dev/sdb", kind: "closed" },
    ],
    identities: [{ path: "/dev/sda3", identity: { state: "present", value: identity }, complete: true }],
    used: [],
  });
});

test("an identity that is not an identity is unreadable, and not absent", () => {
  const odd = Buffer.from("{}").toString("base64");
  const report = `identity /dev/sda3 present ${odd}\nprofile /dev/sda3 no\nidentity /dev/sda4 unreadable\nused /dev/sda1\nend disk-contents`;
  const { identities, used } = parseDiskContents(report);
  expect(identities.map(({ identity: found, complete }) => [found.state, complete])).toEqual([
    ["unreadable", false],
    ["unreadable", false],
  ]);
  expect(used).toEqual(["/dev/sda1"]);
});

test.each([
  "content /dev/sda1 data",
  "surprise /dev/sda1 x\nend disk-contents",
  "content /dev/sda1 perhaps\nend disk-contents",
  "content sda1 data\nend disk-contents",
  "profile /dev/sda1 yes\nend disk-contents",
  "",
])("half a report or an unknown line is an error: %j", (report) => {
  expect(() => parseDiskContents(report)).toThrow("report on the machine's disks");
});
