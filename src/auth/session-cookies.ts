import { createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { ENV, type Env } from '../platform/config/env.js';
import { DEVICE_TOKEN_SECONDS } from './devices.js';

type Cookies = Readonly<Record<string, string | undefined>>;

const CSRF_LENGTH = 43;

/**
 * The dashboard's cookies. Over https they are `__Host-` and Secure, so that no other host, path or plain connection
 * can set or see them. SameSite=Strict keeps them from other sites' requests; the CSRF token, which the page reads from
 * its cookie and sends as a header, stands behind that. It is derived from the session's secret, so another session's,
 * or one that a neighbouring subdomain planted, does not fit.
 */
@Injectable()
export class SessionCookies {
  private readonly isSecure: boolean;
  private readonly prefix: string;

  constructor(@Inject(ENV) { publicUrl }: Env) {
    this.isSecure = publicUrl?.startsWith('https:') ?? false;
    this.prefix = this.isSecure ? '__Host-' : '';
  }

  get sessionName(): string {
    return `${this.prefix}dashoffice_session`;
  }

  get csrfName(): string {
    return `${this.prefix}dashoffice_csrf`;
  }

  get deviceName(): string {
    return `${this.prefix}dashoffice_device`;
  }

  findSession(cookies: Cookies | undefined): string | undefined {
    return cookies?.[this.sessionName];
  }

  findDevice(cookies: Cookies | undefined): string | undefined {
    return cookies?.[this.deviceName];
  }

  /** Gone when the browser closes would be gone too often: the server decides how long it lasts. */
  setSession(reply: FastifyReply, secret: string, lifeS: number): void {
    this.set(reply, this.sessionName, secret, { maxAge: lifeS, httpOnly: true });
    this.set(reply, this.csrfName, csrfOf(secret), { maxAge: lifeS, httpOnly: false });
  }

  setDevice(reply: FastifyReply, token: string): void {
    this.set(reply, this.deviceName, token, { maxAge: DEVICE_TOKEN_SECONDS, httpOnly: true });
  }

  /** The device stays known. */
  clearSession(reply: FastifyReply): void {
    this.set(reply, this.sessionName, '', { maxAge: 0, httpOnly: true });
    this.set(reply, this.csrfName, '', { maxAge: 0, httpOnly: false });
  }

  private set(reply: FastifyReply, name: string, value: string, options: { maxAge: number; httpOnly: boolean }): void {
    void reply.setCookie(name, value, { ...options, path: '/', sameSite: 'strict', secure: this.isSecure });
  }
}

export function csrfOf(secret: string): string {
  return createHmac('sha256', secret).update('csrf').digest('base64url');
}

export function fitsCsrf(secret: string, token: string | undefined): boolean {
  if (token?.length !== CSRF_LENGTH) return false;
  return timingSafeEqual(Buffer.from(csrfOf(secret)), Buffer.from(token, 'latin1'));
}
