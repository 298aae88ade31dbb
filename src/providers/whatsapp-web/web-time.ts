import { isRecord, timeField } from '../reading/webhook-reading.js';

/** Seconds, as a number, a string, a Long, or the two halves a Long becomes in JSON. */
export function readWebTime(value: unknown): Date | undefined {
  const isLong = isRecord(value) && typeof value.low === 'number';
  // The lower half is signed.
  const seconds = isLong ? (Number(value.low) >>> 0) + Number(value.high) * 2 ** 32 : value;
  return timeField.parse(typeof seconds === 'number' ? Math.floor(seconds) : seconds);
}
