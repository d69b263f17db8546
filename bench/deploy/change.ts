import type { HostSystem } from "../../model/protocol/connection.ts";
import type { Contender } from "../measure/rounds.ts";
import type { Distance, Target } from "./targets.ts";
import type { Tool } from "./tools.ts";

/** A deployment of a system that was built beforehand, to all targets at once. */
export function change(
  label: string,
  tool: Tool,
  { targets, distance }: { readonly targets: readonly Target[]; readonly distance: Distance },
  nextSystem: () => Promise<HostSystem>,
): Contender {
  let wanted: HostSystem | undefined;
  return {
    label,
    prepare: async () => {
      wanted = await nextSystem();
    },
    run: async () => {
      const system = wanted;
      if (system === undefined) throw new Error("no system was prepared");
      await Promise.all(
        targets.map(async (target) => {
          await tool.deploy(target, system, distance);
          target.running = system;
        }),
      );
    },
  };
}
