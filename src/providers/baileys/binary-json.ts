type Tagged = { readonly type: 'Buffer'; readonly data: string | readonly number[] };

/** JSON that keeps bytes, in the layout of Baileys' own `BufferJSON` (reference 5.4). */
export function toStored(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (item instanceof Uint8Array) return tag(item);
    // `Buffer` has turned itself into this before anybody is asked.
    return isTagged(item) ? tag(toBytes(item)) : item;
  });
}

export function fromStored(json: string): unknown {
  return JSON.parse(json, (_, item: unknown) => (isTagged(item) ? toBytes(item) : item));
}

function tag(bytes: Uint8Array): Tagged {
  return { type: 'Buffer', data: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64') };
}

function toBytes({ data }: Tagged): Buffer {
  return typeof data === 'string' ? Buffer.from(data, 'base64') : Buffer.from(data);
}

function isTagged(value: unknown): value is Tagged {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    value.type === 'Buffer' &&
    'data' in value &&
    (typeof value.data === 'string' || Array.isArray(value.data))
  );
}
