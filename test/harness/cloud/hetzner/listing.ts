/** Lists: filters, sorting and pages, with the API's `meta.pagination`. Unknown parameters are errors. */
import { invalidInput, unknownInput } from "./errors.ts";
import { type Labels, parseLabelSelector } from "./labels.ts";

/** Query parameters: every value given for a name. */
export type Query = ReadonlyMap<string, readonly string[]>;

/** Decides whether a record matches any of the values given for one parameter. */
export type Filter<Item> = (item: Item, values: readonly string[]) => boolean;

export interface ListOptions<Item> {
  /** JSON key of the list, such as `servers`. */
  readonly key: string;
  readonly filters: Readonly<Record<string, Filter<Item>>>;
  /** Sortable fields. */
  readonly sort: Readonly<Record<string, (item: Item) => string | number | null>>;
  readonly view: (item: Item) => object;
}

export interface Page {
  readonly [key: string]: unknown;
  readonly meta: {
    readonly pagination: {
      readonly page: number;
      readonly per_page: number;
      readonly previous_page: number | null;
      readonly next_page: number | null;
      readonly last_page: number;
      readonly total_entries: number;
    };
  };
}

const defaultPageSize = 25;
const largestPageSize = 50;

/** Filters, sorts and cuts `items` as the query says. Throws 422 on parameters it does not know. */
export function listPage<Item>(items: Iterable<Item>, query: Query, options: ListOptions<Item>): Page {
  const known = new Set(["page", "per_page", "sort", ...Object.keys(options.filters)]);
  const unknown = [...query.keys()].filter((name) => !known.has(name));
  if (unknown.length > 0) {
    throw unknownInput(unknown, "query parameter");
  }
  const page = wholeNumber(query, "page", 1, Number.MAX_SAFE_INTEGER);
  const perPage = wholeNumber(query, "per_page", defaultPageSize, largestPageSize);
  const selected = sorted(filtered([...items], query, options), query, options);
  const lastPage = Math.max(1, Math.ceil(selected.length / perPage));
  return {
    [options.key]: selected.slice((page - 1) * perPage, page * perPage).map(options.view),
    meta: {
      pagination: {
        page,
        per_page: perPage,
        previous_page: page > 1 ? page - 1 : null,
        next_page: page < lastPage ? page + 1 : null,
        last_page: lastPage,
        total_entries: selected.length,
      },
    },
  };
}

/** Filter by labels, for use in ListOptions.filters. */
export function labelFilter<Item extends { readonly labels: Labels }>(): Filter<Item> {
  return (item, values) => values.every((value) => parseLabelSelector(value)(item.labels));
}

/** Filter by equality with one of the values. */
export function oneOf<Item>(field: (item: Item) => string | number | null): Filter<Item> {
  return (item, values) => values.includes(String(field(item)));
}

function wholeNumber(query: Query, name: string, fallback: number, highest: number): number {
  const values = query.get(name);
  if (values === undefined) {
    return fallback;
  }
  const [text = ""] = values;
  const value = Number(text);
  if (values.length > 1 || !/^[1-9][0-9]*$/.test(text) || value > highest) {
    throw invalidInput(name, `must be one whole number from 1 to ${highest}`);
  }
  return value;
}

function filtered<Item>(items: readonly Item[], query: Query, options: ListOptions<Item>): Item[] {
  const selectors = query.get("label_selector") ?? [];
  for (const selector of selectors) {
    // Also with nothing to filter: a malformed selector must not pass because the list is empty.
    parseLabelSelector(selector);
  }
  return items.filter((item) =>
    Object.entries(options.filters).every(([name, matches]) => {
      const values = query.get(name);
      return values === undefined || matches(item, values);
    }),
  );
}

function sorted<Item>(items: readonly Item[], query: Query, options: ListOptions<Item>): Item[] {
  const orders = (query.get("sort") ?? []).map((value) => {
    const [field = "", direction = "asc", ...rest] = value.split(":");
    const read = Object.hasOwn(options.sort, field) ? options.sort[field] : undefined;
    if (read === undefined || rest.length > 0 || (direction !== "asc" && direction !== "desc")) {
      throw invalidInput("sort", `cannot sort by '${value}'`);
    }
    return { read, factor: direction === "asc" ? 1 : -1 };
  });
  return items.toSorted((left, right) => {
    for (const { read, factor } of orders) {
      const [a, b] = [read(left) ?? "", read(right) ?? ""];
      if (a !== b) {
        return a < b ? -factor : factor;
      }
    }
    return 0;
  });
}
