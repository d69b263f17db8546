import { beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { idOf, startTestCloud, type TestCloud } from "./client.ts";

const pageSchema = z.object({
  placement_groups: z.array(z.object({ name: z.string() })),
  meta: z.object({ pagination: z.record(z.string(), z.number().nullable()) }),
});

let cloud: TestCloud;

async function list(query: string): Promise<{ names: string[]; pagination: Record<string, number | null> }> {
  const page = pageSchema.parse((await cloud.call("GET", `/placement_groups${query}`)).body);
  return { names: page.placement_groups.map(({ name }) => name), pagination: page.meta.pagination };
}

beforeEach(async () => {
  cloud = await startTestCloud();
  for (const [index, name] of ["c", "a", "e", "b", "d"].entries()) {
    await idOf(cloud, "placement_group", "/placement_groups", {
      name,
      type: "spread",
      labels: { parity: index % 2 === 0 ? "even" : "odd" },
    });
  }
});

describe("lists", () => {
  it("come in pages that say where one is", async () => {
    expect(await list("?per_page=2&page=2")).toEqual({
      names: ["e", "b"],
      pagination: { page: 2, per_page: 2, previous_page: 1, next_page: 3, last_page: 3, total_entries: 5 },
    });
    expect((await list("?per_page=2")).pagination).toMatchObject({
      page: 1,
      previous_page: null,
      next_page: 2,
    });
    expect(await list("?per_page=2&page=3")).toMatchObject({ names: ["d"], pagination: { next_page: null } });
    expect((await list("")).pagination).toMatchObject({ per_page: 25, last_page: 1 });
    expect(await list("?name=nobody")).toMatchObject({
      names: [],
      pagination: { last_page: 1, total_entries: 0 },
    });
  });

  it("sort by what is asked, either way", async () => {
    expect((await list("?sort=name")).names).toEqual(["a", "b", "c", "d", "e"]);
    expect((await list("?sort=name:desc")).names).toEqual(["e", "d", "c", "b", "a"]);
    expect((await list("?sort=id:desc")).names[0]).toBe("d");
  });

  it("filter by name and by labels", async () => {
    expect((await list("?name=b")).names).toEqual(["b"]);
    expect((await list("?label_selector=parity%3Dodd")).names).toEqual(["a", "b"]);
    expect((await list("?label_selector=parity%3Dodd&name=b")).names).toEqual(["b"]);
  });

  it.each([
    ["?colour=red", "colour"],
    ["?page=0", "page"],
    ["?page=1&page=2", "page"],
    ["?per_page=51", "per_page"],
    ["?sort=colour", "sort"],
    ["?sort=name:up", "sort"],
    ["?sort=toString", "sort"],
    ["?label_selector=a%20b", "label_selector"],
  ])("refuse %s", async (query, field) => {
    expect(await cloud.refused("GET", `/placement_groups${query}`)).toMatchObject({
      error: "422 invalid_input",
      fields: [field],
    });
  });

  it("refuse a malformed selector also when there is nothing to select from", async () => {
    expect(await cloud.refused("GET", "/volumes?label_selector=a%20b")).toMatchObject({
      fields: ["label_selector"],
    });
  });
});
