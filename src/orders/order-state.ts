export const ORDER_STATES = ['placed', 'confirmed', 'paid', 'shipped', 'delivered', 'cancelled'] as const;
export type OrderState = (typeof ORDER_STATES)[number];

/** refund_due: money was taken for what will not be delivered; somebody has to give it back. */
export const PAYMENT_STATES = ['unpaid', 'paid', 'refund_due', 'partly_refunded', 'refunded'] as const;
export type PaymentState = (typeof PAYMENT_STATES)[number];

/** How far the message to the seller got. impossible: as things are, no connection may carry it. */
export const SELLER_NOTICE_STATES = ['pending', 'sent', 'delivered', 'failed', 'impossible'] as const;
export type SellerNoticeState = (typeof SELLER_NOTICE_STATES)[number];

/** Where an order may go from each state: the table form of the drawing above OrderLifecycle. */
export const ORDER_MOVES: Readonly<Record<OrderState, readonly OrderState[]>> = {
  placed: ['confirmed', 'cancelled'],
  confirmed: ['paid', 'cancelled'],
  paid: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
};

/** Until money has been taken the customer may change their mind without a person. */
export const CUSTOMER_MAY_CANCEL: readonly OrderState[] = ['placed', 'confirmed'];

export const STATE_LABELS: Readonly<Record<OrderState, Readonly<Record<'es' | 'en' | 'pt', string>>>> = {
  placed: { es: 'Recibido', en: 'Received', pt: 'Recebido' },
  confirmed: { es: 'Confirmado', en: 'Confirmed', pt: 'Confirmado' },
  paid: { es: 'Pagado', en: 'Paid', pt: 'Pago' },
  shipped: { es: 'Enviado', en: 'Shipped', pt: 'Enviado' },
  delivered: { es: 'Entregado', en: 'Delivered', pt: 'Entregue' },
  cancelled: { es: 'Cancelado', en: 'Cancelled', pt: 'Cancelado' },
};
