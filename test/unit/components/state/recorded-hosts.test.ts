import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, it, vi } from "vitest";
import { RecordedHosts } from "../../../../components/state/recorded-hosts.ts";
import { StepError } from "../../../../runtime/platform/step-error.ts";
import { RecordedState } from "../../../../runtime/pulumi/recorded-state.ts";

afterEach(() => vi.restoreAllMocks());

const host = (name: string, aliases: readonly string[] = []) => ({
  name,
  aliases,
  allowUnreachable: true,
  reinstall: null,
});
const exported = JSON.stringify({
  deployment: {
    resources: [
      {
        urn: "urn:pulumi:prod::fleet::command:local:Command::old-install-run",
        type: "command:local:Command",
        inputs: { triggers: ["17", ""] },
      },
    ],
  },
});

it("finds hosts of the stack, whatever they were called when they were recorded", async () => {
  const recordedHosts = new RecordedHosts(
    [host("web", ["old"]), host("new")],
    async () => new RecordedState(exported),
  );
  expect((await recordedHosts.get("web")).install).toEqual({ serverId: "17", reinstall: null });
  expect((await recordedHosts.get("new")).install).toBeUndefined();
  await expect(recordedHosts.find("old")).rejects.toThrow('"old" is not a host of this stack');
});

it("tells a state that cannot be read to each as it needs to know", async () => {
  const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
  const recordedHosts = new RecordedHosts([host("web"), host("db")], async () => "it is locked");
  expect(await recordedHosts.find("web")).toBe("it is locked");
  await expect(recordedHosts.get("web")).rejects.toThrow(StepError);
  expect(await Promise.all(["web", "db"].map((name) => recordedHosts.isPending(name)))).toEqual([
    false,
    false,
  ]);
  expect(warn.mock.calls).toEqual([
    ["whether deployments of hosts with allowUnreachable are pending is unknown: it is locked"],
  ]);
});
