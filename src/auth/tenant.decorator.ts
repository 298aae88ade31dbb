import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { Role } from './permissions.js';

/** Who is calling, as the guard verified it: a person, or a program with an API key. */
export type Caller = {
  /**
   * The person's id, or the key's. No person has a key's id, so what belongs to a person (a seller's own orders) is
   * never a key's. Columns that record who did something (`created_by`, `published_by`) take either: they have no
   * foreign key, and keys, like users, are never deleted.
   */
  readonly userId: string;
  readonly tenantId: TenantId;
  /** `null` for a key: it has permissions of its own and sees what the whole tenant sees. */
  readonly role: Role | null;
  /** Of a person who signed in. */
  readonly sessionId?: string;
};

/** A caller who signed in. */
export type Person = Caller & { readonly role: Role };

/** Who did it, as histories keep it: `user:` or `key:` and the id. */
export function actorOf({ userId, role }: Caller): string {
  return `${role === null ? 'key' : 'user'}:${userId}`;
}

/** The guard has put the caller there; a public route has none and must not ask. */
export function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Caller }>();
  if (!caller) throw new TypeError('A route that asks for its caller must declare an access rule');
  return caller;
}

export const Tenant = createParamDecorator((_data: unknown, context: ExecutionContext) => callerOf(context).tenantId);
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext) => callerOf(context));
