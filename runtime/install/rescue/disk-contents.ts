import type { HostIdentity } from "../../../model/protocol/install.ts";
import { parseIdentity } from "../../host/identity-file.ts";
import type { Found } from "../machine/machine-facts.ts";

/** What `runtime/remote/install/disk-contents.sh` saw on one device. */
interface DeviceContent {
  readonly path: string;
  /** `closed`: a file system or container that cannot be read. */
  readonly kind: "empty" | "data" | "closed";
}

/** An identity on a disk, whether its system starts or not. */
export interface IdentityOnDisk {
  readonly path: string;
  readonly identity: Found<HostIdentity>;
  /** A system's profile is next to it: the install it is from was completed. */
  readonly complete: boolean;
}

/** What is on the disks of a machine that does not run from them. */
export interface DiskContents {
  readonly devices: readonly DeviceContent[];
  readonly identities: readonly IdentityOnDisk[];
  /** Devices that are mounted: whatever runs there, runs from its disks. */
  readonly used: readonly string[];
}

/** @throws Error when the report is incomplete or holds anything unknown: nothing may be decided on half a report */
export function parseDiskContents(report: string): DiskContents {
  const lines = report.trimEnd().split("\n");
  if (lines.pop() !== "end disk-contents") throw new Error("the report on the machine's disks is incomplete");
  const devices: DeviceContent[] = [];
  const identities: IdentityOnDisk[] = [];
  const used: string[] = [];
  for (const line of lines) {
    const [name, path = "", value = "", base64 = ""] = line.split(" ");
    const unknown = () => new Error(`the report on the machine's disks holds an unknown line: ${line}`);
    if (!path.startsWith("/dev/")) throw unknown();
    if (name === "used") used.push(path);
    else if (name === "content" && isKind(value)) devices.push({ path, kind: value });
    else if (name === "identity") identities.push({ path, identity: found(value, base64), complete: false });
    else if (name === "profile" && ["yes", "no"].includes(value)) {
      const last = identities.pop();
      if (last?.path !== path) throw unknown();
      identities.push({ ...last, complete: value === "yes" });
    } else throw unknown();
  }
  return { devices, identities, used };
}

function isKind(text: string): text is DeviceContent["kind"] {
  return ["empty", "data", "closed"].includes(text);
}

function found(state: string, base64: string): Found<HostIdentity> {
  if (state !== "present") return { state: "unreadable", why: "it is not a file" };
  const value = parseIdentity(Buffer.from(base64, "base64").toString("utf8"));
  return typeof value === "string" ? { state: "unreadable", why: value } : { state: "present", value };
}
