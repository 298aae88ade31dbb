import { Body, Controller, Post, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Access, Public, PublicByToken } from '../access.decorator.js';
import { Devices } from '../devices.js';
import { OwnPasswordService } from '../own-password.service.js';
import {
  type AskPasswordReset,
  askPasswordResetSchema,
  type ChangePassword,
  changePasswordSchema,
  type FinishPasswordReset,
  finishPasswordResetSchema,
  oneTimeLinkSchema,
  type OneTimeLinkView,
} from '../passwords.dto.js';
import { SessionCookies } from '../session-cookies.js';
import { type Caller, CurrentUser } from '../tenant.decorator.js';
import { PasswordResetsService } from './password-resets.service.js';
import { Id } from '../../platform/http/id.decorator.js';
import { Route } from '../../platform/http/route.decorator.js';
import { Tag } from '../../platform/http/tag.decorator.js';
import { ResetLinksService } from './reset-links.service.js';

@Tag('auth')
@Controller()
export class PasswordsController {
  constructor(
    private readonly own: OwnPasswordService,
    private readonly resets: PasswordResetsService,
    private readonly resetLinks: ResetLinksService,
    private readonly devices: Devices,
    private readonly cookies: SessionCookies,
  ) {}

  @Post('auth/password')
  @Access('session:own')
  @Route({
    summary: 'Change your own password; ends your other sessions',
    status: 204,
    problems: { 403: ['people_only'], 422: ['wrong_password'], 429: ['too_many_attempts'] },
  })
  change(
    @CurrentUser() caller: Caller,
    @Body({ schema: changePasswordSchema }) body: ChangePassword,
    @Req() { ip }: FastifyRequest,
  ): Promise<void> {
    return this.own.change(caller, body, ip);
  }

  @Post('auth/password-resets')
  @Public()
  @Route({
    summary: 'Ask for a link by mail; answers the same whether or not the e-mail is known',
    status: 204,
    problems: { 429: ['too_many_attempts'], 503: [] },
  })
  ask(@Body({ schema: askPasswordResetSchema }) body: AskPasswordReset, @Req() { ip }: FastifyRequest): Promise<void> {
    return this.resetLinks.ask(body.email, ip);
  }

  @Post('auth/password-resets/finish')
  @PublicByToken()
  @Route({
    summary: 'Choose a new password with the link; ends every session',
    status: 204,
    problems: { 422: ['invalid_link'], 429: ['rate_limited'] },
  })
  async finish(
    @Body({ schema: finishPasswordResetSchema }) body: FinishPasswordReset,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<void> {
    const email = await this.resets.finish(body);
    // Who reads the account's mail is no stranger to it.
    this.cookies.setDevice(reply, this.devices.remember(email));
  }

  @Post('users/:id/password-resets')
  @Access('users:write')
  @Route({
    summary: 'A link for a user who forgot the password; the answer shows it, once',
    status: 201,
    view: oneTimeLinkSchema,
    problems: { 403: ['owner_only: only an owner gives an owner a link'], 404: ['user_not_found'] },
  })
  give(@CurrentUser() caller: Caller, @Id() id: string): Promise<OneTimeLinkView> {
    return this.resetLinks.give(caller, id);
  }
}
