import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { FactRegistry } from "../../../../components/facts/fact-registry.ts";
import { deployedFacts, factsOutput } from "../../../../components/facts/facts-output.ts";
import { outputValueOrUnknown } from "../../../../components/shared/output-value.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { type Fact, type FactPath, factPaths } from "../../../../model/facts/facts.ts";
import { deployedFactsSchema } from "../../../../model/facts/facts-file.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";
import { staticFacts } from "../../../../model/inventory/static-facts.ts";
import { writeFacts } from "../../../../runtime/operations/facts/facts-file.ts";
import { factsTargets } from "../../../../runtime/operations/facts/targets.ts";

const hostKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHyAV7q8cvQ6Bhn5tsDdYiGqZ1pSnOxhEhWdDbBeJZ1a";
const existing = { provider: "existing", bootstrap: "none" };
const inventory = buildInventory(
  parseConfiguration(
    {
      "fleet:hosts": JSON.stringify({
        web: { ...existing, hostKey, address: "192.0.2.1", flake: "./hosts#front" },
        db: {
          ...existing,
          trustOnFirstUse: true,
          address: "192.0.2.2",
          system: "/nix/store/00000000000000000000000000000000-nixos-system",
        },
      }),
    },
    {},
    { isSecret: () => false, plain: [] },
  ),
);
const fixed = staticFacts(inventory, { project: "p", stack: "prod" });

/** All facts known, to one value each, but for those that are given. */
function bookWith(given: Partial<Record<FactPath, Promise<Fact>>> = {}): FactRegistry {
  const book = new FactRegistry(fixed);
  for (const path of factPaths(fixed))
    book.provideFact(path, given[path] ?? Promise.resolve({ known: true, value: `value of ${path}` }));
  return book;
}
const moved = (value: string) => bookWith({ "hosts.db.ipv4": Promise.resolve({ known: true, value }) });

let root: string;
const warnings: string[] = [];
beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), "deployed-facts-"));
  warnings.length = 0;
  vi.spyOn(pulumi.log, "warn").mockImplementation(async (message) => {
    warnings.push(message);
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(root, { recursive: true });
});

/** A flake with the facts as they are now. */
async function write(): Promise<void> {
  mkdirSync(path.join(root, "hosts"));
  writeFileSync(path.join(root, "hosts", "flake.nix"), "{ }");
  const facts = await deployedFacts(bookWith(), inventory, root);
  for (const target of factsTargets(facts, root)) await writeFacts(facts, target);
}

describe("the facts of a stack", () => {
  it("are those that are known, until when the others are not, and where hosts are built from", async () => {
    const waiting: Fact = { known: false, until: 'server "web" exists' };
    const book = bookWith({
      "hosts.web.ipv4": Promise.resolve(waiting),
      "hosts.web.ipv6": Promise.reject(new Error("refused")),
    });
    const facts = await deployedFacts(book, inventory, root);
    expect(facts).toMatchObject({
      fixed,
      unknown: {
        "hosts.web.ipv4": 'server "web" exists',
        "hosts.web.ipv6": "what it comes from is in order",
      },
      sources: { web: { flake: "./hosts", attribute: "front" }, db: null },
    });
    expect(Object.keys(facts.known)).toEqual(
      factPaths(fixed).filter((path) => !/^hosts\.web\.ipv[46]$/.test(path)),
    );
    expect(warnings).toEqual([]);
  });

  it("are a secret output, that they are not printed", async () => {
    const output = factsOutput(bookWith(), inventory, root);
    expect(await pulumi.isSecret(output)).toBe(true);
    const answer = await outputValueOrUnknown(output);
    expect(answer.known && deployedFactsSchema.safeParse(answer.value).success).toBe(true);
  });
});

describe("a file that facts are written in", () => {
  it("is not spoken of while it holds them", async () => {
    await write();
    await deployedFacts(bookWith(), inventory, root);
    expect(warnings).toEqual([]);
  });

  it("is warned of once where it does not, with the fact and what to do", async () => {
    await write();
    await deployedFacts(moved("192.0.2.9"), inventory, root);
    expect(warnings).toEqual([
      "hosts/facts/prod.json does not hold the facts of the stack (hosts.db.ipv4): other tools build other systems from it. npx fleet facts export",
    ]);
  });

  it("is warned of where a preview cannot know a fact yet, and not with every fact by name", async () => {
    await write();
    vi.spyOn(pulumi.runtime, "isDryRun").mockReturnValue(true);
    const waiting = Promise.resolve<Fact>({ known: false, until: "later" });
    const names = ["ipv4", "ipv6", "hostKey", "ageRecipient"] as const;
    const given = Object.fromEntries(names.map((name) => [`hosts.db.${name}`, waiting] as const));
    await deployedFacts(bookWith(given), inventory, root);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toContain("(hosts.db.ageRecipient, hosts.db.hostKey, hosts.db.ipv4 and 1 more)");
    expect(warnings[0]).toContain("after the update: npx fleet facts export");
  });

  it("is warned of where somebody has formatted it, or broken it", async () => {
    await write();
    const file = path.join(root, "hosts", "facts", "prod.json");
    writeFileSync(file, "<<<<<<< ours");
    await deployedFacts(bookWith(), inventory, root);
    expect(warnings).toHaveLength(1);
  });
});
