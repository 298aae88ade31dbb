import { AppError } from '../platform/errors/app-error.js';

export class ContactNotFoundError extends AppError {
  constructor(id: string) {
    super('contact_not_found', 404, `There is no contact ${id}`);
  }
}

/** The number, in one of its spellings, belongs to another contact of the tenant. */
export class ContactExistsError extends AppError {
  constructor(options?: ErrorOptions) {
    super('contact_exists', 409, 'Another contact has this phone number', { field: 'phone' }, options);
  }
}

export class TooManyTagsError extends AppError {
  constructor(max: number) {
    super('too_many_tags', 422, `A contact has at most ${max} tags`, { field: 'tags' });
  }
}
