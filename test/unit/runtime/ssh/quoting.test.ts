import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { quote } from "shell-quote";
import { expect, test } from "vitest";

// Everything we run on a target goes through this one function: it is checked against a real shell.
test("a quoted argument list is the same list for a POSIX shell", () => {
  const argument = fc.string({ unit: "binary", maxLength: 20 }).filter((text) => !text.includes("\0"));
  const nasty = fc.string({ unit: fc.constantFrom(..."'\"\\$`!~*?[]{}()<>|&;# \n\tab:="), maxLength: 12 });
  fc.assert(
    fc.property(fc.array(fc.oneof(argument, nasty), { minLength: 1, maxLength: 6 }), (list) => {
      const command = `for a in ${quote(list)}; do printf '%s\\0' "$a"; done`;
      const output = execFileSync("/bin/sh", ["-c", command]);
      expect(output.toString("utf8").split("\0").slice(0, -1)).toEqual(
        list.map((text) => Buffer.from(text, "utf8").toString("utf8")),
      );
    }),
    { numRuns: 150 },
  );
});
