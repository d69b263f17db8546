import { describe, expect, it } from "vitest";
import {
  type BalancerChoice,
  balancerChoiceOf,
  validateLoadBalancerChoice,
} from "../../../../model/cloud-catalog/load-balancer.ts";
import { parseConfiguration } from "../../../../model/config/parse.ts";
import { buildInventory } from "../../../../model/inventory/inventory.ts";

const types = [
  { name: "lb11", locations: ["hel1", "nbg1"], services: 5, targets: 25, certificates: 10 },
  { name: "lb21", locations: ["nbg1"], services: 15, targets: 75, certificates: 25 },
  { name: "lb01", locations: [], services: 50, targets: 50, certificates: 50 },
];

const wrong = (changes: Partial<BalancerChoice>) =>
  validateLoadBalancerChoice(
    { type: "lb11", location: "nbg1", services: 5, targets: 25, certificates: 10, ...changes },
    types,
  ).map(({ setting, reason }) => `${setting}: ${reason}`);

describe("what Hetzner does not offer of load balancers", () => {
  it.each<[Partial<BalancerChoice>, string[]]>([
    [{}, []],
    [{ type: "lb12" }, ['type: Hetzner has no load balancer type "lb12"; did you mean "lb11"?']],
    [{ type: "lb999999" }, ['type: Hetzner has no load balancer type "lb999999"; valid values: lb11, lb21']],
    [{ type: "lb01" }, ['type: Hetzner has stopped offering "lb01"']],
    [{ location: "ash" }, ['type: "lb11" is not offered in ash, but in hel1 and nbg1']],
    [{ services: 6 }, ['services: "lb11" takes 5 services, and there are 6; larger types: lb21']],
    [{ targets: 26, location: "hel1" }, ['targets: "lb11" takes 25 targets, and there are 26']],
    [
      { targets: 76, certificates: 11 },
      [
        'targets: "lb11" takes 25 targets, and there are 76',
        'services: "lb11" takes 10 certificates, and there are 11; larger types: lb21',
      ],
    ],
  ])("%j", (changes, reasons) => {
    expect(wrong(changes)).toEqual(reasons);
  });

  it("is found by what a balancer takes: each certificate once", () => {
    const https = { protocol: "https", certificates: [1, 2] };
    const loadBalancers = {
      lb: { targets: ["a", "b"], services: [https, { ...https, listen: 444, certificates: [2, 3] }] },
    };
    const raw = {
      "hcloud:token": "t",
      "fleet:hosts": '{"a":{},"b":{}}',
      "fleet:loadBalancers": JSON.stringify(loadBalancers),
    };
    const [balancer] = buildInventory(parseConfiguration(raw)).loadBalancers;
    expect(balancer && balancerChoiceOf(balancer)).toEqual({
      type: "lb11",
      location: "nbg1",
      services: 2,
      targets: 2,
      certificates: 3,
    });
  });
});
