import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Endpoint } from "../../../../model/protocol/connection.ts";
import {
  confirmationEndpoints,
  confirmedAtPreviousEndpoint,
} from "../../../../runtime/deploy/endpoint-change.ts";

const now: Endpoint = { address: "203.0.113.7", port: 2222 };
const before: Endpoint = { address: "203.0.113.7", port: 22 };
const deadlines = { contact: 60, lock: 60, build: 60, copy: 60, activate: 60, confirm: 30, reboot: 60 };

/** A host that moves from `before` to `now`, and was reached at `place`. */
function words(place: Endpoint) {
  const connection = { ...now, user: "root", privateKey: "key", previous: before };
  const target = { host: "web", connection, hostKeys: [] };
  return confirmationEndpoints({ session: { target, place }, deadlines }, 20);
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("placesOfWords", () => {
  it("leaves the first third of the time to the new place, and asks at both afterwards", () => {
    const say = words(before);
    expect(say("confirmed")).toEqual({ places: [now], timeoutSeconds: 10 });
    vi.advanceTimersByTime(7_000);
    expect(say("confirmed")).toEqual({ places: [now], timeoutSeconds: 3 });
    vi.advanceTimersByTime(2_900);
    expect(say("confirmed")).toEqual({ places: [now], timeoutSeconds: 1 });
    vi.advanceTimersByTime(100);
    expect(say("confirmed")).toEqual({ places: [now, before], timeoutSeconds: 20 });
  });

  it("begins to count with the first confirmation, not before", () => {
    const say = words(before);
    vi.advanceTimersByTime(60_000);
    expect(say("confirmed").places).toEqual([now]);
  });

  it("looks for a host that went back where it was reached first", () => {
    expect(words(before)("contact")).toEqual({ places: [before, now], timeoutSeconds: 20 });
    expect(words(now)("contact")).toEqual({ places: [now, before], timeoutSeconds: 20 });
  });

  it("gives the only place of a host that stays all the time there is", () => {
    const connection = { ...now, user: "root", privateKey: "key" };
    const session = { target: { host: "web", connection, hostKeys: [] }, place: now };
    const say = confirmationEndpoints({ session, deadlines }, 20);
    expect(say("confirmed")).toEqual({ places: [now], timeoutSeconds: 20 });
    expect(say("contact")).toEqual({ places: [now], timeoutSeconds: 20 });
  });
});

describe("confirmedElsewhere", () => {
  it("warns of the old place alone", () => {
    const connection = { ...now, user: "root", privateKey: "key", previous: before };
    const session = { target: { host: "web", connection, hostKeys: [] } };
    expect(confirmedAtPreviousEndpoint(session, { ...now })).toBeUndefined();
    expect(confirmedAtPreviousEndpoint(session, before)).toBe(
      "warning: confirmed at 203.0.113.7 port 22, where it was before: nothing answers at 203.0.113.7 port 2222",
    );
  });
});
