import { afterEach, beforeEach, expect } from "vitest";
import type { Journal } from "../../harness/cloud/journal.ts";

/** Each test of the file sees its own requests alone, and fails if one of them is not of the API as it is emulated. */
export function watchRequests(cloud: () => { readonly journal: Journal }): void {
  beforeEach(() => cloud().journal.clear());
  // An unknown route or field would be a gap of the emulation, also where the provider gets over it.
  afterEach(() => expect(cloud().journal.unexpected()).toEqual([]));
}
