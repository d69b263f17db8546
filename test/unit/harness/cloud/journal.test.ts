import { describe, expect, it } from "vitest";
import { Journal, type JournalRecord } from "../../../harness/cloud/journal.ts";

const request: JournalRecord = {
  method: "GET",
  path: "/servers/1",
  query: "",
  status: 200,
  code: null,
  unexpected: false,
  fault: null,
  host: "web",
};

describe("Journal", () => {
  it("keeps order and numbers on after a clear", () => {
    const journal = new Journal();
    journal.record(request);
    journal.record({ ...request, method: "PUT" });
    expect(journal.entries().map(({ sequence, method }) => [sequence, method])).toEqual([
      [1, "GET"],
      [2, "PUT"],
    ]);
    journal.clear();
    expect(journal.entries()).toEqual([]);
    journal.record(request);
    expect(journal.entries()[0]?.sequence).toBe(3);
  });

  it("finds by method and path, and what was unexpected", () => {
    const journal = new Journal();
    journal.record(request);
    journal.record({ ...request, path: "/nowhere", status: 404, unexpected: true, host: null });
    expect(journal.matching("GET", /^\/servers\/\d+$/)).toHaveLength(1);
    expect(journal.matching("POST", /./)).toHaveLength(0);
    expect(journal.unexpected().map(({ path }) => path)).toEqual(["/nowhere"]);
  });

  it("counts per host and leaves out what is about none", () => {
    const journal = new Journal();
    for (const host of ["web", "db", "web", null]) journal.record({ ...request, host });
    expect([...journal.requestsPerHost()]).toEqual([
      ["web", 2],
      ["db", 1],
    ]);
  });
});
