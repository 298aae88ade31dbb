import { Injectable } from '@nestjs/common';
import {
  circuitBreaker,
  CircuitState,
  ConsecutiveBreaker,
  DelegateBackoff,
  handleWhenResult,
  SamplingBreaker,
  type CircuitBreakerPolicy,
  type IBreaker,
} from 'cockatiel';
import { LRUCache } from 'lru-cache';
import type { SendOutcome } from '../../providers/whatsapp-provider.js';

const IN_A_ROW = 4;
const SHARE = { threshold: 0.5, duration: 10_000, minimumRps: 1 };
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 60_000;
const MAX_CONNECTIONS = 10_000;

type ConnectionBreaker = { readonly policy: CircuitBreakerPolicy; openedAt: number; pauseMs: number };

/**
 * Per connection, whether calls by it are worth making, as this process found out. Closed: they are. Open: four in a row, or
 * half of ten seconds' calls, failed; none is made. Half open: the pause is over, and one call finds out; it doubles
 * the pause, to a minute at most, or closes. Other processes learn it from the connection's health.
 */
@Injectable()
export class Breakers {
  private readonly byConnection = new LRUCache<string, ConnectionBreaker>({ max: MAX_CONNECTIONS });

  /** Whether a call now would be refused, or would have to wait for the one that is finding out. */
  isBroken(connectionId: string): boolean {
    const connection = this.byConnection.get(connectionId);
    if (!connection) return false;
    const { state } = connection.policy;
    return (
      state === CircuitState.HalfOpen ||
      (state === CircuitState.Open && Date.now() < connection.openedAt + connection.pauseMs)
    );
  }

  /** @returns what the call answered. @throws BrokenCircuitError unless `isBroken` said no in the same tick */
  watch(connectionId: string, call: () => Promise<SendOutcome>): Promise<SendOutcome> {
    return this.of(connectionId).policy.execute(call);
  }

  private of(connectionId: string): ConnectionBreaker {
    const known = this.byConnection.get(connectionId);
    if (known) return known;
    const policy = circuitBreaker(handleWhenResult(isFailure), {
      breaker: new EitherBreaker([new ConsecutiveBreaker(IN_A_ROW), new SamplingBreaker(SHARE)]),
      halfOpenAfter: new DelegateBackoff(({ attempt }) => {
        connection.pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS);
        return connection.pauseMs;
      }),
    });
    const connection: ConnectionBreaker = { policy, openedAt: 0, pauseMs: FIRST_PAUSE_MS };
    policy.onBreak(() => (connection.openedAt = Date.now()));
    this.byConnection.set(connectionId, connection);
    return connection;
  }
}

/** The provider did not do its part; what it refused for the message's own sake says nothing against it. */
function isFailure(result: unknown): boolean {
  const outcome = result as SendOutcome;
  return outcome.outcome === 'unknown' || (outcome.outcome === 'rejected' && outcome.class === 'retry');
}

/** Opens as soon as one of them would. */
class EitherBreaker implements IBreaker {
  constructor(private readonly breakers: readonly IBreaker[]) {}

  get state(): unknown {
    return this.breakers.map(({ state }) => state);
  }

  set state(states: unknown) {
    this.breakers.forEach((breaker, index) => (breaker.state = (states as unknown[])[index]));
  }

  success(state: CircuitState): void {
    for (const breaker of this.breakers) breaker.success(state);
  }

  failure(state: CircuitState): boolean {
    return this.breakers.map((breaker) => breaker.failure(state)).includes(true);
  }
}
