import { z } from "zod";

/** What happens to a system that was built on this machine before it goes to its host. Holds a secret. */
export const publicationSchema = z.strictObject({
  /** URL of the binary cache it is copied to; null: none. */
  push: z.string().nullable(),
  /** Secret key it is signed with, `name:base64`; null: it is not signed. */
  signingKey: z.string().nullable(),
});
export type Publication = z.infer<typeof publicationSchema>;

/** Neither signed nor pushed. */
export const noPublication: Publication = { push: null, signingKey: null };
