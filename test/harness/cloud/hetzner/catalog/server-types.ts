/** Server types of Hetzner Cloud in 2026 and where each is offered. Prices in euro, net. */
import { locations } from "./locations.ts";
import { monthlyPrices } from "./prices.ts";

export type Architecture = "x86" | "arm";

export interface ServerType {
  readonly id: number;
  readonly name: string;
  readonly architecture: Architecture;
  readonly cpuType: "shared" | "dedicated";
  readonly category: string;
  readonly cores: number;
  /** GB. */
  readonly memory: number;
  /** GB. */
  readonly disk: number;
  readonly monthlyPrice: number;
  /** Names of the locations that offer it. */
  readonly locations: readonly string[];
}

type Family = Pick<ServerType, "architecture" | "cpuType" | "category" | "locations">;

const europe = ["fsn1", "nbg1", "hel1"];
const everywhere = [...europe, "ash", "hil", "sin"];

const costOptimized: Family = {
  architecture: "x86",
  cpuType: "shared",
  category: "Cost-Optimized",
  locations: europe,
};
const arm: Family = { ...costOptimized, architecture: "arm" };
const regular: Family = {
  architecture: "x86",
  cpuType: "shared",
  category: "Regular Performance",
  locations: [...europe, "sin"],
};
const american: Family = { ...regular, locations: ["ash", "hil"] };
const dedicated: Family = {
  architecture: "x86",
  cpuType: "dedicated",
  category: "General Purpose",
  locations: everywhere,
};

export const serverTypes: readonly ServerType[] = [
  { id: 114, name: "cx23", ...costOptimized, cores: 2, memory: 4, disk: 40, monthlyPrice: 2.99 },
  { id: 115, name: "cx33", ...costOptimized, cores: 4, memory: 8, disk: 80, monthlyPrice: 4.99 },
  { id: 116, name: "cx43", ...costOptimized, cores: 8, memory: 16, disk: 160, monthlyPrice: 8.99 },
  { id: 117, name: "cx53", ...costOptimized, cores: 16, memory: 32, disk: 320, monthlyPrice: 16.99 },
  { id: 45, name: "cax11", ...arm, cores: 2, memory: 4, disk: 40, monthlyPrice: 3.29 },
  { id: 93, name: "cax21", ...arm, cores: 4, memory: 8, disk: 80, monthlyPrice: 5.99 },
  { id: 94, name: "cax31", ...arm, cores: 8, memory: 16, disk: 160, monthlyPrice: 11.99 },
  { id: 95, name: "cax41", ...arm, cores: 16, memory: 32, disk: 320, monthlyPrice: 23.99 },
  { id: 109, name: "cpx12", ...regular, cores: 1, memory: 2, disk: 40, monthlyPrice: 5.49 },
  { id: 110, name: "cpx22", ...regular, cores: 2, memory: 4, disk: 80, monthlyPrice: 5.99 },
  { id: 111, name: "cpx32", ...regular, cores: 4, memory: 8, disk: 160, monthlyPrice: 10.49 },
  { id: 112, name: "cpx42", ...regular, cores: 8, memory: 16, disk: 320, monthlyPrice: 19.49 },
  { id: 22, name: "cpx11", ...american, cores: 2, memory: 2, disk: 40, monthlyPrice: 4.49 },
  { id: 23, name: "cpx21", ...american, cores: 3, memory: 4, disk: 80, monthlyPrice: 8.99 },
  { id: 96, name: "ccx13", ...dedicated, cores: 2, memory: 8, disk: 80, monthlyPrice: 11.99 },
  { id: 97, name: "ccx23", ...dedicated, cores: 4, memory: 16, disk: 160, monthlyPrice: 23.99 },
  { id: 98, name: "ccx33", ...dedicated, cores: 8, memory: 32, disk: 240, monthlyPrice: 47.99 },
];

/** A server type as the API shows it. `isSoldOut`: says of a location that it has none left. */
export function serverTypeView(
  type: ServerType,
  isSoldOut: (location: string) => boolean = () => false,
): object {
  const offered = locations.filter((location) => type.locations.includes(location.name));
  return {
    id: type.id,
    name: type.name,
    description: type.name.toUpperCase(),
    category: type.category,
    cores: type.cores,
    memory: type.memory,
    disk: type.disk,
    storage_type: "local",
    cpu_type: type.cpuType,
    architecture: type.architecture,
    deprecated: false,
    deprecation: null,
    prices: offered.map((location) => monthlyPrices(type.monthlyPrice, location)),
    locations: offered.map(({ id, name }) => {
      const available = !isSoldOut(name);
      return { id, name, deprecation: null, available, recommended: available };
    }),
  };
}
