/** What tells one stock image from another on a running machine. */
export interface StockImage {
  /** Lines of /etc/os-release, as the distribution ships it. */
  readonly osRelease: readonly string[];
}

function debian(version: string, codename: string): StockImage {
  const osRelease = [
    `PRETTY_NAME="Debian GNU/Linux ${version} (${codename})"`,
    'NAME="Debian GNU/Linux"',
    `VERSION_ID="${version}"`,
    `VERSION="${version} (${codename})"`,
    `VERSION_CODENAME=${codename}`,
    "ID=debian",
    'HOME_URL="https://www.debian.org/"',
  ];
  return { osRelease };
}

function ubuntu(version: string, codename: string, title: string): StockImage {
  const osRelease = [
    `PRETTY_NAME="Ubuntu ${version} LTS"`,
    'NAME="Ubuntu"',
    `VERSION_ID="${version}"`,
    `VERSION="${version} LTS (${title})"`,
    `VERSION_CODENAME=${codename}`,
    "ID=ubuntu",
    "ID_LIKE=debian",
    'HOME_URL="https://www.ubuntu.com/"',
  ];
  return { osRelease };
}

const stockImages: Readonly<Record<string, StockImage>> = {
  "debian-12": debian("12", "bookworm"),
  "debian-13": debian("13", "trixie"),
  "ubuntu-22.04": ubuntu("22.04", "jammy", "Jammy Jellyfish"),
  "ubuntu-24.04": ubuntu("24.04", "noble", "Noble Numbat"),
  "ubuntu-26.04": ubuntu("26.04", "resolute", "Resolute Raccoon"),
};

/**
 * @param name as clouds call it, such as `debian-12`
 * @throws Error listing the known ones
 */
export function stockImage(name: string): StockImage {
  const image = Object.hasOwn(stockImages, name) ? stockImages[name] : undefined;
  if (image === undefined)
    throw new Error(
      `unknown stock image "${name}": test machines know ${Object.keys(stockImages).join(", ")}`,
    );
  return image;
}
