import type { Readable, Writable } from "node:stream";
import type { Connection, Endpoint } from "../../model/protocol/connection.ts";
import type { Limits } from "../platform/limits.ts";
import type { RunResult } from "../platform/run-command.ts";

import type { RootCommand } from "./privilege-command.ts";

/** One machine as seen by SSH: where it is, who we are, and which host keys it may show. */
export interface SshTarget {
  /** Fleet name of the host: used in messages and as the name SSH sees (`fleet-<host>`). */
  readonly host: string;
  readonly connection: Connection;
  /** Accepted public keys, each `type base64 [comment]`. Any other key ends the connection. */
  readonly hostKeys: readonly string[];
}

/** How one command on the target is run. */
export interface RemoteRunOptions extends Limits {
  /** Standard input; absent: empty. */
  readonly input?: string | Uint8Array | Readable;
  /** Receives standard output as it comes; the result then holds none of it. */
  readonly output?: Writable;
  /** Do not log standard output. */
  readonly quiet?: boolean;
  /** Run it as root, by whatever makes the user root. */
  readonly elevate?: boolean;
}

/** An open, verified connection to one machine. */
export interface SshSession extends AsyncDisposable {
  readonly target: SshTarget;
  /** `user@fleet-<host>`: with `options` or `fresh` it leads to the target, whatever its address looks like. */
  readonly destination: string;
  /** Fingerprint of the host key the machine showed: one of the accepted ones. */
  readonly shownFingerprint: string;
  /** Private key file (mode 0600) inside the session's private folder. */
  readonly identityFile: string;
  /**
   * Runs argv on the target, quoted for its shell. Nothing is thrown for a non-zero exit; exit code 255 means trouble with
   * the connection (ssh(1), EXIT STATUS).
   * @throws StepError step "becoming root", for `elevate`
   */
  run(argv: readonly string[], options: RemoteRunOptions): Promise<RunResult>;
  /**
   * What runs argv as root on the target, for those who start ssh themselves. The first time it makes sure that the user becomes root.
   * @throws StepError step "becoming root"
   */
  asRoot(argv: readonly string[]): Promise<RootCommand>;
  /** Runs `runtime/remote/<name>.sh` as `sh -c <text> fleet-<name> args…`, so that standard input stays free. */
  script(name: string, args: readonly string[], options: RemoteRunOptions): Promise<RunResult>;
  /** Arguments for programs that call ssh themselves: strict host key, our key only, no agent, no user config, shared connection. */
  readonly options: readonly string[];
  /** Socket of the shared connection (ssh_config(5), ControlPath); it is gone once that has ended. */
  readonly controlSocket: string;
  /** `options` without connection sharing: each use is a new connection. */
  readonly fresh: readonly string[];
  /** Where the machine answered: of several places, the one this session leads to. */
  readonly place: Endpoint;
  /** As `fresh`, to another of its places. */
  freshAt(place: Endpoint): readonly string[];
  /** True once the shared connection has broken; waits up to `seconds` for a break that is just becoming known. */
  isLost(seconds: number): Promise<boolean>;
  /** Ends the shared connection and removes the private folder. Safe to call again. */
  close(): Promise<void>;
}
