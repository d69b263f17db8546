import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createEvaluator } from "../../../runtime/nix/evaluation/evaluator.ts";
import { createFacts, createWorkspace, shadowNix, type Workspace } from "./workspace.ts";

let project: Workspace;
beforeEach(() => {
  project = createWorkspace({ git: true });
});
afterEach(() => {
  vi.unstubAllEnvs();
  project.remove();
});

/** Lists in a new run of the program, as each `pulumi preview` is one. */
const listAnew = () => createEvaluator(project.options).configurationNames("./hosts");

describe("the configurations of a flake", () => {
  test("are listed without evaluating them, and without Nix the next time", async () => {
    const names = ["badeval", "db", "web"];
    expect(await listAnew()).toEqual(expect.arrayContaining(names));
    const { calls, path: shadowed } = shadowNix(project, "exit 1");
    vi.stubEnv("PATH", shadowed);
    expect(await listAnew()).toEqual(expect.arrayContaining(names));
    expect(calls()).toEqual([]);
  });

  test("share the look at the flake with the evaluations of the run", async () => {
    const { calls, path: shadowed } = shadowNix(project, 'exec "$real_nix" "$@"');
    vi.stubEnv("PATH", shadowed);
    const evaluator = createEvaluator(project.options);
    await evaluator.configurationNames("./hosts");
    await evaluator.evaluateHost({ host: "web", flake: "./hosts", attribute: "web", facts: createFacts() });
    expect(calls().map((call) => /(flake prefetch|eval)/.exec(call)?.[1])).toEqual([
      "flake prefetch",
      "eval",
      "eval",
    ]);
  });

  test("can't be read from a flake Git does not know", async () => {
    project.git("rm", "-q", "--cached", "hosts/flake.nix");
    await expect(listAnew()).rejects.toThrow(
      /listing the hosts of .*\n +next: Git does not track .* hosts\/flake\.nix\. Run `git add`/s,
    );
  });

  test("may be none", async () => {
    project.write("hosts/flake.nix", "{ outputs = _: { }; }");
    expect(await listAnew()).toEqual([]);
  });

  test("can't be read from a flake that does not parse", async () => {
    project.write("hosts/flake.nix", "{ outputs = _: { }; ");
    await expect(listAnew()).rejects.toThrow(`at ${project.root}/hosts/flake.nix:1:21`);
  });
});
