import { AppError } from '../platform/errors/app-error.js';

export class ProductNotFoundError extends AppError {
  constructor(id: string) {
    super('product_not_found', 404, `There is no product ${id}`);
  }
}

/** A line asks for a product that does not exist, is another tenant's or is not sold any more. */
export class UnknownProductError extends AppError {
  constructor(readonly productId: string) {
    super('unknown_product', 422, `There is no product ${productId} for sale`, { field: 'productId' });
  }
}

export class SkuTakenError extends AppError {
  constructor(sku: string, options?: ErrorOptions) {
    super('sku_taken', 409, `Another product already has the SKU ${sku}`, { field: 'sku' }, options);
  }
}

export class CurrencyMismatchError extends AppError {
  constructor(currency: string) {
    super('currency_mismatch', 422, `Prices are in the business's currency, ${currency}`, { field: 'currency' });
  }
}

/** `available`: units this buyer could still take, own holds included. */
export type Shortage = { readonly productId: string; readonly requested: number; readonly available: number };

/** Fewer units are free than asked for; `details.problems` lists every short line. */
export class OutOfStockError extends AppError {
  /** Of the first short line. */
  readonly available: number;

  constructor(readonly shortages: readonly Shortage[]) {
    const available = shortages[0]?.available ?? 0;
    super('out_of_stock', 409, `Only ${available} left`, { problems: shortages });
    this.available = available;
  }
}

export class StockLimitError extends AppError {
  constructor(maxUnits: number) {
    super('stock_limit', 409, `A product can have at most ${maxUnits} units in stock`, { field: 'quantity' });
  }
}
