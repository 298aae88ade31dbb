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

export class ContactNoteNotFoundError extends AppError {
  constructor(id: string) {
    super('contact_note_not_found', 404, `The contact has no note ${id}`);
  }
}

export class ContactFieldNotFoundError extends AppError {
  constructor(id: string) {
    super('contact_field_not_found', 404, `There is no contact field ${id}`);
  }
}

export class ContactFieldExistsError extends AppError {
  constructor(key: string, options?: ErrorOptions) {
    super('contact_field_exists', 409, `There is a field ${key} already`, { field: 'key' }, options);
  }
}

export class TooManyContactFieldsError extends AppError {
  constructor(max: number) {
    super('too_many_contact_fields', 409, `A shop has at most ${max} fields of its own`);
  }
}

export class TooManyTagsError extends AppError {
  constructor(max: number) {
    super('too_many_tags', 422, `A contact has at most ${max} tags`, { field: 'tags' });
  }
}
