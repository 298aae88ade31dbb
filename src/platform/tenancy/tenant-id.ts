declare const brand: unique symbol;

/** The business that owns a row. A plain string does not fit: the id comes from a verified sign-in or a routed event. */
export type TenantId = string & { readonly [brand]: 'TenantId' };

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** @throws TypeError not a lower-case UUID: this value ends up in SQL as a setting */
export function asTenantId(value: string): TenantId {
  if (!UUID.test(value)) throw new TypeError('A tenant id is a lower-case UUID');
  return value as TenantId;
}
