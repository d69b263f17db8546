import { expect, it } from "vitest";
import { hostName } from "../../../../model/config/settings/host-name.ts";
import { HostNames } from "../../../../model/naming/host-names.ts";
import { parts } from "../../../../model/naming/resource-names.ts";

it("names a host's resources after the host, and after what it was called before", () => {
  const names = new HostNames({ name: "web", aliases: ["www", "old"] });
  expect(names.of(parts.hostKey)).toEqual({
    name: "web-host-key",
    aliases: [{ name: "www-host-key" }, { name: "old-host-key" }],
  });
  expect(new HostNames({ name: "web", aliases: [] }).of("volume-data")).toEqual({
    name: "web-volume-data",
    aliases: [],
  });
});

it("stays within the 63 bytes of a label with the longest host name", () => {
  const longest = `a${"b".repeat(39)}`;
  expect(hostName.safeParse(longest).success).toBe(true);
  const names = new HostNames({ name: longest, aliases: [] });
  for (const part of Object.values(parts)) expect(names.of(part).name.length).toBeLessThanOrEqual(63);
});
