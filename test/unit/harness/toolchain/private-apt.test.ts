import { describe, expect, it } from "vitest";
import { debianMirror, parsePrintedUris } from "../../../harness/toolchain/private-apt.ts";

describe("debianMirror", () => {
  it("reads deb822 sources, less a trailing slash", () => {
    const sources =
      "Types: deb\n# http://snapshot.test/debian\nURIs: https://mirror.test/debian/\nSuites: bookworm\n";
    expect(debianMirror(sources)).toBe("https://mirror.test/debian");
  });

  it("reads one-line sources with options", () => {
    expect(debianMirror("deb [arch=amd64 signed-by=/k.gpg] http://mirror.test/debian bookworm main")).toBe(
      "http://mirror.test/debian",
    );
  });

  it("passes over security archives, sources of others, and what is commented out", () => {
    const sources = [
      "#deb http://off.test/debian bookworm main",
      "deb http://deb.example.test/debian-security bookworm-security main",
      "deb https://deb.nodesource.test/node_20.x nodistro main",
      "deb http://archive.ubuntu.test/ubuntu noble main",
    ];
    expect(() => debianMirror(sources.join("\n"), undefined)).toThrow(/set FLEET_TEST_DEBIAN_MIRROR/);
    expect(debianMirror([...sources, "deb http://own.test/debian sid main"].join("\n"))).toBe(
      "http://own.test/debian",
    );
  });
});

describe("a chosen Debian mirror", () => {
  it("goes before the machine's own", () => {
    expect(debianMirror("deb http://own.test/debian sid main", "http://m.test/debian/")).toBe(
      "http://m.test/debian",
    );
  });
});

describe("parsePrintedUris", () => {
  it("takes the file names, sorted, and nothing else", () => {
    const output = [
      "'http://m.test/pool/z_1%3a2_amd64.deb' z_1%3a2_amd64.deb 120 SHA256:00",
      "Reading package lists...",
      "'http://m.test/pool/a_1_all.deb' a_1_all.deb 3 SHA256:11",
      "'http://m.test/dists/x/InRelease' m.test_dists_x_InRelease 0 ",
    ].join("\n");
    expect(parsePrintedUris(output)).toEqual(["a_1_all.deb", "z_1%3a2_amd64.deb"]);
  });
});
