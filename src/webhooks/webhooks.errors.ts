import { AppError } from '../platform/errors/app-error.js';

export class WebhookNotFoundError extends AppError {
  constructor(id: string) {
    super('webhook_not_found', 404, `There is no webhook ${id}`);
  }
}

export class WebhookDeliveryNotFoundError extends AppError {
  constructor(id: string) {
    super('webhook_delivery_not_found', 404, `There is no delivery ${id} of this webhook`);
  }
}

/** Whoever may enter an address could otherwise make this server knock on doors of its own network. */
export class WebhookAddressError extends AppError {
  constructor(message: string) {
    super('webhook_address_not_allowed', 422, message, { field: 'url' });
  }
}

export class TooManyWebhooksError extends AppError {
  constructor(max: number) {
    super('too_many_webhooks', 409, `A tenant has at most ${max} webhooks`);
  }
}

export class WebhookStoppedError extends AppError {
  constructor(id: string) {
    super('webhook_stopped', 409, `The webhook ${id} is stopped; start it first`);
  }
}
