import { AppError } from '../platform/errors/app-error.js';
import type { OrderState } from './order-state.js';

export class OrderNotFoundError extends AppError {
  constructor(which: string | number) {
    super('order_not_found', 404, `There is no order ${which}`);
  }
}

export class OrderMoveError extends AppError {
  constructor(from: OrderState, to: OrderState, allowed: readonly OrderState[]) {
    const may = allowed.length > 0 ? `it may become ${allowed.join(' or ')}` : 'that is final';
    super('order_move_not_allowed', 409, `The order is ${from} and cannot become ${to}: ${may}`, { field: 'to' });
  }
}

export class OrderNotEditableError extends AppError {
  constructor(state: OrderState) {
    super('order_not_editable', 409, `The order is ${state}: its lines change only while it is placed`, {
      field: 'lines',
    });
  }
}

export class OrderNoteNotFoundError extends AppError {
  constructor(id: string) {
    super('order_note_not_found', 404, `The order has no note ${id}`);
  }
}

export class RefundTooHighError extends AppError {
  constructor(leftMinor: number) {
    super('refund_too_high', 409, `Only ${leftMinor} (minor units) can be given back`, { field: 'amountMinor' });
  }
}

export class UnknownContactError extends AppError {
  constructor(id: string) {
    super('unknown_contact', 422, `There is no contact ${id}`, { field: 'contactId' });
  }
}

export class UnknownBotError extends AppError {
  constructor(id: string) {
    super('unknown_bot', 422, `There is no bot ${id}`, { field: 'botId' });
  }
}

export class CartLimitError extends AppError {
  constructor(message: string) {
    super('cart_limit', 409, message);
  }
}
