import type { OutgoingEventType } from './outgoing-events.js';

export type EventKind = {
  readonly description: string;
  /** The member of `data` that names what the event is about: `sequence` grows within it. */
  readonly subject: string;
  /** What `data` looks like. */
  readonly example: Readonly<Record<string, unknown>>;
};

const ID = '0b6f3a52-2f6e-4a37-9b3c-0a5f6e1d2c3b';

/** Every event an endpoint can ask for. `webhook.stopped` tells the other endpoints of the tenant that one is silent. */
export const EVENT_CATALOGUE: Readonly<Record<OutgoingEventType, EventKind>> = {
  'message.received': {
    description: 'A customer wrote',
    subject: 'conversationId',
    example: {
      conversationId: ID,
      messageId: 'in-1042',
      botId: ID,
      connectionId: ID,
      content: { kind: 'text', text: 'Hola' },
    },
  },
  'message.status': {
    description:
      'A message of ours got further: sent, delivered, read, played. Every step comes once and in this order, also where the provider left one out; failed comes last, when no other connection could carry it, and unknown when nobody tells what became of it; both with an error',
    subject: 'messageId',
    example: { messageId: '2077', conversationId: ID, connectionId: ID, status: 'delivered' },
  },
  'order.placed': {
    description: 'An order was placed, by a customer or by hand',
    subject: 'orderId',
    example: { orderId: ID, number: 17, state: 'placed', paymentState: 'unpaid', totalMinor: 25_900, currency: 'MXN' },
  },
  'order.changed': {
    description:
      'An order moved, was edited, assigned, paid or refunded, or its seller could not be told (`notice`): `change` says which',
    subject: 'orderId',
    example: { orderId: ID, number: 17, state: 'paid', paymentState: 'paid', change: 'state', from: 'confirmed' },
  },
  'conversation.handed_over': {
    description: 'The bot fell silent: a person has to answer',
    subject: 'conversationId',
    example: { conversationId: ID, botId: ID, by: 'flow', team: 'ventas' },
  },
  'contact.changed': {
    description: 'A contact was made by hand, changed, or merged with others, whose ids `mergedIds` then tells',
    subject: 'contactId',
    example: { contactId: ID, revision: 3 },
  },
  'connection.health': {
    description: "A bot's connection got well or ill",
    subject: 'connectionId',
    example: { connectionId: ID, botId: ID, health: 'auth_lost', reason: 'The token was revoked' },
  },
  'connection.template': {
    description:
      'A message template that the bot uses was rejected, paused or disabled by its provider, or can be sent again',
    subject: 'connectionId',
    example: {
      connectionId: ID,
      botId: ID,
      name: 'seguimos_aqui',
      language: 'es_MX',
      status: 'PAUSED',
      reason: 'LOW_QUALITY',
    },
  },
  'product.low_stock': {
    description: 'No more of a product is left than its low-stock level',
    subject: 'productId',
    example: { productId: ID, parentId: null, sku: 'CAF', onHand: 3, lowStockAt: 3 },
  },
  'webhook.stopped': {
    description: 'An endpoint gets no more events: it failed for days, or answered 410',
    subject: 'webhookId',
    example: { webhookId: ID, url: 'https://example.com/hook', reason: 'failing' },
  },
};
