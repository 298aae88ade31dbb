import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import type { Role } from './permissions.js';

/** Who is calling, as the guard verified it. */
export type Caller = { readonly userId: string; readonly tenantId: TenantId; readonly role: Role };

/** The guard has put the caller there; a public route has none and must not ask. */
export function callerOf(context: ExecutionContext): Caller {
  const { caller } = context.switchToHttp().getRequest<{ caller?: Caller }>();
  if (!caller) throw new TypeError('A route that asks for its caller must declare an access rule');
  return caller;
}

export const Tenant = createParamDecorator((_data: unknown, context: ExecutionContext) => callerOf(context).tenantId);
export const CurrentUser = createParamDecorator((_data: unknown, context: ExecutionContext) => callerOf(context));
