import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStack, type StackFixture } from "./fixture.ts";
import { lifeOf, pageOf } from "./look.ts";
import { expectUnchanged } from "./unchanged.ts";

/** A host that is told to stand elsewhere: another server with other addresses, and the same identity. */
describe("a host with another location", () => {
  let fixture: StackFixture;
  beforeAll(async () => {
    fixture = await createStack();
    fixture.configure({ web: { location: "nbg1" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
  });
  afterAll(() => fixture?.close());

  it("is made anew there, and its addresses with it", async () => {
    const before = await fixture.host("web");
    const life = await lifeOf(fixture, "web");
    fixture.configure({ web: { location: "fsn1" } });
    const run = await fixture.up();
    expect(run.ok, run.output).toBe(true);
    const after = await fixture.host("web");
    expect(after.address).not.toBe(before.address);
    expect(after.hostPublicKey).toBe(before.hostPublicKey);
    expect((await lifeOf(fixture, "web")).installId).not.toBe(life.installId);
    expect(await pageOf(after.address)).toBe("Hello from web, version 1");
    expect(fixture.cloud.journal.unexpected()).toEqual([]);
    expectUnchanged(await fixture.up());
  });

  it("leaves an empty cloud after destroy", async () => {
    const run = await fixture.destroy();
    expect(run.ok, run.output).toBe(true);
    expect(fixture.cloud.inventory()).toEqual([]);
  });
});
