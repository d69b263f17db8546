import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { stringify } from "yaml";
import { type RunResult, run } from "../../../runtime/platform/run-command.ts";
import { must } from "../../harness/machines/must.ts";

/** An operator with keys of its own and one pinned host key; every contact is strict. */
export class Contact {
  readonly folder: string;
  readonly userPublicKey: string;
  readonly hostPublicKey: string;
  readonly #hostPrivateKey: string;

  private constructor(folder: string, userPublicKey: string, hostPublicKey: string, hostPrivateKey: string) {
    this.folder = folder;
    this.userPublicKey = userPublicKey;
    this.hostPublicKey = hostPublicKey;
    this.#hostPrivateKey = hostPrivateKey;
  }

  static async create(): Promise<Contact> {
    const folder = await mkdtemp(path.join(tmpdir(), "contact-"));
    for (const name of ["user", "host"])
      await must("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", name, "-f", path.join(folder, name)]);
    const read = async (name: string) => (await readFile(path.join(folder, name), "utf8")).trim();
    const contact = new Contact(folder, await read("user.pub"), await read("host.pub"), await read("host"));
    await contact.pin(contact.hostPublicKey);
    return contact;
  }

  /** Accepts this host key, and no other, from every address. */
  async pin(publicKey: string): Promise<void> {
    await writeFile(path.join(this.folder, "known_hosts"), `* ${publicKey}\n`);
  }

  /** User data that gives the machine our host key, and root our user key. */
  userData(extra: object = {}): string {
    return `#cloud-config\n${stringify({
      ssh_deletekeys: true,
      ssh_keys: { ed25519_private: `${this.#hostPrivateKey}\n`, ed25519_public: this.hostPublicKey },
      ssh_authorized_keys: [this.userPublicKey],
      ...extra,
    })}`;
  }

  /** Command line of one command on the machine. */
  command(address: string, command: string, user = "root"): string[] {
    const settings = [
      "IdentitiesOnly=yes",
      `UserKnownHostsFile=${path.join(this.folder, "known_hosts")}`,
      "GlobalKnownHostsFile=/dev/null",
      "StrictHostKeyChecking=yes",
      "BatchMode=yes",
      "ConnectTimeout=3",
      // A connection over a dead link ends by itself.
      "ServerAliveInterval=2",
    ].flatMap((setting) => ["-o", setting]);
    const identity = path.join(this.folder, "user");
    return ["ssh", "-F", "none", "-i", identity, ...settings, `${user}@${address}`, command];
  }

  /** One command on the machine; whatever comes of it. */
  async ssh(
    address: string,
    command: string,
    options: { input?: string; user?: string } = {},
  ): Promise<RunResult> {
    const [program = "", ...args] = this.command(address, command, options.user);
    return await run(program, args, { timeoutSeconds: 60, input: options.input ?? "" });
  }

  /** One command that has to succeed; its standard output. */
  async must(address: string, command: string, input = ""): Promise<string> {
    const result = await this.ssh(address, command, { input });
    if (!result.ok) throw new Error(`${address}: ${command}: ${result.stderr}${result.stdout}`);
    return result.stdout;
  }

  /** Waits until the machine answers; milliseconds that took. */
  async reach(address: string): Promise<number> {
    return await eventually(`an answer from ${address}`, async () => (await this.ssh(address, "true")).ok);
  }

  /** The boot id, once it differs from `previous`. */
  async bootIdAfter(address: string, previous: string): Promise<string> {
    let current = previous;
    await eventually(`another boot of ${address}`, async () => {
      const answer = await this.ssh(address, "cat /proc/sys/kernel/random/boot_id");
      if (answer.ok) current = answer.stdout;
      return current !== previous;
    });
    return current;
  }

  async bootId(address: string): Promise<string> {
    return await this.must(address, "cat /proc/sys/kernel/random/boot_id");
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** Asks every 50 ms until the answer is yes; milliseconds that took. Throws after 20 s. */
export async function eventually(what: string, condition: () => Promise<boolean>): Promise<number> {
  const start = Date.now();
  while (!(await condition())) {
    if (Date.now() - start > 60_000) throw new Error(`${what}: not within 60 s`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return Date.now() - start;
}
