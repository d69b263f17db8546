import { describe, expect, it } from "vitest";
import {
  deployedFactsSchema,
  factDifferences,
  factsText,
  factText,
  missingFacts,
  writtenFacts,
} from "../../../../model/facts/facts-file.ts";
import { exampleFacts } from "../../deployed-facts.ts";
import { fc } from "../../property.ts";

const facts = exampleFacts();
const file = (of = facts) => factsText(writtenFacts(of, { web: "web" }));
const differences = (text: string, of = facts) => factDifferences(text, writtenFacts(of, { web: "web" }));

describe("the file of the facts", () => {
  it("is what Nix reads, sorted, a value on each line, whatever the order of the facts", () => {
    const lines = file().split("\n");
    expect(lines).toContain('    "hosts.web.ipv4": "203.0.113.7",');
    expect(file().endsWith("}\n")).toBe(true);
    expect(JSON.parse(file())).toMatchObject({
      configurations: { web: "web" },
      dynamicFactNames: ["ipv4", "ipv6", "hostKey", "ageRecipient", "wireguardKey"],
      fixed: { stack: "prod" },
      format: 1,
      known: { "facts.ports": [80, 443], "hosts.mail.ipv4": null },
    });
    const known = lines.slice(lines.indexOf('  "known": {') + 1).filter((line) => line.startsWith('    "'));
    expect(known).toEqual([...known].sort());
    const reversed = {
      ...facts,
      known: Object.fromEntries(Object.entries(facts.known).toReversed()),
      fixed: { ...facts.fixed, hosts: Object.fromEntries(Object.entries(facts.fixed.hosts).toReversed()) },
    };
    expect(file(reversed)).toBe(file());
  });

  it("holds nothing of where hosts are built from elsewhere", () => {
    expect(file()).not.toContain("github:example");
  });

  it("survives the state it is kept in", () => {
    expect(deployedFactsSchema.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts);
    expect(deployedFactsSchema.safeParse({ ...facts, fixed: {} }).success).toBe(false);
  });
});

describe("missing facts", () => {
  it("are none where every one is known", () => {
    expect(missingFacts(facts)).toEqual([]);
  });

  it("are named with what they wait for, those that the last update knew nothing of as well", () => {
    const known = { ...facts.known };
    delete known["hosts.web.ipv4"];
    delete known["hosts.web.wireguardKey"];
    const waiting = { ...facts, known, unknown: { "hosts.web.ipv4": 'server "web" exists' } };
    expect(missingFacts(waiting)).toEqual([
      { path: "hosts.web.ipv4", until: 'server "web" exists' },
      { path: "hosts.web.wireguardKey", until: "the next update" },
    ]);
  });
});

describe("differences", () => {
  it("are none between a file and the facts it was made from", () => {
    const values = fc.dictionary(fc.stringMatching(/^facts\.[a-z]{1,4}$/), fc.jsonValue());
    fc.assert(
      fc.property(values, (more) => {
        const known = { ...facts.known, ...JSON.parse(JSON.stringify(more)) };
        expect(differences(file({ ...facts, known }), { ...facts, known })).toEqual([]);
      }),
    );
  });

  it.each(Object.keys(facts.known))("show that %s changed, and that it went", (path) => {
    const changed = { ...facts, known: { ...facts.known, [path]: "other" } };
    const written = JSON.stringify(facts.known[path]);
    expect(differences(file(), changed)).toEqual([{ path, written, actual: '"other"' }]);
    const gone = { ...facts, known: { ...facts.known } };
    delete gone.known[path];
    expect(differences(file(), gone)).toEqual([{ path, written, actual: undefined }]);
  });

  it("show what follows from the configuration: hosts, networks, names of configurations", () => {
    const { mail: _, web, ...hosts } = facts.fixed.hosts;
    if (web === undefined) throw new Error("no web");
    const fixed = {
      ...facts.fixed,
      hosts: { ...hosts, web: { ...web, tags: ["eu", "edge"] } },
      networks: { internal: { range: "10.0.0.0/8", subnet: "10.0.1.0/24" } },
    };
    const paths = differences(file(), { ...facts, fixed }).map(({ path }) => path);
    expect(paths.filter((path) => !path.startsWith("hosts.mail."))).toEqual([
      "hosts.web.tags",
      "networks.internal",
    ]);
    expect(paths).toContain("hosts.mail.provider");
    expect(factDifferences(file(), writtenFacts(facts, { web: "front" }))).toEqual([
      { path: "configuration of web", written: '"web"', actual: '"front"' },
    ]);
  });

  it.each(["", "no JSON", "{}", '{"format": 1}'])("are all facts where the file is %j", (text) => {
    const found = differences(text);
    expect(found.every(({ written }) => written === undefined)).toBe(true);
    expect(found.map(({ path }) => path)).toEqual(expect.arrayContaining(Object.keys(facts.known)));
  });
});

it("a fact is shown as it is, text without quotes", () => {
  expect([undefined, "x", [80], null].map(factText)).toEqual(["?", "x", "[80]", "null"]);
});
