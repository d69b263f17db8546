import picocolors from "picocolors";

/** Tells a newcomer what happens, step by step. */
export interface Narrator {
  /** A numbered headline. */
  step(text: string): void;
  /** An explanation under the headline. */
  say(text: string): void;
  /** A command line, shown before it runs, as a person would type it. */
  command(text: string): void;
  /** Output to be read: tables, pages. */
  show(text: string): void;
}

/** Writes to standard output. @param steps how many headlines there will be */
export function createNarrator(steps: number): Narrator {
  const started = Date.now();
  let done = 0;
  const line = (text: string) => process.stdout.write(`${text}\n`);
  const indented = (text: string) => line(text.replaceAll(/^(?=.)/gm, "      "));
  return {
    step(text) {
      done += 1;
      const seconds = ((Date.now() - started) / 1000).toFixed(0);
      line("");
      line(`${picocolors.bold(`[${done}/${steps}] ${text}`)} ${picocolors.dim(`(${seconds} s so far)`)}`);
    },
    say: indented,
    command: (text) => line(`      ${picocolors.cyan(`$ ${text}`)}`),
    show: indented,
  };
}
