import type { Closure } from "../../model/system-diff/closure-diff.ts";
import { parseUnit, type UnitFile } from "../../model/system-diff/unit-file.ts";

/** What of a system decides how its activation goes (`runtime/remote/host/describe-system.sh`). */
export interface SystemDescription {
  /** Unit files by name, each with its drop-ins. */
  readonly units: ReadonlyMap<string, UnitFile>;
  /** Units that a target of the system starts. */
  readonly wanted: ReadonlySet<string>;
  /** Units that ran on the machine; empty when it was not asked for. */
  readonly active: ReadonlySet<string>;
  /** kernel, initrd, kernel-params, kernel-modules of the system. */
  readonly boot: ReadonlyMap<string, string>;
  /** The same of what the machine has booted; empty when it was not asked for. */
  readonly booted: ReadonlyMap<string, string>;
}

interface Block {
  readonly kind: string;
  readonly name: string;
  readonly text: string;
}

/** Reads what `describe-system.sh` printed; undefined when it is cut off or of another form. */
export function parseSystemDescription(output: string): SystemDescription | undefined {
  const blocks = readBlocks(Buffer.from(output, "utf8"));
  if (blocks === undefined) return undefined;
  const names = (kind: string) =>
    new Set(blocks.flatMap((block) => (block.kind === kind ? [block.name] : [])));
  const texts = (kind: string) =>
    new Map(
      blocks.flatMap((block) => (block.kind === kind ? [[block.name, block.text.trim()] as const] : [])),
    );
  return {
    units: unitsOf(blocks),
    wanted: names("wanted"),
    active: names("active"),
    boot: texts("boot"),
    booted: texts("booted"),
  };
}

function readBlocks(output: Buffer): Block[] | undefined {
  const blocks: Block[] = [];
  let position = 0;
  while (position < output.length) {
    const lineEnd = output.indexOf("\n", position);
    const head = output.toString("utf8", position, lineEnd < 0 ? output.length : lineEnd);
    const [, kind, name, bytes] = /^(\S+) (.+) (\d+)$/.exec(head) ?? [];
    if (kind === undefined || name === undefined || bytes === undefined) return undefined;
    if (kind === "end") return blocks;
    const start = lineEnd + 1;
    const end = start + Number(bytes);
    if (lineEnd < 0 || end >= output.length) return undefined;
    blocks.push({ kind, name, text: output.toString("utf8", start, end) });
    position = end + 1;
  }
  return undefined;
}

function unitsOf(blocks: readonly Block[]): Map<string, UnitFile> {
  const texts = new Map<string, string[]>();
  for (const { kind, name, text } of blocks) if (kind === "unit") texts.set(name, [text]);
  for (const { kind, name, text } of blocks) {
    if (kind !== "drop-in") continue;
    const unit = name.slice(0, name.indexOf("/"));
    texts.set(unit, [...(texts.get(unit) ?? []), text]);
  }
  return new Map([...texts].map(([name, parts]) => [name, parseUnit(parts)]));
}

/** The running system of a host, as far as it was asked for and could be had. */
export interface RunningSystem {
  readonly path: string;
  readonly closure: Closure | undefined;
  readonly description: SystemDescription | undefined;
}
