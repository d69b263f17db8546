import { afterAll, beforeAll, expect, test } from "vitest";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { testAddress } from "../addresses.ts";
import { Contact } from "./contact.ts";

const numbers = Array.from({ length: 20 }, (_, index) => index);
let factory: TestMachineFactory;
let contact: Contact;

beforeAll(async () => {
  factory = await createMachineFactory();
  contact = await Contact.create();
});

afterAll(async () => {
  await factory?.close();
  await contact?.remove();
});

test("twenty machines run side by side, each itself", async () => {
  const address = (number: number) => testAddress(40 + number);
  await Promise.all(
    numbers.map((number) =>
      factory.create({
        id: `many-${number}`,
        hostname: `many-${number}`,
        ipv4: address(number),
        ipv6: null,
        memoryMiB: 512,
        diskMiB: 64,
        image: "debian-12",
        userData: contact.userData(),
        authorizedKeys: [],
        bootDelayMs: 100,
      }),
    ),
  );
  await Promise.all(numbers.map((number) => contact.reach(address(number))));
  const seen = await Promise.all(
    numbers.map((number) => contact.must(address(number), "hostname; cat /proc/sys/kernel/random/boot_id")),
  );
  expect(seen.map((text) => text.split("\n")[0])).toEqual(numbers.map((number) => `many-${number}`));
  expect(new Set(seen.map((text) => text.split("\n")[1])).size).toBe(numbers.length);
});
