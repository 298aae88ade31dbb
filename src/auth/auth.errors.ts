import { AppError } from '../platform/errors/app-error.js';

/**
 * No token or key, or one that is not ours, not valid any more, or not for this. An API key that is unknown, expired or
 * revoked is told apart from none of these.
 */
export class NotSignedInError extends AppError {
  constructor(options?: ErrorOptions) {
    super('not_signed_in', 401, 'A valid access token or API key is needed: Authorization: Bearer …', {}, options);
  }
}

/** Unknown e-mail, wrong password and switched-off user look the same. */
export class InvalidCredentialsError extends AppError {
  constructor() {
    super('invalid_credentials', 401, 'The e-mail and the password do not match');
  }
}

/** Unknown, expired, revoked or already used: the caller signs in again. */
export class InvalidRefreshTokenError extends AppError {
  constructor() {
    super('invalid_refresh_token', 401, 'The refresh token is not valid any more: sign in again');
  }
}

export class ForbiddenError extends AppError {
  constructor(permission: string) {
    super('forbidden', 403, `You do not have the permission ${permission}`);
  }
}

/** A defect of ours: the route was published without saying who may use it, so nobody may. */
export class MissingAccessRuleError extends AppError {
  constructor() {
    super('access_rule_missing', 403, 'This route declares no access rule');
  }
}

export class TooManySignInsError extends AppError {
  constructor(retryAfterS: number) {
    super('too_many_attempts', 429, `Too many attempts to sign in: wait ${retryAfterS} s`, { retryAfterS });
  }
}

const RATES = {
  caller: 'This user or API key may ask',
  tenant: 'This tenant may ask',
  address: 'An address may be refused',
};

export class RateLimitedError extends AppError {
  /** @param retryAfterS seconds until the limit begins anew */
  constructor(of: 'caller' | 'tenant' | 'address', limit: number, retryAfterS: number) {
    super('rate_limited', 429, `${RATES[of]} ${limit} times a minute: wait ${retryAfterS} s`, { retryAfterS });
  }
}

/** Of a call by cookie only: a page of another site can send the cookie, but not know the token. */
export class CsrfError extends AppError {
  constructor() {
    super('csrf_token_invalid', 403, 'The header x-csrf-token must carry the CSRF token of this session');
  }
}

export class CrossSiteError extends AppError {
  constructor() {
    super('cross_site_request', 403, 'A page of another site may not sign in here');
  }
}

/** What only a person has: a password, sessions. */
export class PeopleOnlyError extends AppError {
  constructor() {
    super('people_only', 403, 'An API key has no password and no sessions');
  }
}

export class WrongPasswordError extends AppError {
  constructor() {
    super('wrong_password', 422, 'This is not your password', { field: 'currentPassword' });
  }
}

export class SessionNotFoundError extends AppError {
  constructor(id: string) {
    super('session_not_found', 404, `There is no session ${id}`);
  }
}

/** Unknown, expired, used, withdrawn and malformed look the same. */
export class InvalidLinkError extends AppError {
  constructor() {
    super('invalid_link', 422, 'This link is not valid any more: ask for a new one', { field: 'token' });
  }
}

export class InvitationNotFoundError extends AppError {
  constructor(id: string) {
    super('invitation_not_found', 404, `There is no open invitation ${id}`);
  }
}

export class UserNotFoundError extends AppError {
  constructor(id: string) {
    super('user_not_found', 404, `There is no user ${id}`);
  }
}

export class EmailTakenError extends AppError {
  constructor(options?: ErrorOptions) {
    super('email_taken', 409, 'A user with this e-mail exists already', { field: 'email' }, options);
  }
}

/** Only an owner makes an owner, or changes one. */
export class OwnerOnlyError extends AppError {
  constructor() {
    super('owner_only', 403, 'Only an owner may make or change an owner', { field: 'role' });
  }
}

export class LastOwnerError extends AppError {
  constructor() {
    super('last_owner', 409, 'The last active owner stays an active owner: name another one first');
  }
}

export class ApiKeyNotFoundError extends AppError {
  constructor(id: string) {
    super('api_key_not_found', 404, `There is no API key ${id}`);
  }
}

/** Nobody hands a program more than they may do themselves. */
export class PermissionNotYoursError extends AppError {
  constructor(permissions: readonly string[]) {
    super('permission_not_yours', 403, `You do not have ${permissions.join(', ')} yourself`, { field: 'permissions' });
  }
}

export class ReminderTooEarlyError extends AppError {
  constructor(expiryMinutes: number) {
    super('reminder_too_early', 422, `The reminder has to come less than ${expiryMinutes} minutes before the end`, {
      field: 'unpaidOrderReminderMinutes',
    });
  }
}
