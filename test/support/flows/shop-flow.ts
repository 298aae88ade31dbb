import type { FlowDocument } from '../../../src/flows/engine/flow-document.js';
import { browseSteps } from './shop-browse-steps.js';
import { checkoutSteps } from './shop-checkout-steps.js';

/** A coffee shop in three languages: catalogue, cart, checkout with a subflow, payment by event, a person. */
export const shopFlow: FlowDocument = {
  dsl: 1,
  flow: 'shop',
  locales: ['es', 'en', 'pt'],
  time_zone: 'America/Bogota',
  vars: {
    products: { type: 'list' },
    product: { type: 'map' },
    qty: { type: 'int' },
    more: { type: 'bool' },
    cart: { type: 'map', default: { lines: [], totalMinor: 0 } },
    email: { type: 'string', pii: true },
    address: { type: 'string', pii: true },
    order: { type: 'map', default: {} },
    pay: { type: 'map' },
  },
  limits: { steps_per_turn: 60, messages_per_turn: 8 },
  anytime: [
    { match: ['humano', 'persona', 'human', 'agent', 'pessoa'], go: 'to_human' },
    { match: ['menú', 'inicio', 'start'], go: 'menu' },
    { match: ['idioma', 'language', 'lingua'], go: 'language' },
  ],
  start: 'hello',
  steps: [...browseSteps, ...checkoutSteps],
};

export const addressFlow: FlowDocument = {
  dsl: 1,
  flow: 'ask_address',
  locales: ['es', 'en', 'pt'],
  vars: { address: { type: 'string', pii: true } },
  start: 'ask',
  steps: [
    {
      id: 'ask',
      type: 'question',
      text: { es: '¿A qué dirección enviamos?', en: 'Where shall we deliver?', pt: 'Para qual endereço enviamos?' },
      answer: { type: 'text', min_len: 8, max_len: 200 },
      save: 'address',
      retry: {
        max: 2,
        text: {
          es: 'Calle, número y ciudad, por favor.',
          en: 'Street, number and town, please.',
          pt: 'Rua, número e cidade, por favor.',
        },
        go: 'given_up',
      },
      next: 'got_it',
    },
    { id: 'got_it', type: 'end', outcome: 'ok' },
    { id: 'given_up', type: 'end', outcome: 'error' },
  ],
};
