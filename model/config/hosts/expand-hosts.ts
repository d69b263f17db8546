import { type ConfigError, errorPath, suggestion } from "../../errors/config-error.ts";
import { defaultProvider, isOtherProviders, type Provider, settingsOfProvider } from "../providers.ts";
import type { HostConfig, HostSettings } from "../schema.ts";
import { importedServerSettings } from "../validate/imported-server.ts";
import { networksOfEntry } from "./host-networks.ts";
import { hostNamesOf } from "./host-pattern.ts";

/** What the hosts of a tag have. */
export type TagSettings = Readonly<Record<string, HostSettings>>;

/** The hosts that the entries of `fleet:hosts` and the settings of tags make together. */
export interface ExpandedHosts {
  /** By name; settings that a host has by a tag are its own here. */
  readonly hosts: Readonly<Record<string, HostConfig>>;
  /** What entries and tags are at odds about. */
  readonly errors: readonly ConfigError[];
  /** Errors of hosts, at the places where they were written, each once. */
  locate(errors: readonly ConfigError[]): ConfigError[];
}

interface Entry {
  readonly path: string;
  readonly config: HostConfig;
}

/** Where a host's settings come from: its entries, nearest first, and the paths of the tags it took settings of. */
interface Origin {
  readonly entries: readonly Entry[];
  readonly byTags: Readonly<Record<string, string>>;
}

/**
 * Makes hosts of entries. A setting is taken from the host's own entry, else from the pattern it is one of, else from its tags, which
 * must not say different things; `fleet:defaults` come after that, where the inventory is built.
 */
export function expandHosts(
  entries: Readonly<Record<string, HostConfig>>,
  tags: TagSettings,
  defaults: HostSettings,
): ExpandedHosts {
  const errors: ConfigError[] = [];
  const origins = new Map<string, Origin>();
  const hosts: Record<string, HostConfig> = {};
  for (const [name, found] of entriesByName(entries, errors)) {
    const own = merged(found);
    const taken = settingsByTags(name, own, tags, defaults);
    errors.push(...taken.errors);
    hosts[name] = { ...taken.settings, ...own, ...labelsOf(taken.settings, own) };
    origins.set(name, { entries: found, byTags: taken.origins });
  }
  errors.push(...unusedTags(tags, Object.values(hosts)));
  return { hosts, errors, locate: (found) => locateAll(found, origins) };
}

/** Each host's entries: its own first, then the pattern it is one of. */
function entriesByName(
  entries: Readonly<Record<string, HostConfig>>,
  errors: ConfigError[],
): ReadonlyMap<string, readonly Entry[]> {
  const found = new Map<string, Entry[]>();
  const patterns = new Map<string, string>();
  for (const [key, { count, ...rest }] of Object.entries(entries)) {
    const path = pathOfEntry(key);
    const names = hostNamesOf(key, count);
    const single = names.length === 1 && names[0] === key;
    const networks = networksOfEntry(path, rest.networks, names.length);
    errors.push(...networks.errors);
    /** Hosts that another pattern expands to, by that pattern. */
    const twice = new Map<string, string[]>();
    for (const [index, name] of names.entries()) {
      const others = found.get(name) ?? [];
      const other = patterns.get(name);
      if (!single && other !== undefined) twice.set(other, [...(twice.get(other) ?? []), name]);
      if (!single) patterns.set(name, key);
      const entry = { path, config: { ...rest, ...networks.of(index) } };
      found.set(name, single ? [entry, ...others] : [...others, entry]);
    }
    for (const [other, [first = "", ...more]] of twice)
      errors.push({
        path,
        reason: `expands to host "${first}"${andMore(more.length)}, and so does "${other}"`,
      });
  }
  return found;
}

/** The nearest entry wins, setting by setting. */
function merged(entries: readonly Entry[]): HostConfig {
  const [nearest, ...further] = entries;
  if (nearest === undefined) throw new Error("a host without an entry");
  return further.reduce<HostConfig>((own, { config }) => {
    const { tags, aliases } = config;
    const given = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined));
    const others = Object.entries(config).filter(([setting]) => !isDecided(own, setting));
    // The schema gives every entry its lists: an empty one says nothing.
    return {
      ...Object.fromEntries(others),
      ...given,
      tags: own.tags.length > 0 ? own.tags : tags,
      aliases: own.aliases.length > 0 ? own.aliases : aliases,
      ...labelsOf(config, own),
    };
  }, nearest.config);
}

interface Taken {
  readonly settings: HostSettings;
  readonly origins: Readonly<Record<string, string>>;
  readonly errors: readonly ConfigError[];
}

