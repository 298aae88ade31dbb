import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_KEY, type AccessRule } from './access.decorator.js';
import { AccessTokens } from './access-tokens.js';
import { ForbiddenError, MissingAccessRuleError, NotSignedInError } from './auth.errors.js';
import { PERMISSIONS, type Role } from './permissions.js';
import type { Caller } from './tenant.decorator.js';

type IncomingRequest = { readonly headers: { readonly authorization?: string }; caller?: Caller };

const BEARER = /^Bearer +(\S+)$/i;

/** Stands before every route: no rule, no entry. Leaves the caller on the request for the decorators. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
  ) {}

  /**
   * @throws MissingAccessRuleError the route declares nothing
   * @throws NotSignedInError the route needs a caller and there is no valid token
   * @throws ForbiddenError the caller's role lacks the permission
   */
  canActivate(context: ExecutionContext): boolean {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_KEY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!rule) throw new MissingAccessRuleError();
    if (rule === 'public') return true;
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (!token) throw new NotSignedInError();
    const caller = this.tokens.verify(token);
    const allowed: readonly Role[] = PERMISSIONS[rule];
    if (!allowed.includes(caller.role)) throw new ForbiddenError(rule);
    request.caller = caller;
    return true;
  }
}
