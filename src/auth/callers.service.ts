import { Injectable } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { ApiKeyVerifier, isApiKey } from './api-keys/api-key-verifier.js';
import { CsrfError, NotSignedInError } from './auth.errors.js';
import { type Permission, permissionsOf } from './permissions.js';
import { fitsCsrf, SessionCookies } from './session-cookies.js';
import { SessionVerifier } from './sessions/session-verifier.js';
import type { Caller } from './tenant.decorator.js';

export type Signature = {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly cookies?: Readonly<Record<string, string | undefined>>;
  readonly csrfToken?: string;
};
export type KnownCaller = { readonly caller: Caller; readonly permissions: readonly Permission[] };

const BEARER = /^Bearer +(\S+)$/i;
const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Tells who is calling: by an access token or API key in the header or, when there is no header, by the cookie. */
@Injectable()
export class CallersService {
  constructor(
    private readonly tokens: AccessTokens,
    private readonly keys: ApiKeyVerifier,
    private readonly sessions: SessionVerifier,
    private readonly cookies: SessionCookies,
  ) {}

  /**
   * @throws NotSignedInError
   * @throws CsrfError the cookie is to change something and the header does not prove that our page sent it
   */
  async identify({ method, authorization, cookies, csrfToken }: Signature): Promise<KnownCaller> {
    if (authorization !== undefined) return this.byHeader(authorization);
    const secret = this.cookies.findSession(cookies);
    if (!secret) throw new NotSignedInError();
    const caller = await this.sessions.verifyCookie(secret);
    if (!READING.has(method) && !fitsCsrf(secret, csrfToken)) throw new CsrfError();
    return { caller, permissions: permissionsOf(caller.role) };
  }

  private async byHeader(authorization: string): Promise<KnownCaller> {
    const bearer = BEARER.exec(authorization)?.[1];
    if (!bearer) throw new NotSignedInError();
    if (isApiKey(bearer)) return this.keys.verify(bearer);
    const caller = await this.sessions.verifyToken(this.tokens.verify(bearer));
    return { caller, permissions: permissionsOf(caller.role) };
  }
}
