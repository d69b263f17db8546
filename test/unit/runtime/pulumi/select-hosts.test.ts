import { describe, expect, it } from "vitest";
import type { StackOutputs } from "../../../../runtime/pulumi/outputs.ts";
import { chooseHosts } from "../../../../runtime/pulumi/select-hosts.ts";

const host = (tags: string[]): StackOutputs["hosts"][string] => ({
  ...{ provider: "existing", id: "1", ipv4: null, ipv6: null, address: "a", user: "root", port: 22 },
  ...{ elevate: "none", elevatePassword: null, allowUnreachable: false },
  ...{
    system: "/nix/store/x",
    ageRecipient: "age1",
    hostPublicKey: "ssh-ed25519 AAAA",
    jump: [],
    previousEndpoint: null,
    ssh: "",
    wave: null,
  },
  tags,
});
const stack = { hosts: { web: host(["eu", "edge"]), db: host(["eu"]), mail: host([]) } };

describe("chooseHosts", () => {
  it("takes all hosts where none is named, sorted", () => {
    expect(chooseHosts(stack, [])).toEqual(["db", "mail", "web"]);
  });

  it("takes numbered hosts in the order people count", () => {
    const web = Object.fromEntries(
      ["web-10", "web-9", "web", "db-2", "web-1"].map((name) => [name, host(["x"])]),
    );
    const ordered = ["db-2", "web", "web-1", "web-9", "web-10"];
    expect(chooseHosts({ hosts: web }, [])).toEqual(ordered);
    expect(chooseHosts({ hosts: web }, ["@x"])).toEqual(ordered);
    expect(chooseHosts({ hosts: web }, ["web-10", "web-9"])).toEqual(["web-9", "web-10"]);
  });

  it("takes hosts by name and tag, each once, sorted", () => {
    expect(chooseHosts(stack, ["web", "@eu"])).toEqual(["db", "web"]);
    expect(chooseHosts(stack, ["mail", "@edge"])).toEqual(["mail", "web"]);
  });

  it("says of a host that the last update did not finish it", () => {
    const unfinished = ["big"];
    expect(() => chooseHosts({ ...stack, unfinished }, ["big", "bag"])).toThrow(
      /the last update did not finish "big"; "bag" is not a host/,
    );
    expect(chooseHosts({ ...stack, unfinished }, [])).toEqual(["db", "mail", "web"]);
  });

  it("refuses what names nothing, all at once", () => {
    expect(() => chooseHosts(stack, ["wbe", "@us", "eu"])).toThrow(
      /"wbe" is not a host; did you mean "web"\?; "us" is the tag of no host.*; "eu" is not a host, but a tag: write "@eu"/,
    );
  });
});
