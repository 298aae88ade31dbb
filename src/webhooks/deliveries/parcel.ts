/** One event on its way to one endpoint, with what an attempt needs. */
export type Parcel = {
  readonly deliveryId: string;
  readonly endpointId: string;
  readonly url: string;
  /** The header webhook-id: the same at every attempt and replay, so that a receiver can tell repeats. */
  readonly eventId: string;
  readonly body: string;
  /** Sign all: the newest first. */
  readonly secrets: readonly string[];
  /** From 1. */
  readonly attempt: number;
};

/** What an attempt came to. `status` is the answer's; null without one. */
export type Outcome = {
  readonly status: number | null;
  readonly error: string | null;
  readonly durationMs: number;
  /** By the answer's Retry-After. */
  readonly retryAfterMs?: number;
};

export function isDelivered({ status }: Outcome): boolean {
  return status !== null && status >= 200 && status < 300;
}
