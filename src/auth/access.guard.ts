import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { ACCESS_KEY, type AccessRule } from './access.decorator.js';
import { ForbiddenError, MissingAccessRuleError } from './auth.errors.js';
import { CallersService } from './callers.service.js';
import type { Caller } from './tenant.decorator.js';

type IncomingRequest = FastifyRequest & { caller?: Caller };

/** Stands before every route: no rule, no entry. Leaves the caller on the request for the decorators. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly callers: CallersService,
  ) {}

  /**
   * @throws MissingAccessRuleError the route declares nothing
   * @throws NotSignedInError the route needs a caller and there is no valid token, key or cookie
   * @throws RateLimitedError
   * @throws CsrfError
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
    const csrf = request.headers['x-csrf-token'];
    const { caller, permissions } = await this.callers.identify({
      method: request.method,
      authorization: request.headers.authorization,
      cookies: request.cookies,
      address: request.ip,
      csrfToken: typeof csrf === 'string' ? csrf : undefined,
    });
    if (!permissions.includes(rule)) throw new ForbiddenError(rule);
    request.caller = caller;
    return true;
  }
}
