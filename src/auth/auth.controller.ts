import { Body, Controller, Get, Post, Req } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { Access, Public, PublicByToken } from './access.decorator.js';
import {
  type Login,
  loginSchema,
  type MeView,
  meViewSchema,
  type RefreshTokenInput,
  refreshTokenSchema,
  type TokenPair,
  tokenPairSchema,
} from './auth.dto.js';
import { AuthService } from './auth.service.js';
import { originOf } from './request-origin.js';
import { SessionCookies } from './session-cookies.js';
import { type Caller, CurrentUser } from './tenant.decorator.js';
import { Route } from '../platform/http/route.decorator.js';
import { Tag } from '../platform/http/tag.decorator.js';
import { UsersService } from './users.service.js';

@Tag('auth', 'Signing in and out, sessions, passwords and one-time links.')
@Controller('auth')
export class AuthController {
  constructor(
    private readonly auth: AuthService,
    private readonly users: UsersService,
    private readonly apiKeys: ApiKeysService,
    private readonly cookies: SessionCookies,
  ) {}

  @Post('login')
  @Public()
  @Route({
    summary: 'Sign in with e-mail and password',
    description:
      'For programs: answers a pair of tokens. A browser signs in at POST /api/auth/session, and holds ' +
      'cookies that no script can read. The access token is good for 15 minutes; POST /api/auth/refresh ' +
      'gives the next one.',
    view: tokenPairSchema,
    problems: { 401: ['invalid_credentials'], 429: ['too_many_attempts'] },
  })
  login(@Body({ schema: loginSchema }) body: Login, @Req() request: FastifyRequest): Promise<TokenPair> {
    const deviceToken = this.cookies.findDevice(request.cookies);
    return this.auth.login(body, { ...originOf(request), deviceToken });
  }

  @Post('refresh')
  @PublicByToken()
  @Route({
    summary: 'Exchange a refresh token for the next pair of tokens',
    description: 'A refresh token works once. If it comes a second time somebody has stolen it, and the session ends.',
    view: tokenPairSchema,
    problems: { 401: ['invalid_refresh_token'], 429: ['rate_limited'] },
  })
  refresh(@Body({ schema: refreshTokenSchema }) { refreshToken }: RefreshTokenInput): Promise<TokenPair> {
    return this.auth.refresh(refreshToken);
  }

  @Post('logout')
  @Public()
  @Route({ summary: 'Sign out: end the session of a refresh token', status: 204 })
  logout(@Body({ schema: refreshTokenSchema }) { refreshToken }: RefreshTokenInput): Promise<void> {
    return this.auth.logout(refreshToken);
  }

  @Get('me')
  @Access('session:own')
  @Route({ summary: 'Show who is calling and what they may do', view: meViewSchema })
  me(@CurrentUser() caller: Caller): Promise<MeView> {
    return caller.role === null ? this.apiKeys.me(caller) : this.users.me(caller);
  }
}
