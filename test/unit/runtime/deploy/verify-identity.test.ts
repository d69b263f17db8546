import { describe, expect, it } from "vitest";
import { verifyIdentity } from "../../../../runtime/deploy/verify-identity.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";

const claim = { stack: "fleet/prod", host: "web", aliases: ["www"] };
const identity = (stack: string, host: string) => ({
  kind: "read" as const,
  value: { version: 1 as const, stack, host, installId: "i1", reinstall: null },
});

function refusal(document: Parameters<typeof verifyIdentity>[1]): StepError {
  try {
    verifyIdentity(claim, document);
  } catch (error) {
    if (error instanceof StepError) return error;
  }
  throw new Error("was not refused");
}

describe("checkOwnership", () => {
  it("accepts its own host", () => {
    expect(verifyIdentity(claim, identity("fleet/prod", "web")).renamed).toBe(false);
  });

  it("accepts a former name, and says so", () => {
    const owned = verifyIdentity(claim, identity("fleet/prod", "www"));
    expect(owned.renamed).toBe(true);
    expect(owned.identity.host).toBe("www");
  });

  it("refuses a former name of another stack", () => {
    expect(refusal(identity("fleet/dev", "www")).failure).toMatchObject({
      host: "web",
      step: "identity",
      seen: 'the machine is host "www" of stack "fleet/dev", not "web" of "fleet/prod"',
    });
  });

  it("refuses another host of the same stack, and names the way to rename it", () => {
    expect(refusal(identity("fleet/prod", "db")).failure.next).toContain("aliases: [db]");
  });

  it("refuses the same name in another stack", () => {
    expect(refusal(identity("fleet/dev", "web")).failure.next).not.toContain("aliases");
  });

  it("refuses a machine without identity, and one whose identity cannot be read", () => {
    expect(refusal({ kind: "absent" }).failure.seen).toContain("no /etc/fleet/identity.json");
    expect(refusal({ kind: "unreadable", text: "{}" }).failure.seen).toContain("cannot be understood: {}");
  });
});
