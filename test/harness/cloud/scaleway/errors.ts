/** Errors as Scaleway's APIs answer them (types as in scaleway-sdk-go, `scw/errors.go`). */

/** Thrown by a route, answered as `{type, message, …}`. */
export class ApiError extends Error {
  readonly status: number;
  readonly type: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** The caller used something the emulation does not know; see JournalEntry.unexpected. */
  readonly unexpected: boolean;

  constructor(
    status: number,
    type: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    unexpected = false,
  ) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.type = type;
    this.details = details;
    this.unexpected = unexpected;
  }

  toBody(): object {
    return { type: this.type, message: this.message, ...this.details };
  }
}

/** 400 about one argument. */
export function invalidArgument(name: string, help: string): ApiError {
  const details = [{ argument_name: name, reason: "constraint", help_message: help }];
  return new ApiError(400, "invalid_arguments", "invalid argument(s)", { details });
}

/** 400 about fields or parameters the emulation does not know. */
export function unknownArguments(names: readonly string[]): ApiError {
  const details = names.map((name) => ({
    argument_name: name,
    reason: "unknown",
    help_message: `the emulation knows no ${name}`,
  }));
  return new ApiError(400, "invalid_arguments", "invalid argument(s)", { details }, true);
}

/** @param resource as the API names it, such as `instance_server` */
export function notFound(resource: string, id: string): ApiError {
  return new ApiError(404, "not_found", "resource is not found", { resource, resource_id: id });
}

export function transientState(resource: string, id: string, state: string): ApiError {
  const details = { resource, resource_id: id, current_state: state };
  return new ApiError(409, "transient_state", "resource is in a transient state", details);
}

export function preconditionFailed(precondition: string, help: string): ApiError {
  const details = { precondition, help_message: help };
  return new ApiError(412, "precondition_failed", "precondition failed", details);
}

export function quotasExceeded(resource: string, quota: number): ApiError {
  const details = [{ resource, quota, current: quota, scope: "project" }];
  return new ApiError(403, "quotas_exceeded", "quota exceeded", { details });
}

export function outOfStock(resource: string): ApiError {
  return new ApiError(503, "out_of_stock", "resource is out of stock", { resource });
}
