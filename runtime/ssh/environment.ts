import { withoutPulumiSecrets } from "../platform/run-command.ts";

/** Environment for ssh: no agent and no way to ask, so that only our own key is ever offered. */
export function sshEnvironment(
  environment: Readonly<Record<string, string>> = withoutPulumiSecrets(),
): Record<string, string> {
  const withheld = ["SSH_AUTH_SOCK", "SSH_AGENT_PID", "SSH_ASKPASS", "DISPLAY"];
  const kept = Object.entries(environment).filter(([name]) => !withheld.includes(name));
  return { ...Object.fromEntries(kept), SSH_ASKPASS_REQUIRE: "never" };
}
