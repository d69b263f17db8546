import { describe, expect, it } from "vitest";
import { parseConfiguration } from "../../../../../model/config/parse.ts";
import { reasonsIn } from "../errors-in.ts";

const hosts = { web: { tags: ["edge"] }, db: { tags: ["core", "spare"] } };

function errorsOf(rollout: unknown, given: unknown = hosts): Record<string, string> {
  const raw = {
    "hcloud:token": "t",
    "fleet:hosts": JSON.stringify(given),
    "fleet:rollout": JSON.stringify(rollout),
  };
  return reasonsIn(() => parseConfiguration(raw));
}

describe("fleet:rollout", () => {
  it("is read with hosts and tags", () => {
    expect(errorsOf({ canary: ["web", "@core"], waves: ["db", ["@spare", "web"]], maxParallel: 2 })).toEqual(
      {},
    );
  });

  it("may name only what there is; near misses are told, all at once", () => {
    expect(errorsOf({ canary: ["wbe", "@egde"], waves: ["edge", ["db", "mail"]] })).toEqual({
      "fleet:rollout.canary[0]": '"wbe" is not a host; did you mean "web"?',
      "fleet:rollout.canary[1]": '"egde" is the tag of no host; did you mean "edge"?',
      "fleet:rollout.waves[0]": '"edge" is not a host, but a tag: write "@edge" for all hosts that have it',
      "fleet:rollout.waves[1][1]": '"mail" is not a host; valid values: db, web',
    });
  });

  it("says so when no host has tags at all", () => {
    expect(errorsOf({ canary: ["@x"] }, { web: {} })).toEqual({
      "fleet:rollout.canary[0]": '"x" is the tag of no host, as no host has tags',
    });
  });

  it("may name a host that has errors of its own", () => {
    expect(Object.keys(errorsOf({ canary: ["web"] }, { web: { location: "moon" } }))).toEqual([
      "fleet:hosts.web.location",
    ]);
  });

  it("refuses invalid selectors, waves, counts and times", () => {
    expect(
      Object.keys(errorsOf({ canary: [], waves: [3, "@"], maxParallel: 0, soak: -1, cannary: [] })),
    ).toEqual([
      "fleet:rollout.canary",
      "fleet:rollout.cannary",
      "fleet:rollout.maxParallel",
      "fleet:rollout.soak",
      "fleet:rollout.waves[0]",
      "fleet:rollout.waves[1]",
    ]);
    expect(errorsOf({ cannary: ["web"] })).toEqual({
      "fleet:rollout.cannary": 'is not a valid setting; did you mean "canary"?',
    });
  });
});
