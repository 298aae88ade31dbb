import { FlowFault } from '../fault.js';
import type { TurnRun } from './turn-run.js';

/** `media:<id>` is a file uploaded to /api/media; anything else is an address that the provider fetches. */
export function fileAt(url: string): { url: string } | { mediaId: string } {
  const mediaId = /^media:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(url)?.[1];
  return mediaId === undefined ? { url } : { mediaId };
}

/** @throws FlowFault what the expressions gave is no address */
export function address(run: TurnRun, source: string): string {
  const url = run.template(source);
  if (url.length > 2048 || !URL.canParse(url)) throw new FlowFault('bad_url', `${source} did not give an address`);
  return url;
}
