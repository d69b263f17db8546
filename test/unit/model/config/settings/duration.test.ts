import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { duration } from "../../../../../model/config/settings/duration.ts";
import { buildInventory } from "../../../../../model/inventory/inventory.ts";
import { reasonsIn } from "../errors-in.ts";

const form = 'must be a duration: a number of seconds, or a text such as "90s", "5m" or "1h30m"';
const read = (settings: object) =>
  parseConfiguration({
    "hcloud:token": "t",
    ...Object.fromEntries(
      Object.entries({ hosts: { web: {} }, ...settings }).map(([key, value]) => [
        `fleet:${key}`,
        JSON.stringify(value),
      ]),
    ),
  });
const any = duration({ min: 0, max: 1e13 });
const unit = (count: number | undefined, name: string) => (count === undefined ? "" : `${count}${name}`);
const minutes = (seconds: number) => `${Math.floor(seconds / 60)}m${seconds % 60}s`;
const amount = fc.option(fc.integer({ min: 0, max: 999_999_999 }), { nil: undefined });

describe("a duration", () => {
  it.each([
    ["90s", 90],
    ["5m", 300],
    ["2h", 7200],
    ["1h30m", 5400],
    ["1h1m1s", 3661],
    ["90m", 5400],
    ["0s", 0],
  ])("%s is %i seconds", (text, seconds) => {
    expect(any.parse(text)).toBe(seconds);
  });

  it("is the sum of its hours, minutes and seconds", () => {
    fc.assert(
      fc.property(amount, amount, amount, (h, m, s) => {
        fc.pre([h, m, s].some((count) => count !== undefined));
        const text = `${unit(h, "h")}${unit(m, "m")}${unit(s, "s")}`;
        expect(any.parse(text)).toBe((h ?? 0) * 3600 + (m ?? 0) * 60 + (s ?? 0));
      }),
    );
  });

  it("is a number of seconds as it stands", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1e13, noNaN: true }), (seconds) => {
        expect(any.parse(seconds)).toBe(seconds);
      }),
    );
  });

  it("is nothing else, and what it was is not repeated", () => {
    const strange = fc.oneof(
      fc.string().filter((text) => !/^(?=.)(\d+h)?(\d+m)?(\d+s)?$/.test(text)),
      fc.constantFrom("1m1h", "1.5h", "5 m", "5M", "1d", "-5s", "5m5m", "", "h", "90", "1e3", "Infinity"),
      fc.boolean(),
      fc.constant(null),
      fc.array(fc.integer()),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
    );
    fc.assert(
      fc.property(strange, (value) => {
        const { error } = any.safeParse(value);
        expect(error?.issues).toHaveLength(1);
        expect(error?.issues[0]?.message.startsWith(form)).toBe(true);
      }),
    );
  });
});

describe("settings that are durations", () => {
  it("take seconds and texts alike", () => {
    const written = (time: (seconds: number) => number | string) => {
      const checks = [
        { http: { url: "http://a/", timeout: time(20), period: time(2) } },
        { command: { run: "true", timeout: time(30) } },
      ];
      return buildInventory(
        read({
          hosts: {
            web: {
              health: { settle: time(7), deadline: time(90), checks },
              preDeploy: { deadline: time(45) },
              drain: { run: "leave", timeout: time(60) },
            },
          },
          rollout: { soak: time(600) },
          deadlines: {
            install: { kexec: time(1200) },
            deploy: { build: time(7200) },
            preview: { host: time(5) },
          },
          loadBalancers: {
            front: {
              targets: ["web"],
              services: [
                {
                  protocol: "http",
                  healthCheck: { interval: time(30), timeout: time(20) },
                  stickySessions: { lifetime: time(3600) },
                },
              ],
            },
          },
        }),
      );
    };
    expect(written(minutes)).toEqual(written((seconds) => seconds));
    expect(written(minutes).deadlines.deploy.build).toBe(7200);
  });

  it("say which form and which limits they have, all at once", () => {
    const settings = {
      hosts: { web: { health: { deadline: "2h" }, drain: { run: "leave", timeout: "soon" } } },
      rollout: { soak: "90" },
      deadlines: { deploy: { copy: "0s", lock: [1] } },
      loadBalancers: {
        front: {
          targets: ["web"],
          services: [{ protocol: "http", healthCheck: { interval: 1, timeout: 1.5 } }],
        },
      },
    };
    expect(reasonsIn(() => read(settings))).toEqual({
      "fleet:hosts.web.health.deadline": "must be more than 0s and at most 1h",
      "fleet:hosts.web.drain.timeout": form,
      "fleet:rollout.soak": `${form}; this one has no unit: add one, or take its quotes away`,
      "fleet:deadlines.deploy.copy": "must be more than 0s and at most 24h",
      "fleet:deadlines.deploy.lock": form,
      "fleet:loadBalancers.front.services[0].healthCheck.interval": "must be at least 3s and at most 1m",
      "fleet:loadBalancers.front.services[0].healthCheck.timeout": "must be whole seconds",
    });
  });
});
