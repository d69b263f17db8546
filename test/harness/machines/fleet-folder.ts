import { fileURLToPath } from "node:url";

/** The ignored folder of the repository that takes everything generated or downloaded. */
export const fleetFolder = fileURLToPath(new URL("../../../.fleet", import.meta.url));
