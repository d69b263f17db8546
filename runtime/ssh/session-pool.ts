import type { SshSession } from "./target.ts";

/** Connections that several pieces of work use together: opened for the first of them, closed after the last. */
export interface SharedSessions {
  use<T>(
    name: string,
    open: () => Promise<SshSession>,
    work: (session: SshSession) => Promise<T>,
  ): Promise<T>;
}

/** A program that keeps a connection would never end. */
export function shareSessions(): SharedSessions {
  const open = new Map<string, { users: number; readonly session: Promise<SshSession> }>();
  return {
    async use(name, connect, work) {
      const shared = open.get(name) ?? { users: 0, session: connect() };
      open.set(name, shared);
      shared.users += 1;
      try {
        return await work(await shared.session);
      } finally {
        shared.users -= 1;
        if (shared.users === 0) {
          if (open.get(name) === shared) open.delete(name);
          await shared.session.then(
            (session) => session.close(),
            () => {},
          );
        }
      }
    },
  };
}
