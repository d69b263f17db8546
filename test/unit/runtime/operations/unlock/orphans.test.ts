import { describe, expect, it } from "vitest";
import { findOrphans, parseProcessList } from "../../../../../runtime/operations/unlock/orphans.ts";

const list = `
    1     0 S /sbin/init
   10     1 S /usr/bin/pulumi up --yes
   11    10 S /plugins/pulumi-resource-command 127.0.0.1:4
   12    11 S node ../cli/bin.mjs internal deploy
   20     1 S /plugins/pulumi-resource-command 127.0.0.1:5
   21    20 S node /srv/fleet/cli/bin.mjs internal install
   22    21 S ssh -o X fleet-web bash -c internal install
   30     1 S vi bin.mjs internal deploy
   31     1 S node cli/bin.mjs status
`;

describe("orphans", () => {
  it("are our commands above which no engine stands", () => {
    expect(findOrphans(parseProcessList(list))).toEqual([{ pid: 21, command: "install" }]);
  });

  it("include those whose plugin was killed as well", () => {
    const killed = list
      .replace("   20     1 S ", "  999     1 S ")
      .replace("   21    20 S ", "   21     1 S ");
    expect(findOrphans(parseProcessList(killed))).toEqual([{ pid: 21, command: "install" }]);
  });
});
