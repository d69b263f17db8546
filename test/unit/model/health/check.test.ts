import { describe, expect, it } from "vitest";
import { type Check, describeCheck, withAddress } from "../../../../model/health/check.ts";

const tries = { timeout: 5, period: 1 };
const http = (url: string): Check => ({
  kind: "http",
  from: "operator",
  ...{ url, status: [], body: null, responseHeaders: {}, requestHeaders: {}, insecure: false },
  ...tries,
});

describe("withAddress", () => {
  it("puts an address into a URL, IPv6 in brackets", () => {
    expect(withAddress(http("https://{address}:8443/"), "203.0.113.7")).toMatchObject({
      url: "https://203.0.113.7:8443/",
    });
    expect(withAddress(http("http://{address}/"), "2001:db8::1")).toMatchObject({
      url: "http://[2001:db8::1]/",
    });
  });

  it("puts it as it is where no URL is", () => {
    const tcp: Check = { kind: "tcp", from: "operator", host: "{address}", port: 22, ...tries };
    expect(withAddress(tcp, "2001:db8::1")).toMatchObject({ host: "2001:db8::1" });
  });

  it("leaves commands alone", () => {
    const command: Check = { kind: "command", from: "target", run: "echo {address}", ...tries };
    expect(withAddress(command, "203.0.113.7")).toEqual(command);
  });
});

describe("describeCheck", () => {
  it("names what is looked at, and from where", () => {
    expect(describeCheck(http("http://a/"))).toBe("http http://a/ (from the operator)");
    const run = `first ${"x".repeat(100)}\nsecond`;
    const text = describeCheck({ kind: "command", from: "target", run, ...tries });
    expect(text).toHaveLength("command ".length + 80);
    expect(text).not.toContain("second");
    expect(describeCheck({ kind: "tcp", from: "target", host: "localhost", port: 5, ...tries })).toBe(
      "tcp localhost port 5",
    );
  });
});
