import type { SystemTraits } from "../../../../model/protocol/connection.ts";

/** Of a system that starts either way and lets root in. */
export const traits: SystemTraits = {
  diskKeys: { files: [], prompts: [] },
  fileSystems: [],
  lustrates: true,
  firmware: ["bios", "uefi"],
  ssh: { enable: true, ports: [22], open: [22], users: ["root"], refused: [] },
  administrators: ["root"],
  openPorts: { enable: true, everywhere: { tcp: [{ from: 22, to: 22 }], udp: [] }, interfaces: {} },
};
