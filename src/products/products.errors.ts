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

/** More units would come back from an order than it has taken. */
export class NotTakenError extends AppError {
  constructor(productId: string, units: number) {
    super('not_taken', 422, `The order has ${units} units of ${productId}, so no more can come back`, {
      field: 'quantity',
    });
  }
}

/** Something only one without variants can do: have stock, or be sold. */
export class HasVariantsError extends AppError {
  constructor() {
    super('has_variants', 409, 'The product has variants: the stock is theirs');
  }
}

/** An image names a file that is not there, is no picture, or is another tenant's. */
export class UnknownImageError extends AppError {
  constructor(url: string) {
    super('unknown_image', 422, `There is no picture ${url}`, { field: 'images' });
  }
}

/** Only what is empty can be divided into variants: nobody could say whose the units are. */
export class HasStockError extends AppError {
  constructor(onHand: number) {
    super('has_stock', 409, `The product has ${onHand} units of its own; take them out before it gets variants`);
  }
}

export class IsVariantError extends AppError {
  constructor(parentId: string) {
    super('is_variant', 409, `This is a variant; it is changed at /products/${parentId}/variants`);
  }
}

export class VariantNotFoundError extends AppError {
  constructor(id: string) {
    super('variant_not_found', 404, `The product has no variant ${id}`);
  }
}

export class VariantTakenError extends AppError {
  constructor(options?: ErrorOptions) {
    super('variant_taken', 409, 'Another variant has the same options', { field: 'optionValues' }, options);
  }
}

export class OptionCountError extends AppError {
  constructor(count: number, field: 'optionNames' | 'optionValues') {
    super('option_count', 422, `The product has ${count} options and its variants a value of each`, { field });
  }
}

export class VariantLimitError extends AppError {
  constructor(max: number) {
    super('variant_limit', 409, `A product can have at most ${max} variants`);
  }
}
