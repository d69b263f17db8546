import { readFileSync } from "node:fs";
import path from "node:path";
import ts from "typescript";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { configurationSchema } from "../../../model/config/schema.ts";
import { buildInventory } from "../../../model/inventory/inventory.ts";
import { parts, typeTokens } from "../../../model/naming/resource-names.ts";
import { packageRoot } from "../../../runtime/platform/package-root.ts";
import { page, type Row, tableRows } from "./pages.ts";
import { schemaKeys } from "./schema-keys.ts";

/** What the code has and the page does not name, and the other way round. */
function difference(code: readonly string[], documented: readonly string[]) {
  return {
    undocumented: code.filter((name) => !documented.includes(name)),
    unknown: documented.filter((name) => !code.includes(name)),
  };
}

/** Rows of a table of keys: key, type, default, meaning. */
function keyRows(): Map<string, Row> {
  const rows = tableRows(page("docs/reference/configuration.md").text);
  return new Map(
    rows.flatMap((row) => {
      const [, key] = /^`([^`:]+)`$/.exec(row[0] ?? "") ?? [];
      return key === undefined || row.length !== 4 ? [] : [[key, row] as const];
    }),
  );
}

describe("docs/reference/configuration.md", () => {
  const rows = keyRows();
  const all = schemaKeys(configurationSchema);
  const belowTags = all.filter(({ path }) => path.startsWith("tags.<tag>."));
  const keys = all.filter((key) => !belowTags.includes(key));

  it("may say of a tag's settings that they are those of all hosts", () => {
    const settings = (group: string) =>
      all.flatMap(({ path }) => (path.startsWith(`${group}.`) ? [path.slice(group.length + 1)] : []));
    expect(belowTags.length).toBeGreaterThan(30);
    expect(settings("tags.<tag>")).toEqual(settings("defaults"));
  });

  it("sees the schema down to its leaves", () => {
    const paths = keys.map(({ path }) => path);
    for (const known of ["hosts", "hosts.<host>.firewall.tcp", "defaults.goal", "deadlines.deploy.confirm"])
      expect(paths).toContain(known);
  });

  it("names every key of the schema, and no other", () => {
    const paths = keys.map(({ path }) => path);
    expect(difference(paths, [...rows.keys()])).toEqual({ undocumented: [], unknown: [] });
  });

  it("names every value of a choice", () => {
    for (const { path, choices } of keys) {
      const type = rows.get(path)?.[1] ?? "";
      for (const choice of choices) expect(type, path).toContain(`\`${choice}\``);
    }
    expect(keys.filter(({ choices }) => choices.length > 0).length).toBeGreaterThanOrEqual(8);
  });

  it("says what every key means", () => {
    for (const [key, row] of rows) expect((row[3] ?? "").length, key).toBeGreaterThan(8);
  });

  it("gives the defaults that are applied", () => {
    const configuration = configurationSchema.parse({ hosts: { web: {} } });
    const [host] = buildInventory(configuration).hosts;
    const record = z.record(z.string(), z.unknown());
    const { ports, source, preDeploy, health, generations, ...settings } = record.parse(host);
    const nested = Object.entries({ preDeploy, health, generations }).flatMap(([group, values]) =>
      Object.entries(record.parse(values)).map(([key, value]) => [`${group}.${key}`, value] as const),
    );
    const applied: Record<string, unknown> = {
      ...settings,
      ...Object.fromEntries(nested),
      "firewall.tcp": record.parse(ports)["tcp"],
      "firewall.udp": record.parse(ports)["udp"],
      flake: record.parse(source)["flake"],
      wipe: null,
    };
    const compared = Object.keys(applied).filter((key) => rows.has(`hosts.<host>.${key}`));
    expect(compared.length).toBeGreaterThanOrEqual(12);
    for (const key of compared) expect(defaultOf(`hosts.<host>.${key}`), key).toEqual(applied[key]);
    for (const group of ["ssh", "rollout", "deadlines.install", "deadlines.deploy"]) {
      const values = group.split(".").reduce<unknown>((at, name) => record.parse(at)[name], configuration);
      for (const [key, value] of Object.entries(record.parse(values)))
        expect(defaultOf(`${group}.${key}`), key).toEqual(value);
    }
  });

  /** The default as a value: `22` is a number, `hetzner` a text, – is nothing. */
  function defaultOf(key: string): unknown {
    const cell = rows.get(key)?.[2] ?? "";
    if (cell === "–") return null;
    const [, text = ""] = /^`([^`]+)`$/.exec(cell) ?? [];
    return /^([\d[{]|true$|false$)/.test(text) ? JSON.parse(text) : text;
  }
});

describe("docs/reference/resources.md", () => {
  const { text } = page("docs/reference/resources.md");

  it("names every type token, every part of a host, and no other", () => {
    const tokens = [...text.matchAll(/`(nixos:[^`]+)`/g)].map(([, token = ""]) => token);
    expect(difference(Object.values(typeTokens), tokens)).toEqual({ undocumented: [], unknown: [] });
    const named = [...text.matchAll(/`<host>-([^`]+)`/g)].map(([, part = ""]) => part);
    expect(difference(Object.values(parts), named)).toEqual({ undocumented: [], unknown: [] });
  });
});

describe("docs/reference/outputs.md", () => {
  const { text } = page("docs/reference/outputs.md");
  const documented = tableRows(text).flatMap(([first = ""]) => /^`([^`]+)`$/.exec(first)?.[1] ?? []);

  it("names the outputs of the program, and of each host, and no other", () => {
    const program = namesIn("index.ts");
    const host = namesIn("components/outputs.ts");
    expect(program).toEqual(["hosts", "loadBalancers", "credentials", "facts", "nextSteps"]);
    expect(namesIn("program.mjs")).toEqual(program);
    const balancer = namesIn("components/load-balancer/load-balancers.ts", "BalancerOutput");
    expect(balancer.length).toBeGreaterThanOrEqual(5);
    expect(host.length).toBeGreaterThanOrEqual(9);
    expect(difference([...new Set([...program, ...host, ...balancer])], documented)).toEqual({
      undocumented: [],
      unknown: [],
    });
  });
});

/** Names of the constants a file exports, or of the members of its interface of that name. */
function namesIn(file: string, shown = "HostOutput"): string[] {
  const text = readFileSync(path.join(packageRoot(), file), "utf8");
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
  return source.statements.flatMap((statement) => {
    if (ts.isInterfaceDeclaration(statement) && statement.name.text === shown)
      return statement.members.flatMap((member) => member.name?.getText() ?? []);
    const exported =
      ts.isVariableStatement(statement) &&
      statement.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
    return exported ? statement.declarationList.declarations.map(({ name }) => name.getText()) : [];
  });
}
