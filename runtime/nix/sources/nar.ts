import { createHash } from "node:crypto";
import type { Writable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** A file tree as Nix sees one: no times, no owners, one executable bit. */
export type FileTree =
  | { readonly type: "directory"; readonly entries: ReadonlyMap<string, FileTree> }
  | { readonly type: "regular"; readonly executable: boolean; read(): Promise<Uint8Array> }
  | { readonly type: "symlink"; readonly target: string };

/**
 * The Nix archive of a tree, piece by piece (Nix manual, "Nix Archive (NAR) format"): strings are length (64 bits, little endian) and
 * bytes, padded to multiples of 8; entries are sorted by their bytes.
 * @internal
 */
export async function* narOf(tree: FileTree): AsyncGenerator<Uint8Array> {
  yield text("nix-archive-1");
  yield* node(tree);
}

/** Writes the archive, and returns the SHA-256 of its bytes. */
export async function writeNar(tree: FileTree, to: Writable): Promise<Buffer> {
  const hash = createHash("sha256");
  async function* hashed() {
    for await (const piece of narOf(tree)) {
      hash.update(piece);
      yield piece;
    }
  }
  await pipeline(hashed, to);
  return hash.digest();
}

async function* node(tree: FileTree): AsyncGenerator<Uint8Array> {
  yield text("(", "type", tree.type);
  switch (tree.type) {
    case "regular": {
      if (tree.executable) yield text("executable", "");
      const content = await tree.read();
      yield text("contents");
      yield length(content.length);
      yield content;
      yield padding(content.length);
      break;
    }
    case "symlink":
      yield text("target", tree.target);
      break;
    case "directory":
      for (const [name, child] of sorted(tree.entries)) {
        yield text("entry", "(", "name", name, "node");
        yield* node(child);
        yield text(")");
      }
  }
  yield text(")");
}

function sorted(entries: ReadonlyMap<string, FileTree>): [string, FileTree][] {
  return [...entries].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
}

function text(...strings: readonly string[]): Uint8Array {
  return Buffer.concat(
    strings.flatMap((string) => {
      const bytes = Buffer.from(string, "utf8");
      return [length(bytes.length), bytes, padding(bytes.length)];
    }),
  );
}

function length(bytes: number): Uint8Array {
  const buffer = Buffer.alloc(8);
  buffer.writeBigUInt64LE(BigInt(bytes));
  return buffer;
}

function padding(bytes: number): Uint8Array {
  return Buffer.alloc((8 - (bytes % 8)) % 8);
}
