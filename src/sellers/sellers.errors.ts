import { AppError } from '../platform/errors/app-error.js';

export class SellerNotFoundError extends AppError {
  constructor(id: string) {
    super('seller_not_found', 404, `There is no seller ${id}`);
  }
}

/** Somebody wants to give a seller work who does not exist or is paused. */
export class UnknownSellerError extends AppError {
  constructor(id: string) {
    super('unknown_seller', 422, `There is no active seller ${id}`, { field: 'sellerId' });
  }
}

export class SellerPhoneTakenError extends AppError {
  constructor(options?: ErrorOptions) {
    super('seller_phone_taken', 409, 'Another seller already has this phone', { field: 'phone' }, options);
  }
}

export class UnknownUserError extends AppError {
  constructor(id: string) {
    super('unknown_user', 422, `There is no user ${id}`, { field: 'userId' });
  }
}

/** A list names a bot or a category that is not there. */
export class UnknownReferenceError extends AppError {
  constructor(what: 'bot' | 'category', id: string, field: 'botIds' | 'categoryIds') {
    super(`unknown_${what}`, 422, `There is no ${what} ${id}`, { field });
  }
}
