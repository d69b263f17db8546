import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

/** An ed25519 key pair in OpenSSH form. */
export interface KeyPair {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** Makes a key pair with the real ssh-keygen. */
export function generateKeyPair(): KeyPair {
  const folder = mkdtempSync(path.join(tmpdir(), "keygen-"));
  try {
    const file = path.join(folder, "key");
    execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
    return {
      publicKey: readFileSync(`${file}.pub`, "utf8").trim(),
      privateKey: readFileSync(file, "utf8"),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const script = fileURLToPath(new URL("local-sshd.sh", import.meta.url));

/** A real OpenSSH server on the loopback address, run by the test's own user. */
export interface LocalSshd {
  readonly port: number;
  readonly user: string;
  readonly hostKey: KeyPair;
  /** Number of accepted logins so far. */
  logins(): number;
  /** What sshd logged. */
  log(): string;
  stop(): Promise<void>;
}

export async function startSshd(options: {
  authorizedKeys: readonly string[];
  hostKey?: KeyPair;
  port?: number;
  /** Default: 127.0.0.1. */
  address?: string;
  /** Further lines of sshd_config(5). */
  settings?: readonly string[];
}): Promise<LocalSshd> {
  const folder = mkdtempSync(path.join(tmpdir(), "sshd-"));
  const hostKey = options.hostKey ?? generateKeyPair();
  const port = options.port ?? (await freePort());
  const file = (name: string) => path.join(folder, name);
  writeFileSync(file("host"), hostKey.privateKey, { mode: 0o600 });
  writeFileSync(file("authorized"), `${options.authorizedKeys.join("\n")}\n`, { mode: 0o600 });
  writeFileSync(file("log"), "");
  const address = options.address ?? "127.0.0.1";
  const settings = [
    ...(options.settings ?? []),
    `ListenAddress ${address.includes(":") ? `[${address}]` : address}:${port}`,
    `HostKey ${file("host")}`,
    `AuthorizedKeysFile ${file("authorized")}`,
    `PidFile ${file("pid")}`,
    "PermitRootLogin prohibit-password",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "UsePAM no",
    "StrictModes no",
    "MaxStartups 100",
    // All clients of all tests come from one address: the refused ones would keep the others out.
    "PerSourcePenalties no",
    "LogLevel VERBOSE",
  ];
  writeFileSync(file("config"), `${settings.join("\n")}\n`);
  const child = spawn("bash", [script, folder, "-D", "-E", file("log"), "-f", file("config")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  await untilListening(address, port, child);
  const log = () => readFileSync(file("log"), "utf8");
  return {
    port,
    user: userInfo().username,
    hostKey,
    logins: () => log().split("Accepted publickey").length - 1,
    log,
    async stop() {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** A TCP port nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}

async function untilListening(address: string, port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) throw new Error(`sshd ended with code ${child.exitCode}`);
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, address, () => {
        socket.destroy();
        resolve(true);
      });
      socket.on("error", () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error("sshd does not listen after 5 s");
}
