import { hash } from 'node:crypto';
import canonicalize from 'canonicalize';

/** Of the canonical JSON (RFC 8785): key order and spacing do not change a version. */
export function flowSha256(document: unknown): string {
  return hash('sha256', canonicalize(document) ?? '', 'hex');
}
