import { appendFileSync, mkdirSync } from "node:fs";
import path from "node:path";
import { stopwatch } from "./deadline.ts";
import { createRedactor, type Redactor } from "./redactor.ts";

/** Above 64 KiB a line hangs the command plugin; people read far less. */
const longestLine = 400;

/** Where a run reports what it does: short lines for people, everything for the log file. */
export interface Reporter {
  /** One short progress line on standard error, and in the log. */
  progress(line: string): void;
  /** Full output of tools: log file only. */
  detail(text: string): void;
  /** Hides secrets. */
  readonly redact: Redactor;
  /** Full log, absolute path. */
  readonly logFile: string;
  /** Last lines of tool output, for error messages. */
  tail(lines: number): string;
}

/** Writes progress to standard error and all output to `<directory>/<time>-<what>.log` (mode 0600). */
export function createReporter(options: {
  host: string;
  what: string;
  logDirectory: string;
  redact: Redactor;
  write?: (line: string) => void;
}): Reporter {
  mkdirSync(options.logDirectory, { recursive: true, mode: 0o700 });
  const time = new Date().toISOString().replaceAll(":", "-");
  const logFile = path.join(options.logDirectory, `${time}-${options.what}-${process.pid}.log`);
  const elapsed = stopwatch();
  const recent: string[] = [];
  const write = options.write ?? ((line) => process.stderr.write(`${line}\n`));
  const append = (text: string) =>
    appendFileSync(logFile, text.endsWith("\n") ? text : `${text}\n`, { mode: 0o600 });
  const seconds = () => elapsed().toFixed(1);
  return {
    redact: options.redact,
    logFile,
    progress(line) {
      const hidden = options
        .redact(line)
        .replaceAll(/[\r\n]+/g, " ")
        .slice(0, longestLine);
      append(`[${seconds()} s] ${hidden}`);
      write(`${options.host}: ${hidden} (${seconds()} s)`);
    },
    detail(text) {
      const hidden = options.redact(text);
      append(hidden);
      recent.push(...hidden.split(/[\r\n]+/).filter((line) => line.trim() !== ""));
      if (recent.length > 200) recent.splice(0, recent.length - 200);
    },
    tail: (lines) =>
      recent
        .slice(-lines)
        .map((line) => line.slice(0, longestLine))
        .join("\n"),
  };
}

/** A reporter for what the program itself does on a machine in order to evaluate there. */
export function openReporter(options: {
  readonly host: string;
  readonly logDirectory: string;
  readonly secrets: readonly string[];
  readonly write: (line: string) => void;
}): Reporter {
  const { secrets, ...rest } = options;
  return createReporter({ ...rest, what: "evaluate", redact: createRedactor([...secrets]) });
}