function settingsByTags(name: string, host: HostConfig, tags: TagSettings, defaults: HostSettings): Taken {
  const errors: ConfigError[] = [];
  const from = new Map<string, string>();
  const taken: Record<string, unknown> = {};
  const own = new Set(host.tags);
  const given = Object.entries(tags).filter(([tag]) => own.has(tag));
  const provider =
    host.provider ??
    given.find(([, { provider }]) => provider !== undefined)?.[1].provider ??
    defaults.provider;
  for (const [tag, settings] of given)
    for (const [setting, value] of Object.entries(settings)) {
      if (value === undefined || !concerns(setting, host, provider ?? defaultProvider)) continue;
      const isLabels = setting === "labels";
      if (!isLabels && isDecided(host, setting)) continue;
      const other = from.get(setting);
      const before = taken[setting];
      if (other !== undefined && disagree(before, value, isLabels))
        errors.push({
          path: `${pathOfEntry(name)}.tags`,
          reason: `"${other}" and "${tag}" both set ${setting}, to different values: say at the host which it is`,
        });
      taken[setting] = isLabels ? { ...recordOf(before), ...recordOf(value) } : value;
      from.set(setting, tag);
    }
  const origins = Object.fromEntries([...from].map(([setting, tag]) => [setting, pathOfTag(tag)]));
  return { settings: taken, origins, errors };
}

/** As in the stack's defaults, what a host cannot have does not concern it. */
function concerns(setting: string, host: HostConfig, provider: Provider): boolean {
  if (isOtherProviders(setting, provider)) return false;
  const ofServer = settingsOfProvider.hetzner.some((own) => own === setting);
  return !(
    host.importServer !== undefined &&
    ofServer &&
    !importedServerSettings.some((own) => own === setting)
  );
}

/** Settings of which one takes the place of the other. */
const alternatives = [
  ["location", "locations"],
  ["zone", "zones"],
  ["flake", "system"],
] as const;

/** Whether a host says itself what a setting that comes from elsewhere would say. */
function isDecided(host: HostConfig, setting: string): boolean {
  const same = alternatives.find((pair) => pair.some((each) => each === setting)) ?? [setting];
  return same.some((each) => isSet(host, each));
}

function isSet(host: HostConfig, setting: string): boolean {
  return recordOf(host)[setting] !== undefined;
}

function disagree(one: unknown, other: unknown, isLabels: boolean): boolean {
  if (!isLabels) return JSON.stringify(one) !== JSON.stringify(other);
  const [a, b] = [recordOf(one), recordOf(other)];
  return Object.keys(a).some((label) => label in b && a[label] !== b[label]);
}

function labelsOf(further: HostSettings, own: HostConfig): Pick<HostConfig, "labels"> {
  const labels = { ...further.labels, ...own.labels };
  return Object.keys(labels).length === 0 ? {} : { labels };
}

function unusedTags(tags: TagSettings, hosts: readonly HostConfig[]): ConfigError[] {
  const used = new Set(hosts.flatMap((host) => host.tags));
  return Object.keys(tags)
    .filter((tag) => !used.has(tag))
    .map((tag) => ({ path: pathOfTag(tag), reason: `is the tag of no host${suggestion(tag, [...used])}` }));
}

function locateAll(errors: readonly ConfigError[], origins: ReadonlyMap<string, Origin>): ConfigError[] {
  const located = new Map<string, { error: ConfigError; hosts: string[]; addresses: number }>();
  for (const error of errors) {
    const { path, byTagOf } = locate(error.path, origins);
    // Of hosts that are written together, what differs in an address alone is reported for the first.
    const key = JSON.stringify([path, error.reason.replace(/: [\d.]+$/, "")]);
    const same = located.get(key) ?? { error: { ...error, path }, hosts: [], addresses: 0 };
    const addresses = same.addresses + (same.error.reason === error.reason ? 0 : 1);
    located.set(key, { ...same, addresses, hosts: [...same.hosts, ...byTagOf] });
  }
  return [...located.values()].map(({ error, hosts: [first, ...others], addresses }) => {
    const reason = `${error.reason}${andMore(addresses)}`;
    return {
      ...error,
      reason: first === undefined ? reason : `${reason} (host "${first}"${andMore(others.length)})`,
    };
  });
}

function andMore(count: number): string {
  return count === 0 ? "" : ` and ${count} more`;
}

/** `byTagOf`: the host, where it has the setting by a tag, whose path does not show it. */
function locate(
  path: string,
  origins: ReadonlyMap<string, Origin>,
): { readonly path: string; readonly byTagOf: readonly string[] } {
  const { name, rest } = hostIn(path, origins);
  const origin = origins.get(name);
  if (origin === undefined) return { path, byTagOf: [] };
  const [, setting = ""] = /^\.([A-Za-z0-9]+)/.exec(rest) ?? [];
  const byTag = origin.byTags[setting];
  if (byTag !== undefined) return { path: `${byTag}${rest}`, byTagOf: [name] };
  const [nearest] = origin.entries;
  const entry = origin.entries.find(({ config }) => isSet(config, setting)) ?? nearest;
  return { path: `${entry?.path ?? pathOfEntry(name)}${rest}`, byTagOf: [] };
}

/** A name that is wrong may contain characters that paths consist of. */
function hostIn(path: string, origins: ReadonlyMap<string, unknown>): { name: string; rest: string } {
  const [, name = "", rest = ""] = /^fleet:hosts\.([^.[]+)(.*)$/.exec(path) ?? [];
  if (origins.has(name)) return { name, rest };
  const below = path.slice("fleet:hosts.".length);
  const odd = [...origins.keys()].find((each) => below.startsWith(`${each}.`)) ?? "";
  return { name: odd, rest: below.slice(odd.length) };
}

const pathOfEntry = (key: string) => errorPath("fleet:hosts", [key]);
const pathOfTag = (tag: string) => errorPath("fleet:tags", [tag]);

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}
