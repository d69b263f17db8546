import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { errorsIn } from "../errors-in.ts";

function hostOf(host: object, defaults: object = {}) {
  const raw = { "fleet:hosts": JSON.stringify({ web: host }), "fleet:defaults": JSON.stringify(defaults) };
  const [web] = buildInventory(parseConfiguration(raw, { HCLOUD_TOKEN: "x" })).hosts;
  if (web === undefined) throw new Error("no host");
  return web;
}

function errorsOf(host: object): string[] {
  return errorsIn(() => hostOf(host)).map(({ path }) => path);
}

describe("health", () => {
  it("has defaults that look at units alone", () => {
    expect(hostOf({})).toMatchObject({
      health: { settle: 3, deadline: 60, ignoreUnits: ["acme-*"], checks: [] },
      preDeploy: { deadline: 30, checks: [] },
      generations: { keep: 10 },
      reboot: "never",
      drain: null,
    });
  });

  it("gives every check its defaults", () => {
    const checks = [
      { http: { url: "http://localhost/", status: 204 } },
      { tcp: { port: 22 } },
      { tcp: { port: 22 }, from: "operator" },
      { command: "true" },
      { command: { run: "true", timeout: 9 } },
    ];
    const tries = { timeout: 5, period: 1 };
    expect(hostOf({ health: { checks } }).health.checks).toEqual([
      {
        kind: "http",
        from: "target",
        url: "http://localhost/",
        ...{ status: [204], body: null, responseHeaders: {}, requestHeaders: {}, insecure: false },
        ...tries,
      },
      { kind: "tcp", from: "target", host: "localhost", port: 22, ...tries },
      { kind: "tcp", from: "operator", host: "{address}", port: 22, ...tries },
      { kind: "command", from: "target", run: "true", ...tries },
      { kind: "command", from: "target", run: "true", timeout: 9, period: 1 },
    ]);
  });

  it("lets no single try take longer than all of them may", () => {
    const checks = [{ command: { run: "true", timeout: 50 } }, { tcp: { port: 22 } }];
    const host = hostOf(
      { health: { deadline: 9, checks }, preDeploy: { checks } },
      { preDeploy: { deadline: 3 } },
    );
    expect(host.health.checks.map(({ timeout }) => timeout)).toEqual([9, 5]);
    expect(host.preDeploy.checks.map(({ timeout }) => timeout)).toEqual([3, 3]);
  });

  it("must be judged before its deadline, the stack's or ours, where there are checks", () => {
    const reasonsOf = (host: object, defaults: object = {}) =>
      errorsIn(() => hostOf(host, defaults)).map(({ path, reason }) => `${path} ${reason}`);
    const checks = [{ command: "true" }];
    const seen = "is 60 s, and must be less than health.deadline, 60 s: no check could hold in between";
    expect(reasonsOf({ health: { settle: 60, checks } })).toEqual([`fleet:hosts.web.health.settle ${seen}`]);
    expect(reasonsOf({ health: { checks } }, { health: { settle: 9, deadline: 8 } })).toHaveLength(1);
    expect(reasonsOf({ health: { settle: 60, deadline: 61, checks } })).toEqual([]);
    expect(reasonsOf({ health: { settle: 600 } })).toEqual([]);
  });

  it("of a host takes the place of the stack's, key by key", () => {
    const defaults = {
      health: { settle: 9, checks: [{ command: "true" }] },
      preDeploy: { deadline: 7 },
      reboot: "always",
      drain: { run: "leave", timeout: 4 },
      generations: { keep: 4 },
    };
    const host = hostOf({ health: { checks: [] }, drain: "go" }, defaults);
    expect(host).toMatchObject({
      health: { settle: 9, checks: [] },
      preDeploy: { deadline: 7 },
      reboot: "always",
      drain: { run: "go", timeout: 300 },
      generations: { keep: 4 },
    });
  });

  it.each([
    ["a check of no kind", { checks: [{}] }, "fleet:hosts.web.health.checks[0]"],
    [
      "a check of two kinds",
      { checks: [{ command: "true", tcp: { port: 1 } }] },
      "fleet:hosts.web.health.checks[0]",
    ],
    [
      "a command from the operator",
      { checks: [{ command: "true", from: "operator" }] },
      "fleet:hosts.web.health.checks[0].from",
    ],
    ["no URL", { checks: [{ http: { url: "/health" } }] }, "fleet:hosts.web.health.checks[0].http.url"],
    ["no port", { checks: [{ tcp: {} }] }, "fleet:hosts.web.health.checks[0].tcp.port"],
    [
      "an unknown key",
      { checks: [{ tcp: { port: 1, hots: "a" } }] },
      "fleet:hosts.web.health.checks[0].tcp.hots",
    ],
    [
      "a body of two lines",
      { checks: [{ http: { url: "http://a/", body: "a\nb" } }] },
      "fleet:hosts.web.health.checks[0].http.body",
    ],
    [
      "a header that ends the line",
      { checks: [{ http: { url: "http://a/", requestHeaders: { a: "b\r\nc: d" } } }] },
      "fleet:hosts.web.health.checks[0].http.requestHeaders.a",
    ],
    ["a pattern with blanks", { ignoreUnits: ["a b"] }, "fleet:hosts.web.health.ignoreUnits[0]"],
  ])("refuses %s, by its path", (_, health, path) => {
    expect(errorsOf({ health })).toContain(path);
  });

  it("refuses a pre-deployment settle time, which would mean nothing", () => {
    expect(errorsOf({ preDeploy: { settle: 3 } })).toEqual(["fleet:hosts.web.preDeploy.settle"]);
  });
});
