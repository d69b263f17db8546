import { describe, expect, it } from "vitest";
import { chooseLocation, type LocationQuestion } from "../../../../model/cloud-catalog/choose-location.ts";
import { fc } from "../../property.ts";

const allowed = ["nbg1", "fsn1", "hel1"];
const nothing = { server: undefined, addresses: undefined, installed: false, available: undefined };
const choose = (about: Partial<LocationQuestion>) => chooseLocation({ allowed, ...nothing, ...about });

describe("the location of a server", () => {
  it("is the first that has its type", () => {
    expect(choose({})).toEqual({ location: "nbg1", locationFixed: false, given: null });
    expect(choose({ available: ["hel1", "fsn1"] })).toMatchObject({ location: "fsn1", given: null });
    // Nobody has it: the cloud is asked for it all the same, and says so itself.
    expect(choose({ available: [] })).toMatchObject({ location: "nbg1", given: null });
  });

  it("is the next one after a creation that failed, round the list", () => {
    const afterFailure = (addresses: string, available?: string[]) => choose({ addresses, available });
    expect(afterFailure("nbg1")).toEqual({ location: "fsn1", locationFixed: false, given: "nbg1" });
    expect(afterFailure("hel1")).toMatchObject({ location: "nbg1", given: "hel1" });
    expect(afterFailure("nbg1", ["nbg1", "hel1"])).toMatchObject({ location: "hel1", given: "nbg1" });
    expect(afterFailure("nbg1", ["nbg1"])).toEqual({ location: "nbg1", locationFixed: false, given: null });
    expect(afterFailure("ash")).toMatchObject({ location: "nbg1", given: null });
  });

  it("stays where a server stands, whatever is available", () => {
    expect(choose({ server: "hel1", addresses: "hel1", available: ["nbg1"] })).toEqual({
      location: "hel1",
      locationFixed: true,
      given: null,
    });
    expect(choose({ server: "ash" })).toMatchObject({ location: "nbg1", locationFixed: true });
  });

  it("stays where an installed server was, whose addresses and volumes are still there", () => {
    expect(choose({ addresses: "fsn1", installed: true, available: ["nbg1"] })).toEqual({
      location: "fsn1",
      locationFixed: true,
      given: null,
    });
  });

  it("is always one of those that are allowed", () => {
    const place = fc.constantFrom("nbg1", "fsn1", "hel1", "ash", "sin");
    const maybe = fc.option(place, { nil: undefined });
    const question = fc.record({
      allowed: fc.uniqueArray(place, { minLength: 1 }),
      server: maybe,
      addresses: maybe,
      installed: fc.boolean(),
      available: fc.option(fc.array(place), { nil: undefined }),
    });
    fc.assert(
      fc.property(question, (about) => {
        const choice = chooseLocation(about);
        expect(about.allowed).toContain(choice.location);
        if (choice.given !== null) expect(about).toMatchObject({ server: undefined, installed: false });
      }),
    );
  });

  it("cannot be nowhere", () => {
    expect(() => choose({ allowed: [] })).toThrow("no location is allowed");
  });
});
