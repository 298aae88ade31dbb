import { describe, expect, it } from 'vitest';
import { bareType, isShownInline, kindOfType, refusalOf, UPLOAD_TYPES } from './media-types.js';

const mp4 = Buffer.from('\0\0\0\x18ftypmp42\0\0\0\0', 'latin1');
const HEADS: Readonly<Record<string, Buffer>> = {
  'image/jpeg': Buffer.from([0xff, 0xd8, 0xff, 0xe0]),
  'image/png': Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d]),
  'image/webp': Buffer.from('RIFF\x10\0\0\0WEBPVP8 ', 'latin1'),
  'video/mp4': mp4,
  'video/3gpp': mp4,
  'audio/ogg': Buffer.from('OggS\0'),
  'audio/mpeg': Buffer.from('ID3\x04'),
  'audio/mp4': mp4,
  'audio/aac': Buffer.from([0xff, 0xf1, 0x50]),
  'audio/amr': Buffer.from('#!AMR\n'),
  'application/pdf': Buffer.from('%PDF-1.7'),
  'text/plain': Buffer.from('¡Hola! 5 < 7'),
  'text/csv': Buffer.from('sku,precio\n'),
  'text/vcard': Buffer.from('BEGIN:VCARD\n'),
};
const office = UPLOAD_TYPES.filter((type) => type.startsWith('application/') && type !== 'application/pdf');
const headOf = (type: string): Buffer =>
  HEADS[type] ??
  Buffer.from(type.includes('openxml') ? [0x50, 0x4b, 0x03, 0x04, 0x14] : [0xd0, 0xcf, 0x11, 0xe0, 0xa1]);

describe('an upload', () => {
  it.each(UPLOAD_TYPES)('of %s is taken when it begins like one', (type) => {
    expect(refusalOf(type, headOf(type))).toBeNull();
  });

  it.each(UPLOAD_TYPES)('of %s is refused when it is a page', (type) => {
    expect(refusalOf(type, Buffer.from('\n<!DOCTYPE html><script>alert(1)</script>'))).toContain(type);
  });

  it.each(['text/html', 'image/svg+xml', 'application/javascript', 'application/x-msdownload', '', 'constructor'])(
    'of %j is never taken',
    (type) => {
      expect(refusalOf(type, Buffer.from('hola'))).toContain('not taken');
    },
  );

  it('covers every office type', () => {
    expect(office).toHaveLength(6);
  });
});

it('reads a type without what follows it', () => {
  expect(bareType('Audio/OGG; codecs=opus')).toBe('audio/ogg');
  expect(bareType('')).toBe('');
});

it('shows pictures, films and sounds, and nothing that could run', () => {
  for (const type of ['image/png', 'video/mp4', 'audio/ogg']) expect(isShownInline(type)).toBe(true);
  for (const type of ['image/svg+xml', 'text/html', 'application/pdf', 'text/plain', 'video/mp4 '])
    expect(isShownInline(type)).toBe(false);
});

it.each([
  ['image/jpeg', 'image'],
  ['image/webp', 'sticker'],
  ['video/mp4', 'video'],
  ['audio/ogg', 'audio'],
  ['application/pdf', 'document'],
])('sends %s as %s', (type, kind) => {
  expect(kindOfType(type)).toBe(kind);
});
