import http from "node:http";
import https from "node:https";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Check, HttpCheck, TcpCheck } from "../../model/health/check.ts";
import type { CheckOutcome } from "../../model/health/check-result.ts";
import { stopwatch } from "../platform/deadline.ts";
import { anySignal, type Cancellation, timeoutSignal } from "../platform/limits.ts";

/** How checks run together; seconds. */
export interface CheckTimes extends Cancellation {
  /** A verdict is given this long after the beginning at the earliest. */
  readonly settle: number;
  readonly deadline: number;
}

interface Seen {
  readonly ok: boolean;
  readonly seen: string;
}

/** Makes the operator's own checks side by side: each is good if it holds at the end of the settle time or later. */
export async function operatorChecks(checks: readonly Check[], times: CheckTimes): Promise<CheckOutcome[]> {
  const outcomes = checks.map(async (check, index): Promise<CheckOutcome[]> => {
    if (check.from !== "operator") return [];
    return [{ check: index, ...(await untilGood(check, times)) }];
  });
  return (await Promise.all(outcomes)).flat();
}

async function untilGood(
  check: HttpCheck | TcpCheck,
  { settle, deadline, signal }: CheckTimes,
): Promise<Omit<CheckOutcome, "check">> {
  const elapsed = stopwatch();
  for (;;) {
    const { ok, seen } = await tryOnce(check, signal);
    const late = elapsed() + check.period > deadline;
    if ((ok && elapsed() >= settle) || (!ok && late) || signal?.aborted === true)
      return { ok, seen, seconds: elapsed() };
    const pause = ok ? Math.min(check.period, settle - elapsed()) : check.period;
    await sleep(Math.max(0, pause) * 1000, undefined, { signal }).catch(() => {});
  }
}

function tryOnce(check: HttpCheck | TcpCheck, signal: AbortSignal | undefined): Promise<Seen> {
  const timeout = timeoutSignal(check.timeout);
  const limit = anySignal(signal, timeout);
  const attempt = check.kind === "http" ? tryHttp(check, limit) : tryTcp(check, limit);
  return attempt.catch((error: unknown) => {
    const seen = timeout.aborted ? `no answer within ${check.timeout} s` : messageOf(error);
    return { ok: false, seen };
  });
}

/** A failed connection to several addresses has its reasons one level down. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join(", ");
  return error instanceof Error ? error.message : String(error);
}

/** Bodies are read up to this size. */
const longestBody = 4 * 1024 * 1024;

function tryHttp(check: HttpCheck, signal: AbortSignal): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const options = { headers: check.requestHeaders, signal, agent: false as const };
    const receive = (response: http.IncomingMessage) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > longestBody) response.destroy(new Error(`the body is longer than ${longestBody} bytes`));
        else chunks.push(chunk);
      });
      response.on("error", reject);
      response.on("end", () => {
        const problems = httpProblems(check, response, Buffer.concat(chunks).toString("utf8"));
        const seen = problems.length === 0 ? `status ${response.statusCode}` : problems.join(", ");
        resolve({ ok: problems.length === 0, seen });
      });
    };
    const request = check.url.startsWith("https:")
      ? https.get(check.url, { ...options, rejectUnauthorized: !check.insecure }, receive)
      : http.get(check.url, options, receive);
    request.on("error", reject);
  });
}

/** What is wrong with an answer; the same judgement as `runtime/remote/deploy/run-checks.sh` makes on the host. */
function httpProblems(
  { status, body, responseHeaders }: HttpCheck,
  answer: Pick<http.IncomingMessage, "statusCode" | "headers">,
  text: string,
): string[] {
  const { statusCode = 0, headers } = answer;
  const accepted = status.length === 0 ? statusCode >= 200 && statusCode <= 299 : status.includes(statusCode);
  const instead = status.length === 0 ? "" : ` instead of ${status.join(" ")}`;
  return [
    ...(accepted ? [] : [`status ${statusCode}${instead}`]),
    ...(body === null || text.includes(body) ? [] : [`the body does not hold "${body}"`]),
    ...Object.entries(responseHeaders).flatMap(([name, value]) =>
      [headers[name.toLowerCase()] ?? []].flat().some((line) => line.includes(value))
        ? []
        : [`header ${name.toLowerCase()} does not hold "${value}"`],
    ),
  ];
}

function tryTcp({ host, port }: TcpCheck, signal: AbortSignal): Promise<Seen> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host, port, signal });
    socket.on("error", reject);
    socket.on("connect", () => {
      socket.destroy();
      resolve({ ok: true, seen: "connected" });
    });
  });
}
