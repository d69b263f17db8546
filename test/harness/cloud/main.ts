/**
 * The emulated Hetzner Cloud as a process of its own.
 *
 * The token comes from HCLOUD_TOKEN. When it answers, one JSON line `{"endpoint": …, "pid": …}` goes to stdout.
 * SIGTERM or SIGINT destroys its machines and ends it.
 */
import { Command, InvalidArgumentError, Option } from "commander";
import { wholeNumber } from "../../../cli/io/number-option.ts";
import type { MachineFactory } from "../machines/contract.ts";
import { createMachineFactory } from "../machines/factory.ts";
import { type AddressRanges, defaultAddressRanges } from "./addresses.ts";
import { worldFrontends } from "./hetzner/balancing/frontends.ts";
import { startHetznerCloud } from "./hetzner/cloud.ts";
import { MemoryMachineFactory } from "./memory-machines.ts";

interface Flags {
  readonly port: number;
  readonly ipv4: AddressRanges["ipv4"];
  readonly ipv6: string;
  readonly actionMs: number;
  readonly bootDelayMs: number;
  readonly machines: "world" | "memory";
}

function ipv4Range(text: string): AddressRanges["ipv4"] {
  const [first, last, ...rest] = text.split("-");
  if (first === undefined || last === undefined || rest.length > 0) {
    throw new InvalidArgumentError("must be FIRST-LAST");
  }
  return { first, last };
}

async function untilStopped(token: string, machines: MachineFactory, flags: Flags): Promise<void> {
  const cloud = await startHetznerCloud({
    token,
    machines,
    port: flags.port,
    addresses: { ipv4: flags.ipv4, ipv6: flags.ipv6 },
    actionMs: flags.actionMs,
    bootDelayMs: flags.bootDelayMs,
    ...(flags.machines === "world" ? { frontends: worldFrontends } : {}),
  });
  const stopped = new Promise<void>((resolve) => {
    process.once("SIGTERM", () => resolve());
    process.once("SIGINT", () => resolve());
  });
  console.log(JSON.stringify({ endpoint: cloud.endpoint, pid: process.pid }));
  await stopped;
  await cloud.close();
}

async function serve(flags: Flags): Promise<void> {
  const token = process.env["HCLOUD_TOKEN"] ?? "";
  if (token === "") {
    throw new Error("HCLOUD_TOKEN is not set: choose a token, and give the same to the provider");
  }
  const machines = flags.machines === "memory" ? new MemoryMachineFactory() : await createMachineFactory();
  try {
    await untilStopped(token, machines, flags);
  } finally {
    await machines.close();
  }
}

const { ipv4, ipv6 } = defaultAddressRanges;

await new Command("hetzner-cloud")
  .description("emulated Hetzner Cloud API; token from HCLOUD_TOKEN")
  .option("--port <number>", "port on 127.0.0.1; 0: any free one", wholeNumber(0), 0)
  .option("--ipv4 <first-last>", "addresses to hand out", ipv4Range, ipv4)
  .option("--ipv6 <network>", "/48 to hand out networks from", ipv6)
  .option("--action-ms <number>", "what every action takes at least", wholeNumber(0), 80)
  .option("--boot-delay-ms <number>", "firmware delay of each boot", wholeNumber(0), 0)
  .addOption(
    new Option("--machines <kind>", "real machines of this world, or none but a record of calls")
      .choices(["world", "memory"])
      .default("world"),
  )
  .action(serve)
  .parseAsync()
  .catch((error: unknown) => {
    console.error(`emulated cloud: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
