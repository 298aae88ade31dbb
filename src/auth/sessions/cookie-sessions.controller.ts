import { Body, Controller, Delete, Inject, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import { ENV, type Env } from '../../platform/config/env.js';
import { Access, Public } from '../access.decorator.js';
import { type Login, loginSchema, type SignedInView, signedInViewSchema } from '../auth.dto.js';
import { CrossSiteError, PeopleOnlyError } from '../auth.errors.js';
import { originOf } from '../request-origin.js';
import { csrfOf, SessionCookies } from '../session-cookies.js';
import { type Caller, CurrentUser } from '../tenant.decorator.js';
import { CookieSessionsService } from './cookie-sessions.service.js';
import { COOKIE_LIFE_MS } from './sessions.js';
import { SessionsService } from './sessions.service.js';

/** How a browser signs in: what it holds afterwards no script can read, and no other site can use. */
@Tag('auth')
@Controller('auth/session')
export class CookieSessionsController {
  constructor(
    @Inject(ENV) private readonly env: Env,
    private readonly cookieSessions: CookieSessionsService,
    private readonly sessions: SessionsService,
    private readonly cookies: SessionCookies,
  ) {}

  @Post()
  @Public()
  @Route({
    summary: 'Sign in with cookies; every change then needs the header x-csrf-token',
    view: signedInViewSchema,
    problems: { 401: ['invalid_credentials'], 403: ['cross_site_request'], 429: ['too_many_attempts'] },
  })
  async begin(
    @Body({ schema: loginSchema }) body: Login,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<SignedInView> {
    this.assertOwnPage(request);
    const deviceToken = this.cookies.findDevice(request.cookies);
    const begun = await this.cookieSessions.begin(body, { ...originOf(request), deviceToken });
    this.cookies.setSession(reply, begun.secret, Math.floor(COOKIE_LIFE_MS / 1000));
    this.cookies.setDevice(reply, begun.deviceToken);
    return { ...begun.me, csrfToken: csrfOf(begun.secret) };
  }

  @Delete()
  @Access('session:own')
  @Route({ summary: 'Sign out here', status: 204, problems: { 403: ['people_only'] } })
  async end(@CurrentUser() caller: Caller, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    if (caller.sessionId === undefined) throw new PeopleOnlyError();
    await this.sessions.end(caller, caller.sessionId);
    this.cookies.clearSession(reply);
  }

  /** Another site's page must not sign its visitor in to an account of its own. Browsers always send Origin with POST. */
  private assertOwnPage({ headers }: FastifyRequest): void {
    const { origin, host } = headers;
    if (origin === undefined) return;
    const { publicUrl, corsOrigins } = this.env;
    const own = [publicUrl && new URL(publicUrl).origin, `http://${host}`, `https://${host}`, ...corsOrigins];
    if (!own.includes(origin)) throw new CrossSiteError();
  }
}
