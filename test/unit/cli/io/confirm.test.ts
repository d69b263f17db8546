import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { confirm } from "../../../../cli/io/confirm.ts";

/** What is answered when those keys are pressed, and what stands there at the end. */
async function pressing(keys: string): Promise<{ answer: boolean; text: string }> {
  const input = Object.assign(new PassThrough(), { isTTY: true });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
  let text = "";
  output.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  const write = (more: string) => {
    text += more;
  };
  const answer = confirm("Reboot web", write, { input, output });
  input.write(keys);
  return { answer: await answer, text };
}

describe("ask", () => {
  it.each([
    ["y\r", true],
    ["YES\r", true],
    ["n\r", false],
    ["\r", false],
  ])("takes %j for %j", async (keys, answer) => {
    expect((await pressing(keys)).answer).toBe(answer);
  });

  it.each(["\u0003", "\u0004"])("takes Ctrl-C and Ctrl-D for a no: %j", async (key) => {
    const { answer, text } = await pressing(key);
    expect(answer).toBe(false);
    expect(text).toContain("Reboot web? [y/N] ");
    expect(text).toMatch(/\n$/);
  });

  it("asks nobody where there is no terminal", async () => {
    let text = "";
    const write = (more: string) => {
      text += more;
    };
    const pipe = { input: new PassThrough(), output: new PassThrough() };
    expect(await confirm("Reboot web", write, pipe)).toBe(false);
    expect(text).toBe("Reboot web? not a terminal: run again with --yes\n");
  });
});
