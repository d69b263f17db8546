import { z } from "zod";
import { type Check, type Health, type PreDeploy, vantagePoints } from "../../health/check.ts";
import { duration } from "./duration.ts";

/** What is checked where nothing is configured: units alone. @internal */
export const defaultHealth: Health = { settle: 3, deadline: 60, ignoreUnits: ["acme-*"], checks: [] };
/** See `defaultHealth`. @internal */
export const defaultPreDeploy: PreDeploy = { deadline: 30, checks: [] };

const atMostAnHour = duration({ min: 0, max: 3600, exclusive: true });
const tries = { timeout: atMostAnHour.default(5), period: atMostAnHour.default(1) };
const shortForm = z.string().min(1);
const port = z.number().int().min(1).max(65535);
const line = z.string().regex(/^[^\r\n]+$/, "must be one line of text");
const status = z.number().int().min(100).max(599);
/** RFC 9110, section 5.6.2: a token. */
const headers = z.record(
  z.string().regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/, "is not a valid header name"),
  z.string().regex(/^[^\r\n]*$/, "must be one line of text"),
);

const httpSettings = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[^\s/]+\S*$/, "must be an http:// or https:// URL; {address} is the host's address"),
  status: z.union([status, z.array(status).min(1)]).optional(),
  body: line.optional(),
  responseHeaders: headers.default({}),
  requestHeaders: headers.default({}),
  insecure: z.boolean().default(false),
  ...tries,
});

const tcpSettings = z.strictObject({ port, host: line.optional(), ...tries });

const commandForm = z.strictObject({ run: shortForm, ...tries });
const commandSettings = z.union([shortForm.transform((run) => commandForm.parse({ run })), commandForm]);

const kinds = ["http", "tcp", "command"] as const;

/** One check as it is written: exactly one of the kinds, and where it runs. */
const checkSettings = z
  .strictObject({
    http: httpSettings.optional(),
    tcp: tcpSettings.optional(),
    command: commandSettings.optional(),
    from: z.enum(vantagePoints).default("target"),
  })
  .superRefine((check, context) => {
    const given = kinds.filter((kind) => check[kind] !== undefined);
    if (given.length !== 1)
      context.addIssue({ code: "custom", message: `must have exactly one of ${kinds.join(", ")}` });
    if (check.command !== undefined && check.from === "operator")
      context.addIssue({ code: "custom", path: ["from"], message: "commands run on the target only" });
  });

/** What has to hold after an activation. */
export const healthSettings = z.strictObject({
  settle: duration({ min: 0, max: 3600 }).optional(),
  deadline: atMostAnHour.optional(),
  ignoreUnits: z
    .array(
      z
        .string()
        .regex(/^[A-Za-z0-9:_.\\@*?-]+$/, "is not a valid pattern of unit names: * and ? match anything"),
    )
    .optional(),
  checks: z.array(checkSettings).optional(),
});

/** What has to hold before anything is changed. */
export const preDeploySettings = healthSettings.pick({ deadline: true, checks: true });

const drainForm = z.strictObject({ run: shortForm, timeout: atMostAnHour.default(300) });
/** A command before a reboot: a text, or with the time it may take. */
export const drainSettings = z.union([shortForm.transform((run) => drainForm.parse({ run })), drainForm]);

/** Applies the defaults: a host's own setting takes the place of the stack's, key by key. */
export function healthOf(
  host: z.infer<typeof healthSettings> = {},
  stack: z.infer<typeof healthSettings> = {},
): Health {
  const deadline = host.deadline ?? stack.deadline ?? defaultHealth.deadline;
  return {
    settle: host.settle ?? stack.settle ?? defaultHealth.settle,
    deadline,
    ignoreUnits: host.ignoreUnits ?? stack.ignoreUnits ?? defaultHealth.ignoreUnits,
    checks: (host.checks ?? stack.checks ?? []).map((check) => within(deadline, checkOf(check))),
  };
}

/** See `healthOf`. */
export function preDeployOf(
  host: z.infer<typeof preDeploySettings> = {},
  stack: z.infer<typeof preDeploySettings> = {},
): PreDeploy {
  const deadline = host.deadline ?? stack.deadline ?? defaultPreDeploy.deadline;
  return {
    deadline,
    checks: (host.checks ?? stack.checks ?? []).map((check) => within(deadline, checkOf(check))),
  };
}

/** No single try may take longer than all of them. */
function within(deadline: number, check: Check): Check {
  return { ...check, timeout: Math.min(check.timeout, deadline) };
}

function checkOf({ http, tcp, command, from }: z.infer<typeof checkSettings>): Check {
  if (http !== undefined) {
    const { status = [], body = null, ...rest } = http;
    return { kind: "http", from, ...rest, body, status: [status].flat() };
  }
  if (tcp !== undefined) {
    const host = tcp.host ?? (from === "operator" ? "{address}" : "localhost");
    return { kind: "tcp", from, ...tcp, host };
  }
  if (command === undefined) throw new Error("a check of no kind should have been refused");
  return { kind: "command", from: "target", ...command };
}
