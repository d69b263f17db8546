import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Elevation } from "../../../model/protocol/connection.ts";
import { openSession } from "../../../runtime/ssh/session.ts";
import { createMachineFactory, type TestMachineFactory } from "../../harness/machines/factory.ts";
import { type BareMachine, bareMachine, chooseNixosAnywhere, numberMachinesFrom } from "./bare-machine.ts";
import { formattings, install, refusal } from "./installing.ts";

let factory: TestMachineFactory;
beforeAll(async () => {
  chooseNixosAnywhere();
  numberMachinesFrom(20);
  factory = await createMachineFactory();
});
afterAll(() => factory?.close());

const password = "correct horse battery";

/** Turns the user's free sudo into one that asks, or into none beside doas. */
const restrict: Readonly<Record<"sudo" | "doas", string>> = {
  sudo: `
echo 'admin ALL=(ALL) ALL' > /etc/sudoers.d/90-admin
usermod --password "$1" admin
printf '%s\\n' 'auth required pam_unix.so' 'account required pam_permit.so' 'session required pam_permit.so' > /etc/pam.d/sudo
`,
  doas: `
rm /etc/sudoers.d/90-admin
echo 'permit nopass admin as root' > /etc/doas.conf
chmod 600 /etc/doas.conf
`,
};

/** The image makes the user while it boots. */
async function booted({ spec, bootstrapKey }: BareMachine): Promise<void> {
  const target = { host: "web", connection: spec.connection, hostKeys: [bootstrapKey.publicKey] };
  const session = await openSession(target, { timeoutSeconds: 60 });
  await session.close();
}

async function adminOf(tool: "sudo" | "doas", secret: string | null): Promise<BareMachine> {
  const bare = await bareMachine(factory, { user: "admin" });
  const hash = execFileSync("openssl", ["passwd", "-6", password], { encoding: "utf8" }).trim();
  await booted(bare);
  await bare.machine.console(["sh", "-euc", restrict[tool], "restrict", hash]);
  const elevation: Elevation = { tool, password: secret };
  return { ...bare, spec: { ...bare.spec, connection: { ...bare.spec.connection, elevation } } };
}

describe("an install as a user that becomes root", () => {
  test.each<["sudo" | "doas", string | null]>([
    ["sudo", password],
    ["doas", null],
  ])("by %s with password %j goes as far as the installed system knows that user", async (tool, secret) => {
    const { spec, machine } = await adminOf(tool, secret);
    const lines: string[] = [];
    const message = await refusal(spec, lines);
    // The miniature system makes no users: whoever it does not know is refused, and that is after all the work.
    expect(message).toMatch(/phase reboot.*refuses the key for user "admin"/s);
    expect(await formattings(machine)).toBe(1);
    expect(`${lines.join("\n")}\n${message}`).not.toContain(password);
    const asRoot = { ...spec, connection: { ...spec.connection, user: "root" } };
    expect((await install(asRoot)).outcome).toBe("adopted");
  });

  test("with a wrong password changes nothing, and tries it once", async () => {
    const { spec, machine } = await adminOf("sudo", "incorrect horse");
    expect(await refusal(spec)).toMatch(/becoming root failed: sudo refuses the password of user "admin"/);
    const ran = (await machine.sshCommands()).map(({ command }) => command ?? "");
    expect(ran.filter((command) => command.includes("sudo"))).toHaveLength(1);
    expect(await formattings(machine)).toBe(0);
  });

  test("whom sshd does not let in as root stops before anything is lost, and says what to allow", async () => {
    const { spec, machine } = await adminOf("sudo", password);
    // sshd(8) takes no keys from a folder that everybody may write to.
    await machine.console(["sh", "-c", "mkdir -p /root/.ssh && chmod 777 /root/.ssh"]);
    const message = await refusal(spec);
    expect(message).toMatch(/phase kexec.*root cannot log in/s);
    expect(message).toContain("PermitRootLogin prohibit-password");
    expect(await formattings(machine)).toBe(0);
  });
});
