import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { ApiBearerAuth, ApiExtension } from '@nestjs/swagger';
import type { Permission } from './permissions.js';
import { RefusalsInterceptor } from './refusals.interceptor.js';

export const ACCESS_KEY = 'dashoffice:access';
export type AccessRule = Permission | 'public';

/** The right a caller needs for this route. Every route has either this or `@Public()`: an architecture test says so. */
export const Access = (permission: Permission) =>
  applyDecorators(SetMetadata(ACCESS_KEY, permission), ApiBearerAuth(), ApiExtension('x-permission', permission));

/** Open to anyone: sign-in, health, and webhooks, which prove their origin themselves. */
export const Public = () => SetMetadata(ACCESS_KEY, 'public' satisfies AccessRule);

/** Open to whoever has a token or a link: an address that is refused too often waits. */
export const PublicByToken = () => applyDecorators(Public(), UseInterceptors(RefusalsInterceptor));
