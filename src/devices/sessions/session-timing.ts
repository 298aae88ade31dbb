import { Injectable } from '@nestjs/common';
import { Clock } from '../../platform/clock.js';

/** The clock of the sessions of a process, and how long they wait. */
@Injectable()
export class SessionTiming {
  /** Without a code or an open connection by then, the socket counts as dead: some ends tell nothing at all. */
  watchdogMs = 30_000;
  /** How long an answer of WhatsApp's server is waited for. */
  answerMs = 30_000;
  /** Multiplies every back-off. */
  backoffScale = 1;
  /** What came in is written down at most so often. */
  flushMs = 15_000;

  constructor(private readonly clock: Clock) {}

  now(): Date {
    return this.clock.now();
  }
}
