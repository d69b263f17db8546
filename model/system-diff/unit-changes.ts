import { compareUnits, type UnitFile, unitFlag } from "./unit-file.ts";

/** Unit files of a system by name (`nginx.service`, `getty@.service`), each with its drop-ins. A masked unit is not among them. */
export type Units = ReadonlyMap<string, UnitFile>;

/** What an activation will do to units, each list by name. */
export interface UnitPlan {
  readonly stop: readonly string[];
  readonly restart: readonly string[];
  readonly reload: readonly string[];
  /** New ones that something of the new system asks for. */
  readonly start: readonly string[];
  /** Changed, and left running as they are. */
  readonly keep: readonly string[];
}

type Effect = keyof UnitPlan;

/** Pulled in by what depends on them; slices and paths get their properties with the reload of systemd itself. */
const pulledIn = new Set(["sysinit.target", "basic.target", "multi-user.target", "graphical.target"]);

/**
 * Foretells what `switch-to-configuration` does to the running units (nixpkgs, switch-to-configuration-ng, `collect_unit_changes`
 * and `handle_modified_unit`). Targets, which are always started again, are left out.
 * @param active units that run now, instances of templates included
 * @param wanted units that the new system starts at boot
 */
export function planUnits(
  before: Units,
  after: Units,
  active: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): UnitPlan {
  const effects = new Map<string, Effect>();
  for (const unit of active) {
    const effect = effectOn(unit, before, after);
    if (effect !== undefined) effects.set(unit, effect);
  }
  for (const unit of wanted) {
    if (!active.has(unit) && !before.has(unit) && after.has(unit) && !unit.endsWith(".target"))
      effects.set(unit, "start");
  }
  for (const [unit, effect] of [...effects])
    if (effect === "restart") addSockets(unit, after, active, effects);
  const those = (effect: Effect) =>
    [...effects].flatMap(([unit, found]) => (found === effect ? [unit] : [])).sort();
  return {
    stop: those("stop"),
    restart: those("restart"),
    reload: those("reload"),
    start: those("start"),
    keep: those("keep"),
  };
}

function effectOn(unit: string, before: Units, after: Units): Effect | undefined {
  const old = fileOf(unit, before);
  // Not of the configuration: made by a generator or by hand.
  if (old === undefined) return undefined;
  const wanted = fileOf(unit, after);
  if (wanted === undefined) return unitFlag(old, "Unit", "X-StopOnRemoval", true) ? "stop" : undefined;
  if (unit.endsWith(".target"))
    return unitFlag(wanted, "Unit", "X-StopOnReconfiguration", false) ? "stop" : undefined;
  switch (compareUnits(old, wanted)) {
    case "equal":
      return undefined;
    case "reload":
      return "reload";
    case "restart":
      return effectOfChange(unit, wanted);
  }
}

/** An instance (`getty@tty1.service`) has a file of its own or its template's. */
function fileOf(unit: string, units: Units): UnitFile | undefined {
  return units.get(unit) ?? units.get(unit.replace(/@[^.]*(\.[a-z]+)$/, "@$1"));
}

function effectOfChange(unit: string, file: UnitFile): Effect | undefined {
  if (pulledIn.has(unit) || /\.(path|slice|socket)$/.test(unit)) return undefined;
  if (unit.endsWith(".mount")) return ["-.mount", "nix.mount"].includes(unit) ? "reload" : "restart";
  if (unitFlag(file, "Service", "X-ReloadIfChanged", false)) return "reload";
  const stays =
    !unitFlag(file, "Service", "X-RestartIfChanged", true) ||
    unitFlag(file, "Unit", "RefuseManualStop", false) ||
    unitFlag(file, "Unit", "X-OnlyManualStart", false);
  return stays ? "keep" : "restart";
}

/** A service that is stopped and started takes its active sockets with it. */
function addSockets(
  unit: string,
  after: Units,
  active: ReadonlySet<string>,
  effects: Map<string, Effect>,
): void {
  const file = fileOf(unit, after);
  if (!unit.endsWith(".service") || file === undefined) return;
  if (!unitFlag(file, "Service", "X-StopIfChanged", true)) return;
  const named = (file.get("Service")?.get("Sockets") ?? []).join(" ").split(/\s+/).filter(Boolean);
  const sockets = named.length > 0 ? named : [unit.replace(/(@[^.]*)?\.service$/, ".socket")];
  for (const socket of sockets)
    if (active.has(socket)) effects.set(socket, after.has(socket) ? "restart" : "stop");
}
