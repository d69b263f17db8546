import { createHash } from "node:crypto";
import { Writable } from "node:stream";
import { describe, expect, it, test } from "vitest";
import { type FileTree, narOf, writeNar } from "../../../../../runtime/nix/sources/nar.ts";
import { integrity, nixBase32, sourceStorePath } from "../../../../../runtime/nix/store-path.ts";

const file = (content: string, executable = false): FileTree => ({
  type: "regular",
  executable,
  read: async () => Buffer.from(content),
});
const folder = (entries: Record<string, FileTree>): FileTree => ({
  type: "directory",
  entries: new Map(Object.entries(entries)),
});

async function bytesOf(tree: FileTree): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of narOf(tree)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** A string of the format: length as 64 bits, bytes, zeros up to a multiple of 8. */
const string = (text: string) => {
  const bytes = Buffer.from(text);
  const length = Buffer.alloc(8);
  length.writeUInt32LE(bytes.length);
  return Buffer.concat([length, bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8)]);
};

describe("a Nix archive", () => {
  it("of a file is its content between brackets", async () => {
    const words = ["nix-archive-1", "(", "type", "regular", "contents", "hello\n", ")"];
    expect(await bytesOf(file("hello\n"))).toEqual(Buffer.concat(words.map(string)));
  });

  it("of a program says so", async () => {
    const words = ["nix-archive-1", "(", "type", "regular", "executable", "", "contents", "12345678", ")"];
    expect(await bytesOf(file("12345678", true))).toEqual(Buffer.concat(words.map(string)));
  });

  it("of a folder sorts by bytes, whatever order the names came in", async () => {
    const names = ["Z", "a", "é", "🙂", "ab", "a.b"];
    const one = folder(Object.fromEntries(names.map((name) => [name, file(name)])));
    const other = folder(Object.fromEntries([...names].reverse().map((name) => [name, file(name)])));
    expect(await bytesOf(one)).toEqual(await bytesOf(other));
    const text = (await bytesOf(one)).toString("utf8");
    const positions = ["Z", "a", "a.b", "ab", "é", "🙂"].map((name) =>
      text.indexOf(`name\0\0\0\0${string(name).toString("utf8")}`),
    );
    expect(positions).toEqual([...positions].sort((a, b) => a - b));
    expect(positions).not.toContain(-1);
  });

  it("is written as it is hashed", async () => {
    const pieces: Buffer[] = [];
    const to = new Writable({
      write(chunk: Buffer, _encoding, done) {
        pieces.push(Buffer.from(chunk));
        done();
      },
    });
    const tree = folder({ link: { type: "symlink", target: "file" }, file: file("x") });
    const hash = await writeNar(tree, to);
    expect(Buffer.concat(pieces)).toEqual(await bytesOf(tree));
    expect(hash).toEqual(createHash("sha256").update(Buffer.concat(pieces)).digest());
  });
});

// From the Nix manual and nix-hash(1): sha256 of the empty string.
test("Nix's base-32 is that of nix-hash", () => {
  const empty = createHash("sha256").update("").digest();
  expect(nixBase32(empty)).toBe("0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73");
  expect(nixBase32(Buffer.alloc(20))).toBe("0".repeat(32));
  expect(integrity(empty)).toBe("sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
});

test("a store path follows from the content", () => {
  const path = sourceStorePath(createHash("sha256").update("").digest());
  expect(path).toMatch(/^\/nix\/store\/[0-9abcdfghijklmnpqrsvwxyz]{32}-source$/);
  expect(sourceStorePath(createHash("sha256").update("x").digest())).not.toBe(path);
});
