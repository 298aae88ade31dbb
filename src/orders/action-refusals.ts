import { ActionError } from '../flows/flow.errors.js';
import { OutOfStockError, UnknownProductError } from '../products/products.errors.js';
import { CartLimitError } from './orders.errors.js';

/**
 * Turns what the shop refuses into what a flow can answer.
 *
 * @throws ActionError out_of_stock with `available` and `items`, unknown_product, cart_limit
 */
export async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof OutOfStockError) {
      const details = { available: error.available, items: error.shortages };
      throw new ActionError('out_of_stock', error.message, { cause: error, details });
    }
    if (error instanceof UnknownProductError || error instanceof CartLimitError)
      throw new ActionError(error.code, error.message, { cause: error });
    throw error;
  }
}
