import type { IncomingMessage } from 'node:http';
import type { Env } from '../platform/config/env.js';

type Asked = Pick<IncomingMessage, 'headers'>;

/** Whose web pages may listen. What is no page sends no origin, and needs a token all the same. */
export class LiveOrigins {
  private readonly ownHost: string | null;
  private readonly listed: ReadonlySet<string>;

  constructor({ publicUrl, corsOrigins }: Pick<Env, 'publicUrl' | 'corsOrigins'>) {
    this.ownHost = publicUrl ? new URL(publicUrl).host : null;
    this.listed = new Set(corsOrigins);
  }

  isAllowed(request: Asked): boolean {
    const { origin } = request.headers;
    return this.isOwn(request) || (origin !== undefined && this.listed.has(origin));
  }

  /** Only our own pages may listen with a cookie: any other would do it as whoever looks at it. */
  isOwn({ headers: { origin, host } }: Asked): boolean {
    if (origin === undefined) return true;
    if (!URL.canParse(origin)) return false;
    const asked = new URL(origin).host;
    return asked === host || asked === this.ownHost;
  }
}
