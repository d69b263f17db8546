import http from "node:http";
import type { AddressInfo } from "node:net";
import { execa } from "execa";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Check, HttpCheck } from "../../../../../model/health/check.ts";
import { type CheckOutcome, parseCheck } from "../../../../../model/health/check-result.ts";
import { checkLines, curlConfiguration } from "../../../../../runtime/health/encode-checks.ts";
import { operatorChecks } from "../../../../../runtime/health/operator-checks.ts";
import { remoteScriptPath } from "../../../../../runtime/platform/package-root.ts";

let server: http.Server;
let port: number;
/** Answers 503 until this many requests have come. */
let hesitation = 0;
beforeAll(async () => {
  server = http.createServer((request, response) => {
    hesitation -= 1;
    if (request.url === "/late" && hesitation >= 0) response.statusCode = 503;
    if (request.url === "/moved") {
      response.statusCode = 302;
      response.setHeader("Location", "/");
    }
    response.setHeader("X-Greeting", "hello there");
    response.end(`page "of" ${request.headers.host}, asked with ${request.headers["x-question"]}`);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  port = (server.address() as AddressInfo).port;
});
afterAll(() => server.close());

/** On the host: `run-checks.sh` with the lines it gets by SSH. On the operator's side: our own. */
async function make(checks: readonly Check[], settle = 0, deadline = 0.6): Promise<CheckOutcome[]> {
  const argv = [
    remoteScriptPath("deploy/run-checks"),
    "checks",
    "-",
    String(settle * 100),
    String(deadline * 100),
  ];
  const there = await execa("bash", argv, { input: checkLines(checks) });
  const lines = there.stdout.split("\n").filter((line) => line !== "");
  return [
    ...lines.map((line) => parseCheck(line.slice("check ".length))),
    ...(await operatorChecks(checks, { settle, deadline })),
  ];
}

const tries = { timeout: 20, period: 0.1 };
const plain = { status: [], body: null, responseHeaders: {}, requestHeaders: {}, insecure: false };

describe.each<Check["from"]>(["target", "operator"])("checks from the %s", (from) => {
  const page = (path: string, changes: Partial<HttpCheck> = {}): HttpCheck => ({
    ...{ kind: "http", from, url: `http://127.0.0.1:${port}${path}`, ...plain, ...tries },
    ...changes,
  });

  it("that hold say so", async () => {
    const responseHeaders = { "x-greeting": "hello", "X-GREETING": "there" };
    const requestHeaders = { Host: "example.org", "X-Question": 'a "quoted" \\ one' };
    const body = 'page "of" example.org, asked with a "quoted" \\ one';
    const [outcome] = await make([page("/", { responseHeaders, requestHeaders, body, status: [200, 204] })]);
    expect(outcome).toMatchObject({ check: 0, ok: true, seen: "status 200" });
  });

  it("that do not hold say what was seen, all of it", async () => {
    const changes = { status: [201], body: "another", responseHeaders: { "x-greeting": "bye" } };
    const [outcome] = await make([page("/", changes)]);
    expect(outcome).toMatchObject({
      ok: false,
      seen: 'status 200 instead of 201, the body does not hold "another", header x-greeting does not hold "bye"',
    });
  });

  it("follow no redirects", async () => {
    expect(await make([page("/moved")])).toMatchObject([{ ok: false, seen: "status 302" }]);
    expect(await make([page("/moved", { status: [302] })])).toMatchObject([{ ok: true }]);
  });

  it("are made again until they hold", async () => {
    hesitation = 2;
    const [outcome] = await make([page("/late")], 0, 20);
    expect(outcome).toMatchObject({ ok: true });
    expect(outcome?.seconds).toBeGreaterThanOrEqual(0.2);
  });

  it("that hold are judged at the end of the settle time", async () => {
    const [outcome] = await make([page("/")], 0.5, 5);
    expect(outcome?.seconds).toBeGreaterThanOrEqual(0.5);
  });

  it("know an open port from a closed one", async () => {
    const tcp = (number: number): Check => ({ kind: "tcp", from, host: "127.0.0.1", port: number, ...tries });
    const outcomes = await make([tcp(port), tcp(1)]);
    expect(outcomes.sort((a, b) => a.check - b.check)).toMatchObject([{ ok: true }, { ok: false }]);
    expect(outcomes[1]?.seen).toMatch(/refused/i);
  });
});

describe("commands", () => {
  const command = (run: string, timeout = 20): Check => ({
    kind: "command",
    from: "target",
    run,
    timeout,
    period: 0.1,
  });

  it("are judged by their exit code, with their last line", async () => {
    const outcomes = await make([
      command("true"),
      command("printf 'first\\nlast line\\n'; exit 4"),
      command("sleep 9", 0.3),
    ]);
    expect(outcomes.sort((a, b) => a.check - b.check)).toMatchObject([
      { ok: true },
      { ok: false, seen: "exit code 4: last line" },
      { ok: false, seen: "did not end within 0.3 s" },
    ]);
  });

  it("may hold any text", async () => {
    const run = `x='a "b" $HOME' && test "$x" = 'a "b" $HOME' && test "ü
second" = "ü
second"`;
    expect(await make([command(run)])).toMatchObject([{ ok: true }]);
  });
});

describe("curlConfiguration", () => {
  it("escapes what would end a value", () => {
    const check: HttpCheck = {
      ...{ kind: "http", from: "target", url: 'http://a/"b\\c', ...plain, ...tries },
      ...{ requestHeaders: { A: "", B: 'c"' }, insecure: true },
    };
    expect(curlConfiguration(check)).toBe(
      'url = "http://a/\\"b\\\\c"\nheader = "A;"\nheader = "B: c\\""\ninsecure\n',
    );
  });
});

describe("parseCheck", () => {
  it.each(["", "x ok 1 a", "1 fine 1 a", "1 ok soon a", "1"])("refuses %j", (line) => {
    expect(() => parseCheck(line)).toThrow();
  });
});

describe("checks on the host", () => {
  const check: Check = { kind: "command", from: "target", run: "true", timeout: 1, period: 0.1 };

  it("are not held up by what a command leaves behind", async () => {
    const [outcome] = await make([{ ...check, run: "sleep 55 & echo begun" }]);
    expect(outcome).toMatchObject({ ok: true, seen: "exit code 0" });
    expect(outcome?.seconds).toBeLessThan(50);
  });

  it("say the last line of a command that fails, and its code", async () => {
    const [outcome] = await make([{ ...check, run: "echo first; echo last >&2; exit 7" }], 0, 0.05);
    expect(outcome).toMatchObject({ ok: false, seen: "exit code 7: last" });
  });

  it("do not hold where they cannot be made", async () => {
    const argv = [remoteScriptPath("deploy/run-checks"), "checks", "-", "0", "10"];
    const env = { TMPDIR: "/nonexistent" };
    const { stdout } = await execa("bash", argv, { input: checkLines([check]), env });
    expect(parseCheck(stdout.slice("check ".length))).toMatchObject({
      ...{ check: 0, ok: false },
      seen: expect.stringMatching(/^it could not be run: mktemp: .*nonexistent/),
    });
  });
});
