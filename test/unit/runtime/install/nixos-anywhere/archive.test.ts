import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { tmpdir } from "node:os";
import path from "node:path";
import { Writable } from "node:stream";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fetchPinnedArchive } from "../../../../../runtime/install/nixos-anywhere/archive.ts";
import { writeNar } from "../../../../../runtime/nix/sources/nar.ts";
import { folderTree } from "../../../../../runtime/nix/sources/source-tree.ts";

let work: string;
let server: Server;
let url: string;
let sha256: string;
let requests = 0;
let answer: { status: number; body: Buffer };
const limits = { timeoutSeconds: 20 };

beforeEach(async () => {
  work = mkdtempSync(path.join(tmpdir(), "archive-"));
  mkdirSync(path.join(work, "tool-123/src"), { recursive: true });
  writeFileSync(path.join(work, "tool-123/src/tool.sh"), "#!/bin/sh\n", { mode: 0o755 });
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  sha256 = (await writeNar(await folderTree(path.join(work, "tool-123")), nowhere)).toString("hex");
  execFileSync("tar", ["-C", work, "-czf", path.join(work, "tool.tar.gz"), "tool-123"]);
  answer = { status: 200, body: readFileSync(path.join(work, "tool.tar.gz")) };
  requests = 0;
  server = createServer((_request, response) => {
    requests += 1;
    response.writeHead(answer.status).end(answer.body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  url = `http://127.0.0.1:${address.port}/tool.tar.gz`;
});
afterEach(() => {
  server.close();
  rmSync(work, { recursive: true });
});

const fetchIt = (pin = sha256) => fetchPinnedArchive({ url, sha256: pin }, path.join(work, "kept"), limits);

test("a source that is what its pin says is kept, and fetched once", async () => {
  const folder = await fetchIt();
  expect(readFileSync(path.join(folder, "src/tool.sh"), "utf8")).toBe("#!/bin/sh\n");
  expect(await fetchIt()).toBe(folder);
  expect(requests).toBe(1);
});

test("one that somebody changed where it is kept is fetched anew", async () => {
  const folder = await fetchIt();
  writeFileSync(path.join(folder, "src/tool.sh"), "evil");
  expect(readFileSync(path.join(await fetchIt(), "src/tool.sh"), "utf8")).toBe("#!/bin/sh\n");
  expect(requests).toBe(2);
});

test("one that is not what its pin says is refused, and nothing of it stays", async () => {
  const other = createHash("sha256").update("x").digest("hex");
  await expect(fetchIt(other)).rejects.toThrow(`holds ${sha256} instead of the pinned ${other}`);
  expect(readdirSync(path.join(work, "kept"))).toEqual([]);
});

test("an answer that is not an archive, or an error, is told with the address", async () => {
  answer = { status: 404, body: Buffer.from("no") };
  await expect(fetchIt()).rejects.toThrow(`${url} could not be fetched: the server answered 404`);
  answer = { status: 200, body: Buffer.from("no archive") };
  await expect(fetchIt()).rejects.toThrow(/tar failed/);
  expect(readdirSync(path.join(work, "kept"))).toEqual([]);
});
