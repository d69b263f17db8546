/** Errors as the Hetzner Cloud API answers them (https://docs.hetzner.cloud, codes as in hcloud-go `error.go`). */

/** One rejected input field. */
export interface FieldFault {
  readonly name: string;
  readonly messages: readonly string[];
}

export interface ApiErrorOptions {
  readonly fields?: readonly FieldFault[];
  /** The caller used something the emulation does not know; see JournalEntry.unexpected. */
  readonly unexpected?: boolean;
}

/** Thrown by a route, answered as `{error: {code, message, details}}`. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly fields: readonly FieldFault[];
  readonly unexpected: boolean;

  constructor(status: number, code: string, message: string, options: ApiErrorOptions = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.fields = options.fields ?? [];
    this.unexpected = options.unexpected ?? false;
  }

  toBody(): { error: { code: string; message: string; details: object | null } } {
    const details = this.fields.length > 0 ? { fields: this.fields } : null;
    return { error: { code: this.code, message: this.message, details } };
  }
}

/** 422 about one field. */
export function invalidInput(field: string, message: string): ApiError {
  return new ApiError(422, "invalid_input", `invalid input in field '${field}'`, {
    fields: [{ name: field, messages: [message] }],
  });
}

/** 422 about fields or parameters the emulation does not know. */
export function unknownInput(names: readonly string[], what: "field" | "query parameter"): ApiError {
  const list = names.map((name) => `'${name}'`).join(", ");
  return new ApiError(422, "invalid_input", `unknown ${what} ${list}`, {
    fields: names.map((name) => ({ name, messages: [`unknown ${what}`] })),
    unexpected: true,
  });
}

export function notFound(kind: string, id: number | string): ApiError {
  return new ApiError(404, "not_found", `${kind} with ID '${id}' not found`);
}

export function locked(kind: string, id: number): ApiError {
  return new ApiError(423, "locked", `${kind} ${id} is locked by a running action`);
}

export function protectedResource(kind: string, what: string): ApiError {
  return new ApiError(423, "protected", `${kind} is protected against ${what}`);
}

export function notUnique(kind: string, field: string): ApiError {
  return new ApiError(409, "uniqueness_error", `${kind} ${field} is already used`, {
    fields: [{ name: field, messages: ["must be unique"] }],
  });
}

export function limitExceeded(kind: string, limit: number): ApiError {
  return new ApiError(403, "resource_limit_exceeded", `${kind} limit of ${limit} exceeded`);
}

export function unavailable(message: string): ApiError {
  return new ApiError(412, "resource_unavailable", message);
}
