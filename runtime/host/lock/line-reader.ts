import { createInterface } from "node:readline";
import { deadlineIn } from "../../platform/deadline.ts";

/** Lines of a running program, one asked for at a time. */
export interface LineReader {
  /** The next line; undefined once the output has ended or the time is over. */
  next(seconds: number): Promise<string | undefined>;
  /** The next line of that kind, and what comes before it is passed over: a slow host may still be reporting something else. */
  nextOf(kind: RegExp, seconds: number): Promise<string | undefined>;
}

/** Collects the lines of `output` until `ended` settles. */
export function readLinesFrom(output: NodeJS.ReadableStream, ended: PromiseLike<unknown>): LineReader {
  const lines: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let over = false;
  const settle = (line: string | undefined) => {
    const receiver = waiting;
    waiting = undefined;
    if (receiver !== undefined) receiver(line);
    else if (line !== undefined) lines.push(line);
  };
  const reader = createInterface({ input: output }).on("line", settle);
  const finish = () => {
    over = true;
    settle(undefined);
  };
  // The last lines may still be on their way when the process itself has ended.
  reader.on("close", () => ended.then(finish, finish));
  const answers: LineReader = {
    async nextOf(kind, seconds) {
      const deadline = deadlineIn(seconds);
      for (;;) {
        const line = await answers.next(deadline.remaining());
        if (line === undefined || kind.test(line)) return line;
      }
    },
    next(seconds) {
      const ready = lines.shift();
      if (ready !== undefined || over) return Promise.resolve(ready);
      return new Promise((resolve) => {
        const timer = setTimeout(() => settle(undefined), seconds * 1000);
        waiting = (line) => {
          clearTimeout(timer);
          resolve(line);
        };
      });
    },
  };
  return answers;
}
