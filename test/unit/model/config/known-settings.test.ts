import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { reasonsIn } from "./errors-in.ts";

function reasonsOf(settings: object): Record<string, string> {
  const raw = Object.entries({ hosts: { web: {} }, ...settings }).map(
    ([key, value]) => [`fleet:${key}`, JSON.stringify(value)] as const,
  );
  return reasonsIn(() => parseConfiguration({ "hcloud:token": "t", ...Object.fromEntries(raw) }));
}

const meant = (...names: string[]) =>
  `is not a valid setting; did you mean ${names.map((name) => `"${name}"`).join(" or ")}?`;

describe("an unknown setting", () => {
  it.each([
    ["of a host", { hosts: { web: { servertype: "cx23" } } }, "hosts.web.servertype", ["serverType"]],
    ["of the stack", { defualts: {} }, "defualts", ["defaults"]],
    [
      "of a tag",
      { hosts: { web: { tags: ["edge"] } }, tags: { edge: { locaton: "nbg1" } } },
      "tags.edge.locaton",
      ["location"],
    ],
    [
      "of an entry of a list",
      { hosts: { web: { health: { checks: [{ comand: "true", tcp: { port: 1 } }] } } } },
      "hosts.web.health.checks[0].comand",
      ["command"],
    ],
    [
      "of a short form's long one",
      { hosts: { web: { drain: { run: "x", timout: "5m" } } } },
      "hosts.web.drain.timout",
      ["timeout"],
    ],
    [
      "of a list in a map",
      { loadBalancers: { front: { targets: ["web"], services: [{ protocol: "http", healthcheck: {} }] } } },
      "loadBalancers.front.services[0].healthcheck",
      ["healthCheck"],
    ],
    [
      "that is a part of names",
      { hosts: { web: { health: { checks: [{ http: { url: "http://a/", header: {} } }] } } } },
      "hosts.web.health.checks[0].http.header",
      ["responseHeaders", "requestHeaders"],
    ],
    ["that belongs one level below", { hosts: { web: { port: 2222 } } }, "hosts.web.port", ["ssh.port"]],
    ["of the stack, one level below", { soak: "5m" }, "soak", ["rollout.soak"]],
    [
      "that belongs in a list one level below",
      { hosts: { web: { health: { command: "true" } } } },
      "hosts.web.health.command",
      ["checks[].command"],
    ],
    [
      "that belongs one level above",
      { hosts: { web: { ssh: { elevate: "sudo" } } } },
      "hosts.web.ssh.elevate",
      ["fleet:hosts.web.elevate"],
    ],
    [
      "that belongs above a list",
      { hosts: { web: { health: { checks: [{ command: "true", ignoreUnits: [] }] } } } },
      "hosts.web.health.checks[0].ignoreUnits",
      ["fleet:hosts.web.health.ignoreUnits"],
    ],
    [
      "that belongs to the stack",
      { hosts: { web: { secrets: {} } } },
      "hosts.web.secrets",
      ["fleet:secrets"],
    ],
  ])("%s names the one that is meant", (_, settings, path, names) => {
    expect(reasonsOf(settings)).toEqual({ [`fleet:${path}`]: meant(...names) });
  });

  it("lists the valid ones where none is near, and only the nearest of many", () => {
    expect(reasonsOf({ ssh: { colour: "red" }, hosts: { web: { zzzzzzzz: 1 } } })).toEqual({
      "fleet:ssh.colour":
        "is not a valid setting; valid settings: allowedCidrs, authorizedKeys, jump, port, previous, user",
      "fleet:hosts.web.zzzzzzzz": expect.stringMatching(
        /^is not a valid setting; the nearest of \d\d valid settings: [a-zA-Z0-9]+(, [a-zA-Z0-9]+){4}$/,
      ),
    });
  });

  it("is reported together with all other errors, beside it and below", () => {
    const checks = [{ http: { url: "/", send: {} }, tpc: { port: 1 } }];
    const settings = {
      hosts: { web: { health: { checks }, drain: { runn: "x", timeout: "soon" } } },
      loadBalancers: {
        front: {
          targets: ["web"],
          services: [{ protocol: "http", stickySessions: { cookei: "x", lifetime: "1s" } }],
        },
      },
    };
    expect(Object.keys(reasonsOf(settings)).sort()).toEqual([
      "fleet:hosts.web.drain.run",
      "fleet:hosts.web.drain.runn",
      "fleet:hosts.web.drain.timeout",
      "fleet:hosts.web.health.checks[0].http.send",
      "fleet:hosts.web.health.checks[0].http.url",
      "fleet:hosts.web.health.checks[0].tpc",
      "fleet:loadBalancers.front.services[0].stickySessions.cookei",
      "fleet:loadBalancers.front.services[0].stickySessions.lifetime",
    ]);
  });

  it.each(["formerly", "optional", "disk", "adopt", "luks"])("%s, of an earlier version, is one", (key) => {
    expect(reasonsOf({ hosts: { web: { [key]: "x" } } })).toEqual({
      [`fleet:hosts.web.${key}`]: expect.stringMatching(/^is not a valid setting/),
    });
  });
});
