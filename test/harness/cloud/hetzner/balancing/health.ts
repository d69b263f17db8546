/** One health check of one target, as a load balancer makes it. */
import http from "node:http";
import net from "node:net";
import type { BalancerHealthCheck } from "../state.ts";

/**
 * Whether the target answers as it should.
 * @param from own address, which the target sees
 */
export function isHealthy(check: BalancerHealthCheck, address: string, from: string): Promise<boolean> {
  return check.http === null
    ? accepts(check, address, from)
    : answers({ ...check, http: check.http }, address, from);
}

function accepts({ port, timeout }: BalancerHealthCheck, host: string, from: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = net.connect({ host, port, localAddress: from, timeout: timeout * 1000 });
    const end = (healthy: boolean) => {
      socket.destroy();
      resolve(healthy);
    };
    socket.once("connect", () => end(true));
    socket.once("timeout", () => end(false));
    socket.once("error", () => end(false));
  });
}

type HttpCheck = BalancerHealthCheck & { readonly http: NonNullable<BalancerHealthCheck["http"]> };

/** Over plain HTTP: what asks for TLS counts as not answered. */
function answers(check: HttpCheck, host: string, from: string): Promise<boolean> {
  const { domain, path, status_codes: codes, response: wanted, tls } = check.http;
  if (tls) {
    return Promise.resolve(false);
  }
  return new Promise((resolve) => {
    const request = http.get({
      host,
      port: check.port,
      path,
      localAddress: from,
      agent: false,
      signal: AbortSignal.timeout(check.timeout * 1000),
      headers: { host: domain === "" ? host : domain, connection: "close" },
    });
    request.once("error", () => resolve(false));
    request.once("response", (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (part: string) => {
        body += part;
      });
      response.once("error", () => resolve(false));
      response.once("end", () =>
        resolve(fits(codes, response.statusCode ?? 0) && (wanted === "" || body.includes(wanted))),
      );
    });
  });
}

/** `2??` stands for every code from 200 to 299. */
function fits(codes: readonly string[], status: number): boolean {
  return codes.some((code) => new RegExp(`^${code.replaceAll("?", "\\d")}$`).test(String(status)));
}
