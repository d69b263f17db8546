/** Contents of a unit with its drop-ins: section → key → values in the order they are given. */
export type UnitFile = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>;

/**
 * Reads unit files in systemd's syntax (systemd.syntax(7)): `[Section]`, `key=value`, comments by `#` and `;`, a backslash at the end
 * joins lines; an empty value forgets those before it.
 * @param texts the unit itself, then its drop-ins in their order
 */
export function parseUnit(texts: readonly string[]): UnitFile {
  const sections = new Map<string, Map<string, string[]>>();
  for (const text of texts) {
    let section = new Map<string, string[]>();
    for (const line of text
      .replace(/\\\n/g, " ")
      .split("\n")
      .map((part) => part.trim())) {
      if (line === "" || /^[#;]/.test(line)) continue;
      const name = /^\[(.+)\]$/.exec(line)?.[1];
      if (name !== undefined) {
        section = sections.get(name) ?? new Map<string, string[]>();
        sections.set(name, section);
        continue;
      }
      const equals = line.indexOf("=");
      if (equals > 0) addValue(section, line.slice(0, equals).trim(), line.slice(equals + 1).trim());
    }
  }
  // What [Install] says is for `systemctl enable` alone.
  sections.delete("Install");
  return sections;
}

function addValue(section: Map<string, string[]>, key: string, value: string): void {
  if (value === "") section.set(key, []);
  else section.set(key, [...(section.get(key) ?? []), value]);
}

/** A boolean of a unit file (systemd.syntax(7)), the last one counts. */
export function unitFlag(unit: UnitFile, section: string, key: string, byDefault: boolean): boolean {
  const value = unit.get(section)?.get(key)?.at(-1);
  return value === undefined ? byDefault : ["1", "yes", "true", "on"].includes(value);
}

/** What a difference of two unit files asks for. */
export type UnitComparison = "equal" | "reload" | "restart";

/** Keys of [Unit] that concern systemd's own books, not the running unit. */
const withoutEffect = new Set([
  "AllowIsolate",
  "CollectMode",
  "Description",
  "Documentation",
  "IgnoreOnIsolate",
  "OnFailure",
  "OnFailureJobMode",
  "OnSuccess",
  "RefuseManualStart",
  "RefuseManualStop",
  "SourcePath",
  "StopWhenUnneeded",
]);

/** Compares a unit before and after as `switch-to-configuration` does (nixpkgs, switch-to-configuration-ng, `compare_units`). */
export function compareUnits(before: UnitFile, after: UnitFile): UnitComparison {
  let result: UnitComparison = "equal";
  for (const section of new Set([...before.keys(), ...after.keys()])) {
    const old = before.get(section);
    const wanted = after.get(section);
    if (old === undefined || wanted === undefined) {
      if (!comparesByKey(section, old ?? wanted ?? new Map())) return "restart";
    }
    for (const key of new Set([...(old?.keys() ?? []), ...(wanted?.keys() ?? [])])) {
      const effect = keyEffect(section, key, old?.get(key), wanted?.get(key));
      if (effect === "restart") return "restart";
      if (effect === "reload") result = "reload";
    }
  }
  return result;
}

/** Whether a section that one side lacks may be compared key by key; any other is a change in itself. */
function comparesByKey(section: string, keys: ReadonlyMap<string, unknown>): boolean {
  return section === "Unit" || (section === "Service" && keys.size === 1 && keys.has("ExecReload"));
}

function keyEffect(
  section: string,
  key: string,
  before: readonly string[] | undefined,
  after: readonly string[] | undefined,
): UnitComparison {
  if (before?.join("\n") === after?.join("\n") && (before === undefined) === (after === undefined))
    return "equal";
  if (section === "Unit" && withoutEffect.has(key)) return "equal";
  // Without it the running process is as it was, and nothing can be reloaded any more.
  const canReload = after !== undefined;
  if (section === "Unit" && key === "X-Reload-Triggers") return canReload ? "reload" : "equal";
  if (section === "Service" && key === "ExecReload") return canReload ? "reload" : "equal";
  if (section === "Mount" && key === "Options" && before !== undefined && canReload) return "reload";
  return "restart";
}
