import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it, vi } from "vitest";
import { GroupedMessages } from "../../../../components/preview/grouped-messages.ts";
import { recordProgram } from "../mock-engine.ts";

afterEach(() => {
  vi.restoreAllMocks();
});

/** What is shown when each of these hosts has something to tell: the text, and the host it is shown at if it is one's. */
async function told(of: Readonly<Record<string, { head: string; body?: string }>>) {
  const shown: { text: string; at: string | null }[] = [];
  await recordProgram(async () => {
    const info = vi.spyOn(pulumi.log, "info").mockResolvedValue(undefined);
    const notices = new GroupedMessages();
    const hosts = Object.entries(of).map(([host, { head, body = "" }]) => {
      const resource = new pulumi.ComponentResource("nixos:index:Host", host);
      notices.add({ host, resource, head, body });
      return { host, resource };
    });
    await notices.tell();
    await notices.tell();
    for (const [text, resource] of info.mock.calls)
      shown.push({ text, at: hosts.find((host) => host.resource === resource)?.host ?? null });
  });
  return shown;
}

const changed = { head: "old → new", body: "\n  packages  jq  1.6 → 1.7" };

describe("Notices", () => {
  it("are told host by host, once, where they are few", async () => {
    expect(await told({ "web-1": changed, "web-2": changed, "web-3": changed })).toEqual([
      { text: "web-1: old → new\n  packages  jq  1.6 → 1.7", at: "web-1" },
      { text: "web-2: old → new\n  packages  jq  1.6 → 1.7", at: "web-2" },
      { text: "web-3: old → new\n  packages  jq  1.6 → 1.7", at: "web-3" },
    ]);
  });

  it("are told once for all hosts of one system that changes", async () => {
    expect(await told({ "web-1": changed, "web-2": changed, "web-3": changed, db: changed })).toEqual([
      { text: "db, web-{1..3}: old → new\n  packages  jq  1.6 → 1.7", at: null },
    ]);
  });

  it("are told once for hosts whose systems change alike, and apart for others", async () => {
    const ofOwn = (host: string) => ({ ...changed, head: `old of ${host} → new of ${host}` });
    const other = { head: "old → new", body: "\n  packages  none changes its version" };
    const hosts = Object.fromEntries(["a", "b", "c", "d", "e"].map((host) => [host, ofOwn(host)]));
    expect(await told({ ...hosts, z: other })).toEqual([
      {
        text: "a, b, c, d, e: 5 systems, all of which change alike\n  packages  jq  1.6 → 1.7",
        at: null,
      },
      { text: "z: old → new\n  packages  none changes its version", at: "z" },
    ]);
  });

  it("without more to say are alike when they say the same", async () => {
    const unknown = { head: "the system is unknown until the deploy key exists" };
    const other = { head: "the system is unknown until db exists" };
    expect(await told({ a: unknown, b: unknown, c: unknown, d: unknown, e: other })).toEqual([
      { text: "a, b, c, d: the system is unknown until the deploy key exists", at: null },
      { text: "e: the system is unknown until db exists", at: "e" },
    ]);
  });
});
