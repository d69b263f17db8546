// What `pulumi stack output --json` prints for an output that is not known.
import { unknownValue as unknown } from "@pulumi/pulumi/runtime/rpc.js";
import { describe, expect, it } from "vitest";
import { defaultHealth, defaultPreDeploy } from "../../../../model/config/settings/health.ts";
import type { DeploymentSettings } from "../../../../model/protocol/deploy.ts";
import {
  configuredTarget,
  factsOf,
  parseStackOutputs,
  type StackOutputs,
  sshTarget,
  unfinishedLines,
} from "../../../../runtime/pulumi/outputs.ts";
import { exampleFacts } from "../../deployed-facts.ts";

const hostPublicKey = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";
const web: StackOutputs["hosts"][string] = {
  provider: "existing",
  id: "1",
  ipv4: "203.0.113.7",
  ipv6: null,
  address: "203.0.113.7",
  user: "root",
  port: 2222,
  previousEndpoint: null,
  elevate: "none",
  elevatePassword: null,
  jump: [],
  allowUnreachable: false,
  system: "/nix/store/x",
  ageRecipient: "age1x",
  hostPublicKey,
  ssh: "npx fleet ssh web",
  tags: [],
  wave: null,
};
const strict: DeploymentSettings = {
  preDeploy: defaultPreDeploy,
  health: { ...defaultHealth, settle: 9 },
  generations: { keep: 4 },
  reboot: "never",
  drain: { run: "leave-cluster", timeout: 9 },
};
const deadlines = { contact: 1, away: 1, lock: 1, build: 1, copy: 1, activate: 1, confirm: 1, reboot: 7 };
const outputs = (host: StackOutputs["hosts"][string]): StackOutputs => ({
  hosts: { web: host },
  unfinished: [],
  credentials: { privateKey: "key", secrets: {}, deployments: { web: strict }, deadlines },
});

describe("sshTarget", () => {
  it("leads to a host where it is, and where it was before", () => {
    expect(sshTarget(outputs(web), "web").connection).toEqual({
      ...{ address: "203.0.113.7", port: 2222, user: "root", privateKey: "key" },
    });
    const previousEndpoint = { address: "203.0.113.7", port: 22 };
    expect(sshTarget(outputs({ ...web, previousEndpoint }), "web").connection.previous).toEqual(
      previousEndpoint,
    );
  });

  it("names the host that was meant, and those there are in few words", () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`web-${index + 1}`, web]));
    const lookUp = (name: string) => () => sshTarget({ ...outputs(web), hosts: { ...many, db: web } }, name);
    expect(lookUp("wbe-1")).toThrow(
      /no such host; did you mean "web-1"\?[\s\S]*name one of db, web-\{1\.\.100\}$/,
    );
    expect(lookUp("mailserver")).toThrow(/the stack has no such host\n/);
  });
});

describe("a stack of which an update left hosts unfinished", () => {
  const { hosts, credentials } = outputs(web);

  it("is read, with the others as they are", () => {
    const read = parseStackOutputs({
      hosts: { ...hosts, big: unknown },
      credentials,
      facts: unknown,
      nextSteps: [],
    });
    expect(read).toEqual({ hosts, credentials, unfinished: ["big"] });
    expect(sshTarget(read, "web").host).toBe("web");
    expect(unfinishedLines(read)).toEqual(["big: not finished by the last update: run pulumi up"]);
    expect(unfinishedLines({ unfinished: ["w-1", "w-2", "w-3"] })).toEqual([
      "w-{1..3}: not finished by the last update: run pulumi up",
    ]);
    expect(unfinishedLines({ unfinished: [] })).toEqual([]);
    expect(() => sshTarget(read, "big")).toThrow(/not finished by[\s\S]*run pulumi up/);
    expect(() => factsOf(read)).toThrow(/the last update did not finish/);
  });

  it("is not confused with outputs of another program", () => {
    for (const printed of [{}, { hosts: { web: "x" }, credentials }, { hosts, credentials: unknown }])
      expect(() => parseStackOutputs(printed)).toThrow(/has no hosts yet, or was written by another/);
    expect(parseStackOutputs({ hosts, credentials }).unfinished).toEqual([]);
  });
});

describe("configuredTarget", () => {
  it("adds to how a host is reached how it is deployed and rebooted", () => {
    const target = configuredTarget(outputs(web), "web");
    expect(target).toEqual({ ...sshTarget(outputs(web), "web"), settings: strict, deadlines });
  });

  it("refuses outputs that do not say so", () => {
    const { credentials, ...rest } = outputs(web);
    const read = () => configuredTarget({ ...rest, credentials: { ...credentials, deployments: {} } }, "web");
    expect(read).toThrow(/do not say how the host is deployed\n {2}next: pulumi up/);
  });
});

it("gives the facts, and says what to do in a stack of a version that kept none", () => {
  const facts = exampleFacts();
  expect(factsOf({ ...outputs(web), facts })).toBe(facts);
  expect(() => factsOf(outputs(web))).toThrow(/earlier version\n {2}next: pulumi up/);
});
