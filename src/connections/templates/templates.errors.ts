import { AppError } from '../../platform/errors/app-error.js';

export class TemplatesUnsupportedError extends AppError {
  constructor(provider: string) {
    super('templates_unsupported', 409, `Connections of ${provider} have no list of templates here`);
  }
}

export class AccountUnknownError extends AppError {
  constructor() {
    const message = 'Templates belong to the business account: enter its id (wabaId) with the credentials';
    super('account_unknown', 409, message, { field: 'credentials.wabaId' });
  }
}

/** What the provider has against it a person can put right: the token, its permissions, the account's id. */
export class TemplatesRefusedError extends AppError {
  constructor(code: string, reason: string) {
    super('templates_refused', 409, `The provider refused to list templates: ${code}, ${reason}`);
  }
}

/** The provider did not answer, or not with a list. */
export class TemplatesUnavailableError extends AppError {
  constructor(code: string, reason: string) {
    super('templates_unavailable', 502, `The provider gave no list of templates: ${code}, ${reason}`);
  }
}
