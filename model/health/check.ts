import { z } from "zod";

/** Where a check runs: on the host itself, or on the machine that deploys. */
export const vantagePoints = ["target", "operator"] as const;

const seconds = z.number().positive().max(3600);

/** `timeout`: seconds one try may take; `period`: seconds between two tries. */
const tries = { timeout: seconds, period: seconds };

const singleLine = z.string().regex(/^[^\r\n]*$/, "must be one line");

/** One request by HTTP. `{address}` in the URL is replaced by the host's address. */
const httpCheckSchema = z.strictObject({
  kind: z.literal("http"),
  from: z.enum(vantagePoints),
  url: z.string(),
  /** Accepted status codes; empty: 200 to 299. */
  status: z.array(z.number().int()),
  /** Text the answer's body holds; null: whatever it holds. */
  body: z.string().nullable(),
  /** Headers of the answer: name → text its value holds. */
  responseHeaders: z.record(z.string(), z.string()),
  /** Headers to send. */
  requestHeaders: z.record(z.string(), z.string()),
  /** Accept any TLS certificate. */
  insecure: z.boolean(),
  ...tries,
});
export type HttpCheck = z.infer<typeof httpCheckSchema>;

/** A TCP connection that is accepted. `{address}` as `host` is replaced by the host's address. */
const tcpCheckSchema = z.strictObject({
  kind: z.literal("tcp"),
  from: z.enum(vantagePoints),
  host: z.string(),
  port: z.number().int(),
  ...tries,
});
export type TcpCheck = z.infer<typeof tcpCheckSchema>;

/** A command for `sh -c` on the host, as root; exit code 0 is good. */
const commandCheckSchema = z.strictObject({
  kind: z.literal("command"),
  from: z.literal("target"),
  run: z.string().min(1),
  ...tries,
});

/** Something that has to hold, with every default applied. */
const checkSchema = z.discriminatedUnion("kind", [httpCheckSchema, tcpCheckSchema, commandCheckSchema]);
export type Check = z.infer<typeof checkSchema>;

/** What makes a running system a good one. Times in seconds. */
export const healthSchema = z.strictObject({
  /** Units and checks are judged this long after the activation at the earliest. */
  settle: z.number().min(0),
  /** Until then every check has to hold. */
  deadline: seconds,
  /** Units whose failure is only reported: patterns with `*` and `?`. */
  ignoreUnits: z.array(singleLine),
  checks: z.array(checkSchema),
});
export type Health = z.infer<typeof healthSchema>;

/** Checks that have to hold before anything is changed. */
export const preDeploySchema = healthSchema.pick({ deadline: true, checks: true });
export type PreDeploy = z.infer<typeof preDeploySchema>;

/** One phrase for messages: `http http://localhost/ (from the operator)`. */
export function describeCheck(check: Check): string {
  const from = check.from === "operator" ? " (from the operator)" : "";
  switch (check.kind) {
    case "http":
      return `http ${check.url}${from}`;
    case "tcp":
      return `tcp ${check.host} port ${check.port}${from}`;
    case "command":
      return `command ${check.run.split("\n")[0]?.slice(0, 80)}`;
  }
}

/** Replaces `{address}` by the host's address; in brackets in a URL if it is IPv6 (RFC 3986, section 3.2.2). */
export function withAddress(check: Check, address: string): Check {
  switch (check.kind) {
    case "http": {
      const authority = address.includes(":") ? `[${address}]` : address;
      return { ...check, url: check.url.replaceAll("{address}", authority) };
    }
    case "tcp":
      return { ...check, host: check.host.replaceAll("{address}", address) };
    case "command":
      return check;
  }
}
