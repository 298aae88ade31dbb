import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { JwtService } from '@nestjs/jwt';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { SECRETS, type Secrets } from '../platform/config/secrets.js';

const ISSUER = 'dashoffice';
const ALGORITHM = 'HS256';
/** Machines' clocks may be apart by so much. */
const SKEW_S = 30;

type Complete = { readonly header: { readonly kid?: string } } | null;
type Claims = { readonly iat?: number };

/**
 * JWTs of our own. The algorithm is ours to choose, never the token's; of the key it may only say which of ours it is.
 * JWT_SECRET signs; what JWT_SECRETS_OLD signed is still believed, so that a new secret signs nobody out.
 */
@Injectable()
export class SignedTokens {
  private readonly kid: string;
  private readonly secretsByKid: ReadonlyMap<string, string>;

  constructor(
    private readonly jwt: JwtService,
    private readonly clock: Clock,
    @Inject(SECRETS) private readonly secrets: Secrets,
    @Inject(ENV) { jwtSecretsOld }: Env,
  ) {
    this.kid = kidOf(secrets.jwtSecret);
    this.secretsByKid = new Map([...jwtSecretsOld, secrets.jwtSecret].map((secret) => [kidOf(secret), secret]));
  }

  /** @param audience what it is good for */
  sign(claims: object, audience: string, lifeS: number): string {
    return this.jwt.sign(
      { ...claims, iat: this.nowS() },
      {
        secret: this.secrets.jwtSecret,
        keyid: this.kid,
        algorithm: ALGORITHM,
        issuer: ISSUER,
        audience,
        expiresIn: lifeS,
      },
    );
  }

  /** @throws Error expired, altered, signed otherwise, from the future, or meant for something else */
  verify(token: string, audience: string): object {
    const said = this.jwt.decode<Complete>(token, { complete: true });
    const secret = this.secretsByKid.get(said?.header.kid ?? '');
    if (secret === undefined) throw new Error('Signed with a key that is none of ours');
    const claims = this.jwt.verify<Claims>(token, {
      secret,
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience,
      clockTimestamp: this.nowS(),
      clockTolerance: SKEW_S,
    });
    if ((claims.iat ?? Infinity) > this.nowS() + SKEW_S) throw new Error('Issued in the future');
    return claims;
  }

  private nowS(): number {
    return Math.floor(this.clock.now().getTime() / 1000);
  }
}

/** Tells secrets apart and gives nothing of them away. */
export function kidOf(secret: string): string {
  return createHash('sha256').update(`kid:${secret}`).digest('hex').slice(0, 16);
}
