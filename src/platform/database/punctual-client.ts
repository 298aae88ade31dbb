import type { Socket } from 'node:net';
import { Client, type ClientConfig, type Pool } from 'pg';
import type { ServerPulse } from './server-pulse.js';

const CONNECT_DEADLINE_MS = 5000;
/** A server that is well closes its side at once. */
const GOODBYE_MS = 1000;

/** Postgres said nothing within the deadline. What was asked may have been done all the same. */
export class DatabaseSilentError extends Error {
  override readonly name = 'DatabaseSilentError';
  readonly code = 'ETIMEDOUT';

  constructor() {
    super('Postgres did not answer in time');
  }
}

export type PunctualConfig = ClientConfig & {
  readonly pulse: ServerPulse;
  /** How long a statement may go unanswered, in milliseconds: longer than the server's own `statement_timeout`. */
  readonly deadlineMs: number;
};

/** What pg's connection has and its types do not tell. */
type Wire = { readonly stream: Socket; on(event: 'readyForQuery' | 'end', listener: () => void): void };

/**
 * A connection that is given up when Postgres does not answer in time: the limits Postgres keeps are worth nothing when
 * it is Postgres that does not run. The socket is destroyed, so that no late answer meets the next statement.
 */
export class PunctualClient extends Client {
  /** Of the statements to come, in milliseconds. */
  deadlineMs: number;
  private readonly pulse: ServerPulse;
  private readonly wire: Wire;
  private unanswered = 0;
  private timer: NodeJS.Timeout | undefined;

  constructor(config: PunctualConfig) {
    super(config);
    this.deadlineMs = config.deadlineMs;
    this.pulse = config.pulse;
    this.wire = (this as unknown as { connection: Wire }).connection;
    // Before pg's own listener, which sends the next statement at once.
    this.wire.on('readyForQuery', () => this.noteAnswer());
    this.wire.on('end', () => clearTimeout(this.timer));
    this.connectInTime();
    this.before('query', () => this.noteQuestion());
    this.before('end', () => void setTimeout(() => this.wire.stream.destroy(), GOODBYE_MS).unref());
  }

  /** While Postgres says nothing it is not dialled at all: a socket destroyed before it dials would be dialled all the same. */
  private connectInTime(): void {
    const connect = this.connect.bind(this) as (done?: Connected) => unknown;
    const inTime = (done?: Connected) => {
      if (this.pulse.isSilent) return refuse(done);
      this.arm(Math.min(this.deadlineMs, CONNECT_DEADLINE_MS));
      return connect(done);
    };
    Object.assign(this, { connect: inTime });
  }

  /** Their many signatures, with a callback or a promise, stay pg's. */
  private before(name: 'query' | 'end', prepare: () => void): void {
    const work = this[name].bind(this) as (...args: unknown[]) => unknown;
    const prepared = (...args: unknown[]) => {
      prepare();
      return work(...args);
    };
    Object.assign(this, { [name]: prepared });
  }

  private noteQuestion(): void {
    this.unanswered += 1;
    if (this.unanswered === 1) this.arm(this.deadlineMs);
  }

  private noteAnswer(): void {
    clearTimeout(this.timer);
    this.unanswered = Math.max(0, this.unanswered - 1);
    if (this.unanswered > 0) this.arm(this.deadlineMs);
  }

  private arm(deadlineMs: number): void {
    this.timer = setTimeout(() => {
      this.pulse.noteSilence();
      this.giveUp();
    }, deadlineMs);
    if (this.pulse.isSilent) this.giveUp();
  }

  private giveUp(): void {
    this.wire.stream.destroy(new DatabaseSilentError());
  }
}

type Connected = (error: Error) => void;

function refuse(done: Connected | undefined): Promise<never> | undefined {
  const error = new DatabaseSilentError();
  if (!done) return Promise.reject(error);
  process.nextTick(done, error);
  return undefined;
}

/** For the option `Client` of a pool, which is typed without the configuration it hands over. */
export const PUNCTUAL = PunctualClient as unknown as NonNullable<Pool['options']['Client']>;
