import { createMachineFactory, type TestMachineFactory } from "../../test/harness/machines/factory.ts";
import { Contact } from "../../test/integration/machines/contact.ts";
import { descendantsMiB } from "../measure/memory.ts";
import { Disturbance } from "../measure/rounds.ts";
import { pairedRatios, summarise } from "../measure/statistics.ts";
import type { Benchmark, Series } from "../report.ts";

const counts = [1, 5, 10, 20] as const;
const goalSeconds = 2;

interface Boot {
  /** From the order until every machine has answered. */
  readonly bootSeconds: number;
  /** One login to each of them at once, when they run. */
  readonly loginSeconds: number;
  readonly machineMiB: number;
}

/** Test machines from nothing to their first answer by SSH, against a login to machines that run. */
export const machine: Benchmark = {
  name: "machine",
  title: "Test machines until they answer SSH",
  place: "world",
  async run(context) {
    const factory = await createMachineFactory();
    const contact = await Contact.create();
    const disturbance = new Disturbance();
    const boots = new Map<number, Boot[]>(counts.map((count) => [count, []]));
    try {
      await boot(factory, contact, 1, "warm");
      for (let round = 0; round < context.rounds; round++)
        for (const count of counts) {
          await disturbance.settle(context);
          const found = await boot(factory, contact, count, `r${round}`);
          context.say(
            `${count} at once: ${found.bootSeconds.toFixed(2)} s, ${found.machineMiB.toFixed(1)} MiB each`,
          );
          boots.get(count)?.push(found);
        }
    } finally {
      await factory.close();
      await contact.remove();
    }
    const of = (count: number, part: keyof Boot) => (boots.get(count) ?? []).map((one) => one[part]);
    return {
      name: this.name,
      title: this.title,
      about:
        "From the order of a machine to its first answer by SSH: disk, network, boot, cloud-init, sshd. With several at once: until the last " +
        "has answered. The floor is a login to each of the same machines at once, when they run. Memory is the proportional set size of all " +
        "processes of the machines, divided by their number.",
      series: counts.flatMap((count): Series[] => [
        { label: `${count} at once, until SSH answers`, unit: "s", samples: of(count, "bootSeconds") },
        { label: `${count} at once, login when running`, unit: "s", samples: of(count, "loginSeconds") },
        {
          label: `${count} at once, ratio`,
          unit: "×",
          samples: pairedRatios(of(count, "bootSeconds"), of(count, "loginSeconds")),
        },
        { label: `memory of each of ${count}`, unit: "MiB", samples: of(count, "machineMiB") },
      ]),
      goals: [
        {
          text: "one machine answers, in seconds",
          measured: summarise(of(1, "bootSeconds")).median,
          limit: goalSeconds,
        },
      ],
      disturbed: disturbance.counts(),
    };
  },
};

async function boot(
  factory: TestMachineFactory,
  contact: Contact,
  count: number,
  round: string,
): Promise<Boot> {
  const address = (number: number) => `198.51.100.${100 + number}`;
  const numbers = Array.from({ length: count }, (_, number) => number);
  const before = descendantsMiB();
  const start = performance.now();
  const machines = await Promise.all(
    numbers.map(async (number) => {
      const created = await factory.create({
        id: `${round}-${count}-${number}`,
        hostname: `machine-${number}`,
        ipv4: address(number),
        ipv6: null,
        memoryMiB: 512,
        diskMiB: 256,
        image: "debian-12",
        userData: contact.userData(),
        authorizedKeys: [],
        bootDelayMs: 0,
      });
      await contact.reach(address(number));
      return created;
    }),
  );
  const booted = performance.now();
  await Promise.all(numbers.map((number) => contact.must(address(number), "true")));
  const loginSeconds = (performance.now() - booted) / 1000;
  const machineMiB = (descendantsMiB() - before) / count;
  await Promise.all(machines.map((one) => one.destroy()));
  return { bootSeconds: (booted - start) / 1000, loginSeconds, machineMiB };
}
