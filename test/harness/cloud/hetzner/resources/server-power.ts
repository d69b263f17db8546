/** Power of a server: on, off, shutdown, reset, reboot. */
import type { Project } from "../project.ts";
import { emptyBody, type Route } from "../route.ts";
import { powerOn, withMachine } from "./machine-control.ts";
import { serverAction } from "./server-action.ts";

export function powerActions(project: Project): Route[] {
  return [
    serverAction(project, ["poweron", "start_server"], emptyBody, (server) => ({
      transition: "starting",
      work: () => powerOn(project, server),
    })),
    serverAction(project, ["poweroff", "stop_server"], emptyBody, (server) => ({
      transition: "stopping",
      work: () => withMachine(server, (machine) => machine.powerOff()),
    })),
    serverAction(project, ["shutdown", "shutdown_server"], emptyBody, (server) => ({
      transition: "stopping",
      work: () => withMachine(server, (machine) => machine.shutdown()),
    })),
    serverAction(project, ["reset", "reset_server"], emptyBody, (server) => ({
      transition: "starting",
      work: () => withMachine(server, (machine) => machine.reset()),
    })),
    serverAction(project, ["reboot", "reboot_server"], emptyBody, (server) => ({
      transition: "stopping",
      work: () =>
        withMachine(server, async (machine) => {
          await machine.shutdown();
          await machine.powerOn();
        }),
    })),
  ];
}
