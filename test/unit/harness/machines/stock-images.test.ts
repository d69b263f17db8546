import { expect, test } from "vitest";
import { stockImage } from "../../../harness/machines/stock-images.ts";

test("an image says what it is as its distribution does", () => {
  expect(stockImage("debian-12").osRelease).toEqual(
    expect.arrayContaining(["ID=debian", 'VERSION_ID="12"', "VERSION_CODENAME=bookworm"]),
  );
  expect(stockImage("ubuntu-24.04").osRelease).toEqual(
    expect.arrayContaining(["ID=ubuntu", "ID_LIKE=debian", 'VERSION_ID="24.04"']),
  );
});

test("an unknown image is an error that lists the known ones", () => {
  for (const name of ["debian-1", "toString", ""])
    expect(() => stockImage(name)).toThrow(/know debian-12, .*ubuntu-24/);
});
