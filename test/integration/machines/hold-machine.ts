import { readFile } from "node:fs/promises";
import { createMachineFactory } from "../../harness/machines/factory.ts";
import { eventually } from "./contact.ts";

// Program for world.test.ts: boots a machine with a volume, says so, and stays until it is killed.
//   arguments: user data
const [userData = ""] = process.argv.slice(2);
const factory = await createMachineFactory();
const machine = await factory.create({
  id: "held",
  hostname: "held",
  ipv4: "198.51.100.90",
  ipv6: null,
  memoryMiB: 512,
  diskMiB: 64,
  image: "debian-12",
  userData,
  authorizedKeys: [],
  bootDelayMs: 100,
});
await machine.attachVolume("held", 16);
await eventually("end of boot", async () =>
  (await readFile(machine.paths.consoleLog, "utf8")).includes("[init] up"),
);
console.log("holding");
setInterval(() => {}, 60_000);
