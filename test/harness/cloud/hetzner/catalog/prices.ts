/** Prices as the API writes them, in euro. */
import type { Location } from "./locations.ts";

const hoursPerMonth = 730;
const vat = 1.19;
const includedTrafficBytes = 20 * 1024 ** 4;

function price(net: number): { net: string; gross: string } {
  return { net: net.toFixed(10), gross: (net * vat).toFixed(10) };
}

/** What something costs at a location. `monthly`: net. */
export function monthlyPrices(monthly: number, location: Location): object {
  return {
    location: location.name,
    price_hourly: price(monthly / hoursPerMonth),
    price_monthly: price(monthly),
    included_traffic: includedTrafficBytes,
    price_per_tb_traffic: price(1),
  };
}
