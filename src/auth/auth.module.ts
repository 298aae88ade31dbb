import { Module } from '@nestjs/common';
import { APP_GUARD, Reflector } from '@nestjs/core';
import { JwtModule } from '@nestjs/jwt';
import type { ThrottlerStorage } from '@nestjs/throttler';
import { TypeOrmModule } from '@nestjs/typeorm';
import { ENV, type Env } from '../platform/config/env.js';
import { RedisClients } from '../platform/redis.js';
import { AccessGuard } from './access.guard.js';
import { AccessTokens } from './access-tokens.js';
import { ApiThrottlerGuard } from './api-throttler.guard.js';
import { ApiKey } from './api-keys/api-key.entity.js';
import { ApiKeyVerifier } from './api-keys/api-key-verifier.js';
import { ApiKeysController } from './api-keys/api-keys.controller.js';
import { ApiKeysService } from './api-keys/api-keys.service.js';
import { AuthController } from './auth.controller.js';
import { AuthService } from './auth.service.js';
import { CallersService } from './callers.service.js';
import { Devices } from './devices.js';
import { FirstOwnerService } from './first-owner.service.js';
import { Invitation } from './invitations/invitation.entity.js';
import { InvitationsController } from './invitations/invitations.controller.js';
import { InvitationsService } from './invitations/invitations.service.js';
import { InvitedService } from './invitations/invited.service.js';
import { OneTimeLinks } from './one-time-links.js';
import { OwnPasswordService } from './own-password.service.js';
import { PasswordHasher } from './password-hasher.js';
import { PasswordReset } from './password-resets/password-reset.entity.js';
import { PasswordResetsService } from './password-resets/password-resets.service.js';
import { PasswordsController } from './password-resets/passwords.controller.js';
import { ResetLinksService } from './password-resets/reset-links.service.js';
import { RefreshToken } from './refresh-token.entity.js';
import { RefreshTokens } from './refresh-tokens.js';
import { RefusalGate } from './refusal-gate.js';
import { RequestWindows } from './request-windows.js';
import { SessionCookies } from './session-cookies.js';
import { CookieSessionsController } from './sessions/cookie-sessions.controller.js';
import { CookieSessionsService } from './sessions/cookie-sessions.service.js';
import { Sessions } from './sessions/sessions.js';
import { SessionsController } from './sessions/sessions.controller.js';
import { SessionsService } from './sessions/sessions.service.js';
import { SessionVerifier } from './sessions/session-verifier.js';
import { UserSession } from './sessions/user-session.entity.js';
import { REQUEST_WINDOWS, SignInGate } from './sign-in-gate.js';
import { SignInProof } from './sign-in-proof.js';
import { SignedTokens } from './signed-tokens.js';
import { TokenPairs } from './token-pairs.js';
import { TenantProfile } from './tenant.entity.js';
import { TenantsController } from './tenants.controller.js';
import { TenantsService } from './tenants.service.js';
import { User } from './user.entity.js';
import { UsersController } from './users.controller.js';
import { UsersService } from './users.service.js';

/** Importing it anywhere puts the access guard and the rate limits before every route of the application. */
@Module({
  imports: [
    JwtModule.register({}),
    TypeOrmModule.forFeature([TenantProfile, User, UserSession, RefreshToken, ApiKey, Invitation, PasswordReset]),
  ],
  controllers: [
    ApiKeysController,
    AuthController,
    CookieSessionsController,
    InvitationsController,
    PasswordsController,
    SessionsController,
    TenantsController,
    UsersController,
  ],
  providers: [
    { provide: APP_GUARD, useClass: AccessGuard },
    {
      provide: APP_GUARD,
      inject: [ENV, REQUEST_WINDOWS, Reflector],
      useFactory: (env: Env, windows: ThrottlerStorage, reflector: Reflector) =>
        new ApiThrottlerGuard(env, windows, reflector),
    },
    {
      provide: REQUEST_WINDOWS,
      inject: [RedisClients],
      useFactory: ({ commands }: RedisClients) => new RequestWindows(commands),
    },
    AccessTokens,
    ApiKeysService,
    ApiKeyVerifier,
    AuthService,
    CallersService,
    CookieSessionsService,
    Devices,
    FirstOwnerService,
    InvitationsService,
    InvitedService,
    OneTimeLinks,
    OwnPasswordService,
    PasswordHasher,
    PasswordResetsService,
    RefreshTokens,
    RefusalGate,
    ResetLinksService,
    SessionCookies,
    Sessions,
    SessionsService,
    SessionVerifier,
    SignedTokens,
    SignInGate,
    SignInProof,
    TokenPairs,
    TenantsService,
    UsersService,
  ],
  exports: [AuthService, CallersService, FirstOwnerService, TenantsService, UsersService],
})
export class AuthModule {}
