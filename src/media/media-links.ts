import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { ENV, type Env } from '../platform/config/env.js';
import { SECRETS, type Secrets } from '../platform/config/secrets.js';
import { MediaLinkInvalidError } from './media.errors.js';

/** For a person who looks at a conversation. */
const VIEW_LIFE_S = 3600;

/**
 * Addresses of files that open without a token, for a browser's <img> and for providers: whoever has one may read that
 * one file until it expires. The key is derived from the installation's secret, so no row is needed.
 */
@Injectable()
export class MediaLinks {
  private readonly key: Buffer;

  constructor(
    @Inject(ENV) private readonly env: Env,
    @Inject(SECRETS) secrets: Secrets,
    private readonly clock: Clock,
  ) {
    this.key = Buffer.from(hkdfSync('sha256', secrets.jwtSecret, '', 'dashoffice media links', 32));
  }

  /** Below the address of this installation, such as `/media/<id>?exp=…&sig=…`. */
  pathTo(id: string, lifeS = VIEW_LIFE_S): string {
    const expires = Math.floor(this.clock.now().getTime() / 1000) + lifeS;
    return `/media/${id}?exp=${expires}&sig=${this.sign(id, expires)}`;
  }

  /** Null when the world cannot reach us. */
  publicUrlOf(id: string, lifeS: number): string | null {
    return this.env.publicUrl ? this.env.publicUrl.replace(/\/+$/, '') + this.pathTo(id, lifeS) : null;
  }

  /** @throws MediaLinkInvalidError */
  check(id: string, expires: number, signature: string): void {
    const expected = Buffer.from(this.sign(id, expires));
    const given = Buffer.from(signature);
    const isOurs = given.length === expected.length && timingSafeEqual(given, expected);
    if (!isOurs || expires * 1000 <= this.clock.now().getTime()) throw new MediaLinkInvalidError();
  }

  private sign(id: string, expires: number): string {
    return createHmac('sha256', this.key).update(`${id}.${expires}`).digest('base64url');
  }
}
