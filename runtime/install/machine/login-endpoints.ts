import type { Connection } from "../../../model/protocol/connection.ts";

/** Port of SSH on stock images, in installers and in rescue systems. */
export const imagePort = 22;

/** Ways to log in, by who answers: the system as it is configured, or an image that knows nothing of a configuration. */
export type LoginEndpoint = "configured" | "image";

/** How to log in to one of them: images accept the deploy key for root. */
export function loginAt(connection: Connection, place: LoginEndpoint): Connection {
  const { elevation: _, ...rest } = connection;
  return place === "configured" ? connection : { ...rest, user: "root", port: imagePort };
}

/** The places there are; one where both are the same. */
export function loginPlaces({ user, port }: Pick<Connection, "user" | "port">): readonly LoginEndpoint[] {
  return user === "root" && port === imagePort ? ["configured"] : ["configured", "image"];
}
