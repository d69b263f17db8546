import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { readLinesFrom } from "../../../../../runtime/host/lock/line-reader.ts";

describe("answersOf", () => {
  it("keeps lines until they are asked for", async () => {
    const output = new PassThrough();
    const answers = readLinesFrom(output, new Promise(() => {}));
    output.write("one\ntwo\n");
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect([await answers.next(1), await answers.next(1)]).toEqual(["one", "two"]);
  });

  it("waits for a line that comes in pieces", async () => {
    const output = new PassThrough();
    const answers = readLinesFrom(output, new Promise(() => {}));
    const line = answers.next(1);
    output.write("lock");
    output.write("ed\n");
    expect(await line).toBe("locked");
  });

  it("gives up in time, and takes the late line for the next question", async () => {
    const output = new PassThrough();
    const answers = readLinesFrom(output, new Promise(() => {}));
    expect(await answers.next(0.02)).toBeUndefined();
    output.write("late\n");
    expect(await answers.next(1)).toBe("late");
  });

  it("passes over what another question is answered with, until the time is over", async () => {
    const output = new PassThrough();
    const answers = readLinesFrom(output, new Promise(() => {}));
    output.write("end inspect-host\nprepared\nlater\n");
    expect(await answers.nextOf(/^prepared$/, 20)).toBe("prepared");
    expect(await answers.nextOf(/^prepared$/, 0.05)).toBeUndefined();
    output.end("not-prepared no room\n");
    expect(await answers.nextOf(/prepared/, 20)).toBe("not-prepared no room");
  });

  it("hands over the last lines before it says that it is over", async () => {
    const output = new PassThrough();
    const answers = readLinesFrom(output, Promise.reject(new Error("ended")));
    const first = answers.next(1);
    output.end("refused\n");
    expect(await first).toBe("refused");
    expect(await answers.next(5)).toBeUndefined();
    expect(await answers.next(5)).toBeUndefined();
  });
});
