import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ACCESS_KEY, type AccessRule } from './access.decorator.js';
import { AccessTokens } from './access-tokens.js';
import { ForbiddenError, MissingAccessRuleError, NotSignedInError } from './auth.errors.js';
import { ApiKeyVerifier, isApiKey } from './api-keys/api-key-verifier.js';
import { type Permission, rolesWith } from './permissions.js';
import type { Caller } from './tenant.decorator.js';

type IncomingRequest = { readonly headers: { readonly authorization?: string }; caller?: Caller };

const BEARER = /^Bearer +(\S+)$/i;

/** Stands before every route: no rule, no entry. Leaves the caller on the request for the decorators. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly tokens: AccessTokens,
    private readonly keys: ApiKeyVerifier,
  ) {}

  /**
   * @throws MissingAccessRuleError the route declares nothing
   * @throws NotSignedInError the route needs a caller and there is no valid token or key
   * @throws ForbiddenError the caller's role, or the key, lacks the permission
   */
  async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.reflector.getAllAndOverride<AccessRule | undefined>(ACCESS_KEY, [
      context.getHandler(),
      context.getClass(),
    ]);
    if (!rule) throw new MissingAccessRuleError();
    if (rule === 'public') return true;
    const request = context.switchToHttp().getRequest<IncomingRequest>();
    const bearer = BEARER.exec(request.headers.authorization ?? '')?.[1];
    if (!bearer) throw new NotSignedInError();
    request.caller = isApiKey(bearer) ? await this.admitKey(bearer, rule) : this.admitPerson(bearer, rule);
    return true;
  }

  private admitPerson(token: string, permission: Permission): Caller {
    const caller = this.tokens.verify(token);
    if (!rolesWith(permission).includes(caller.role)) throw new ForbiddenError(permission);
    return caller;
  }

  private async admitKey(key: string, permission: Permission): Promise<Caller> {
    const { caller, permissions } = await this.keys.verify(key);
    if (!permissions.includes(permission)) throw new ForbiddenError(permission);
    return caller;
  }
}
