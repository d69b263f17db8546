import type { Check, HttpCheck } from "../../model/health/check.ts";

/**
 * The checks to make on the target, a line each, as `runtime/remote/deploy/run-checks.sh` reads them: index, kind, seconds a try may take,
 * hundredths of a second between tries, then fields in base64 (`-` for an empty one). The index is the check's place among all checks.
 */
export function checkLines(checks: readonly Check[]): string {
  return checks
    .flatMap((check, index) => (check.from === "target" ? [`${line(check, index)}\n`] : []))
    .join("");
}

function line(check: Check, index: number): string {
  const { kind, timeout, period } = check;
  return [index, kind, timeout, hundredths(period), ...fields(check).map(encode)].join(" ");
}

function fields(check: Check): string[] {
  switch (check.kind) {
    case "http":
      return [
        curlConfiguration(check),
        check.status.join(" "),
        check.body ?? "",
        Object.entries(check.responseHeaders)
          .map(([name, value]) => `${name.toLowerCase()}:${value}`)
          .join("\n"),
      ];
    case "tcp":
      return [check.host, String(check.port)];
    case "command":
      return [check.run];
  }
}

/** What POSIX shells can count in. */
export function hundredths(seconds: number): number {
  return Math.round(seconds * 100);
}

function encode(text: string): string {
  return text === "" ? "-" : Buffer.from(text, "utf8").toString("base64");
}

/** A configuration file for curl(1), which takes it on standard input: neither URL nor headers show in a list of processes. @internal */
export function curlConfiguration({ url, requestHeaders, insecure }: HttpCheck): string {
  const settings = [
    ["url", url],
    ...Object.entries(requestHeaders).map(([name, value]) => [
      "header",
      value === "" ? `${name};` : `${name}: ${value}`,
    ]),
  ].map(([name = "", value = ""]) => `${name} = ${quoted(value)}\n`);
  return [...settings, ...(insecure ? ["insecure\n"] : [])].join("");
}

/** curl(1), `--config`: within double quotes, backslashes and quotes are escaped. */
function quoted(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}
