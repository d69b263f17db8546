/** What is known of a host whose server may be in several locations. */
export interface LocationQuestion {
  /** In order of preference; at least one. */
  readonly allowed: readonly string[];
  /** Where its server is; undefined: it has none. */
  readonly server: string | undefined;
  /** Where its addresses are; undefined: it has none. */
  readonly addresses: string | undefined;
  /** NixOS was installed for it once: what is bound to its location may hold data. */
  readonly installed: boolean;
  /** Locations that say they have its server type now; undefined: unknown. */
  readonly available: readonly string[] | undefined;
}

/** Where a host's server is to be. */
export interface LocationChoice {
  readonly location: string;
  /** Nothing moves it from there any more. */
  readonly locationFixed: boolean;
  /** Location where its server could not be created; null: none. */
  readonly given: string | null;
}

/**
 * Chooses the location of a host's server. One that exists, or existed and was installed, stays; addresses without either are left of a
 * creation that failed: the location after theirs is next.
 */
export function chooseLocation(question: LocationQuestion): LocationChoice {
  const { allowed, server, addresses, installed, available } = question;
  const [preferred] = allowed;
  if (preferred === undefined)
    throw new Error("no location is allowed; the configuration should have been refused");
  const stays = server ?? (installed ? addresses : undefined);
  if (stays !== undefined)
    return { location: allowed.includes(stays) ? stays : preferred, locationFixed: true, given: null };
  const offering = allowed.filter((each) => available === undefined || available.includes(each));
  const failed = addresses !== undefined && allowed.includes(addresses) ? addresses : null;
  if (failed === null) return { location: offering[0] ?? preferred, locationFixed: false, given: null };
  const at = allowed.indexOf(failed);
  const next = [...allowed.slice(at + 1), ...allowed.slice(0, at)].find((each) => offering.includes(each));
  return { location: next ?? failed, locationFixed: false, given: next === undefined ? null : failed };
}
