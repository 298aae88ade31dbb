import type { FlowCatalogue } from '../../../src/flows/engine/checks/catalogue-checks.js';
import { addressFlow } from './shop-flow.js';

export const shopCatalogue: FlowCatalogue = {
  actions: new Map([
    ['products.search', { required: ['query'], optional: ['limit'], errors: [] }],
    ['cart.add', { required: ['sku', 'quantity'], optional: [], errors: ['out_of_stock'] }],
    ['cart.clear', { required: [], optional: [], errors: [] }],
    ['orders.place', { required: ['address'], optional: ['email'], errors: ['out_of_stock', 'empty_cart'] }],
    ['orders.cancel', { required: ['orderId'], optional: ['reason'], errors: [] }],
    ['payments.createLink', { required: ['orderId'], optional: [], errors: [] }],
  ]),
  connections: new Set(['shop_api']),
  flows: new Map([['ask_address', addressFlow]]),
};
