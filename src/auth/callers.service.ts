import { Injectable } from '@nestjs/common';
import { AccessTokens } from './access-tokens.js';
import { ApiKeyVerifier, isApiKey } from './api-keys/api-key-verifier.js';
import { CsrfError, NotSignedInError } from './auth.errors.js';
import { type Permission, permissionsOf } from './permissions.js';
import { fitsCsrf, SessionCookies } from './session-cookies.js';
import { SessionVerifier } from './sessions/session-verifier.js';
import { RefusalGate } from './refusal-gate.js';
import type { Caller } from './tenant.decorator.js';

export type Signature = {
  readonly method: string;
  readonly authorization: string | undefined;
  readonly cookies?: Readonly<Record<string, string | undefined>>;
  readonly csrfToken?: string;
  /** Whose refusals are counted together. */
  readonly address: string;
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
    private readonly refusals: RefusalGate,
  ) {}

  /**
   * @throws NotSignedInError
   * @throws RateLimitedError the address was refused too often, and what it brings has not held before
   * @throws CsrfError the cookie is to change something and the header does not prove that our page sent it
   */
  async identify({ method, authorization, cookies, csrfToken, address }: Signature): Promise<KnownCaller> {
    if (authorization !== undefined) return this.byHeader(authorization, address);
    const secret = this.cookies.findSession(cookies);
    if (!secret) throw new NotSignedInError();
    const caller = await this.refusals.watchSecret(address, secret, () => this.sessions.verifyCookie(secret));
    if (!READING.has(method) && !fitsCsrf(secret, csrfToken)) throw new CsrfError();
    return { caller, permissions: permissionsOf(caller.role) };
  }

  private async byHeader(authorization: string, address: string): Promise<KnownCaller> {
    const bearer = BEARER.exec(authorization)?.[1];
    if (!bearer) throw new NotSignedInError();
    if (isApiKey(bearer)) return this.refusals.watchSecret(address, bearer, () => this.keys.verify(bearer));
    const caller = await this.sessions.verifyToken(this.tokens.verify(bearer));
    return { caller, permissions: permissionsOf(caller.role) };
  }
}
