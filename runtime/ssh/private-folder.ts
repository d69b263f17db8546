import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat } from "node:fs/promises";
import { createConnection, createServer } from "node:net";
import { tmpdir, userInfo } from "node:os";
import path from "node:path";

/** A folder only we can read (0700); it is removed by `remove`, or by the next run if this process is killed. */
export interface PrivateFolder extends AsyncDisposable {
  readonly path: string;
  /** Safe to call again. */
  remove(): Promise<void>;
}

/** A socket path may have 104 bytes on macOS, and ssh appends 17 of its own while it creates one (unix(7)). */
const longestBase = 50;
const liveSocket = "alive";
const birthGraceMs = 60_000;

/** Where private folders go: a short path without blanks (NIX_SSHOPTS is split at them), in memory where the system has one. @internal */
export function privateFolderBase(environment: NodeJS.ProcessEnv = process.env): string {
  const places = [environment["XDG_RUNTIME_DIR"], tmpdir(), "/tmp"];
  const fit = places.find(
    (place) =>
      place !== undefined && place.length <= longestBase && /^\/[\w./+-]+$/.test(place) && existsSync(place),
  );
  if (fit === undefined) throw new Error("no usable folder for temporary files: set TMPDIR to a short path");
  return fit;
}

/** Makes a private folder, and removes those that killed processes left behind: they hold private keys. */
export async function createPrivateFolder(): Promise<PrivateFolder> {
  const base = privateFolderBase();
  await removeAbandoned(base);
  const folder = await mkdtemp(path.join(base, prefix()));
  // A socket shows whether its process lives across PID namespaces too, where a process number means nothing.
  const sign = createServer((socket) => socket.destroy());
  await new Promise<void>((resolve, reject) => {
    sign.once("error", reject);
    sign.listen(path.join(folder, liveSocket), resolve);
  });
  sign.unref();
  const remove = async () => {
    await rm(folder, { recursive: true, force: true });
    sign.close();
  };
  return { path: folder, remove, [Symbol.asyncDispose]: remove };
}

function prefix(): string {
  return `fleet-${process.getuid?.() ?? userInfo().uid}-`;
}

async function removeAbandoned(base: string): Promise<void> {
  const start = prefix();
  const ours = (await readdir(base)).filter((entry) => entry.startsWith(start));
  if (ours.length === 0) return;
  const open = await openSockets();
  for (const folder of ours.map((entry) => path.join(base, entry))) {
    if (!(await hasOwner(folder, open))) await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Paths of the Unix sockets that are open here (proc_net(5)), so that twenty deployments side by side need not knock at each other's.
 * Others may be open in other network namespaces.
 */
async function openSockets(): Promise<ReadonlySet<string>> {
  const table = await readFile("/proc/net/unix", "utf8").catch(() => "");
  return new Set(table.split("\n").map((line) => line.slice(line.indexOf("/"))));
}

async function hasOwner(folder: string, open: ReadonlySet<string>): Promise<boolean> {
  const socket = path.join(folder, liveSocket);
  if (open.has(socket)) return true;
  if (!existsSync(socket)) {
    const found = await stat(folder).catch(() => undefined);
    return found === undefined || Date.now() - found.mtimeMs < birthGraceMs;
  }
  return await new Promise((resolve) => {
    const probe = createConnection(socket, () => {
      probe.destroy();
      resolve(true);
    });
    probe.on("error", () => resolve(false));
  });
}
