import { z } from "zod";
import { duration } from "./duration.ts";

const seconds = (value: number) => duration({ min: 0, max: 86_400, exclusive: true }).default(value);

/** Time each phase of an install may take. The defaults suit a 1 Gbit/s server and a closure of a few GB. */
export const installDeadlines = z
  .strictObject({
    contact: seconds(300),
    facts: seconds(60),
    rescue: seconds(300),
    kexec: seconds(600),
    disko: seconds(600),
    install: seconds(3600),
    reboot: seconds(120),
    verify: seconds(600),
  })
  .prefault({});

/** Time a preview may spend on checking one host, and at one together with its wait for the others. */
export const previewDeadlines = z.strictObject({ host: seconds(10), total: seconds(30) }).prefault({});

/** Time each step of a deployment may take. */
export const deployDeadlines = z
  .strictObject({
    contact: seconds(60),
    /** In place of `contact`, for hosts that are only sometimes on. */
    away: seconds(10),
    lock: seconds(600),
    build: seconds(3600),
    copy: seconds(3600),
    activate: seconds(600),
    confirm: seconds(60),
    reboot: seconds(300),
  })
  .prefault({});
