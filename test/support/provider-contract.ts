import { buffer } from 'node:stream/consumers';
import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { outboundFile } from './outbound-file.js';
import { MEDIA_KINDS, type InboundMedia, type OutboundContent } from '../../src/messages/message-content.js';
import { MediaUnavailableError } from '../../src/providers/provider.errors.js';
import { renderDown } from '../../src/providers/rendering/render-down.js';
import {
  PROVIDER_NAMES,
  REJECTION_CLASSES,
  type OutboundFile,
  type ProviderAccount,
  type Recipient,
  type SendOutcome,
  type WhatsAppProvider,
} from '../../src/providers/whatsapp-provider.js';

/** A strategy on its double, and what a test does to the far end. */
export type ContractLine = {
  readonly provider: WhatsAppProvider;
  readonly account: ProviderAccount;
  /** An account that lacks what a send needs. */
  readonly incomplete: ProviderAccount;
  readonly to: Recipient;
  /** An id as the provider gives to a customer's message. */
  readonly messageId: string;
  /** The name of a template as this provider wants it. */
  readonly template: string;
  /** Messages that arrived at the far end. */
  arrived(): Promise<number>;
  /** What the next send meets. `arrives`: the message gets there all the same. */
  meet(fault: 'refusal' | 'silence' | 'lost', arrives?: boolean): Recipient | void;
  /** A customer's file at the provider; null where every file is there. */
  keep(bytes: Buffer): { readonly media: InboundMedia; readonly missing: InboundMedia } | null;
  close(): Promise<void>;
};

const url = 'https://shop.example.com/a';
const TYPES = {
  image: 'image/png',
  video: 'video/mp4',
  audio: 'audio/ogg',
  document: 'application/pdf',
  sticker: 'image/webp',
} as const;
const options = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ id: `o-${n}`, title: `Opción ${n}`, description: n === 0 ? 'Una' : '' }));

/** What every way to reach WhatsApp promises, whatever it speaks. */
export function keepsTheContract(name: string, open: () => Promise<ContractLine>): void {
  describe(`the contract of ${name}`, () => {
    let line: ContractLine;
    let outboxId = 100;
    beforeEach(async () => {
      line = await open();
    });
    afterEach(() => line.close());

    const send = (content: OutboundContent, change: Partial<Parameters<typeof deliver>[0]> = {}) =>
      deliver({ content, ...change });
    function deliver(one: {
      content: OutboundContent;
      file?: OutboundFile;
      to?: Recipient;
      account?: ProviderAccount;
      signal?: AbortSignal;
    }): Promise<SendOutcome> {
      const { provider, account, to } = line;
      const content = renderDown(one.content, provider.capabilities);
      const message = { outboxId: String((outboxId += 1)), to: one.to ?? to, content, file: one.file };
      return provider.send(one.account ?? account, message, one.signal ?? AbortSignal.timeout(10_000));
    }
    const hello: OutboundContent = { kind: 'text', text: 'Hola' };

    it('is listed under its name', () => {
      expect(PROVIDER_NAMES).toContain(line.provider.name);
    });

    it.each<[string, OutboundContent]>([
      ['a text', hello],
      ['a text as long as the line takes', { kind: 'text', text: 'x' }],
      ['buttons', { kind: 'choices', text: '¿Cuál?', options: options(2) }],
      ['a list', { kind: 'choices', text: '¿Cuál?', options: options(9), button: 'Ver' }],
      ['more options than a list has', { kind: 'choices', text: '¿Cuál?', options: options(20) }],
      ['a link', { kind: 'link', text: 'Paga aquí', url, title: 'Pagar' }],
      ['a place', { kind: 'location', latitude: 19.4, longitude: -99.1 }],
      ['a contact', { kind: 'contact', name: 'Ana', phone: '+5215512345678' }],
      ...(['image', 'video', 'document', 'sticker', 'audio'] as const).map((media): [string, OutboundContent] => [
        `a file of ours as ${media}`,
        { kind: 'media', media, mediaId: 'x' },
      ]),
    ])('takes %s, once', async (what, content) => {
      const { maxTextChars } = line.provider.capabilities;
      const isLongest = what.includes('as long');
      const file =
        content.kind === 'media'
          ? outboundFile({ mimeType: TYPES[content.media], publicUrl: 'https://shop.example.com/media/1?sig=2' })
          : undefined;
      const outcome = await send(isLongest ? { kind: 'text', text: 'x'.repeat(maxTextChars) } : content, { file });
      expect(outcome).toEqual({ outcome: 'accepted', providerMessageId: expect.stringMatching(/^\S{1,255}$/) });
      expect(await line.arrived()).toBe(1);
    });

    it.each(MEDIA_KINDS)('refuses what is not a %s it takes, or too large, before anything leaves', async (media) => {
      const limit = line.provider.capabilities.media[media];
      if (!limit) throw new Error(`The line says nothing about ${media}`);
      const content: OutboundContent = { kind: 'media', media, mediaId: 'x' };
      const large = { ...outboundFile({ mimeType: TYPES[media] }), sizeBytes: limit.maxBytes + 1 };
      expect(await send(content, { file: large })).toMatchObject({ class: 'failover', code: 'MEDIA_TOO_LARGE' });
      if (limit.mimeTypes.length > 0) {
        const odd = outboundFile({ mimeType: 'application/x-odd' });
        expect(await send(content, { file: odd })).toMatchObject({ class: 'failover', code: 'MEDIA_TYPE' });
      }
      expect(await send(content)).toMatchObject({ class: 'permanent', code: 'NO_FILE' });
      expect(await line.arrived()).toBe(0);
    });

    it('does what its capabilities say about templates and reactions, and says so of what it cannot', async () => {
      const { canSendTemplates, canReact, canQuote } = line.provider.capabilities;
      const template = await send({ kind: 'template', name: line.template, language: 'es', params: ['Ana'] });
      expect(template.outcome).toBe(canSendTemplates ? 'accepted' : 'rejected');
      if (!canSendTemplates) expect(template).toMatchObject({ class: 'failover' });
      const reaction = await send({ kind: 'reaction', aboutId: line.messageId, emoji: '👍' });
      expect(reaction.outcome).toBe(canReact ? 'accepted' : 'rejected');
      if (!canReact) expect(reaction).toMatchObject({ class: 'failover' });
      // A quote is an ornament: the words go out with or without it.
      expect(await send({ ...hello, quotes: line.messageId })).toMatchObject({ outcome: 'accepted' });
      expect(await send({ ...hello, quotes: 'of another line' })).toMatchObject({ outcome: 'accepted' });
      expect(typeof canQuote).toBe('boolean');
    });

    it('INV-5: a refusal has a class, a code and a reason, and nothing arrived', async () => {
      const to = line.meet('refusal') ?? undefined;
      const outcome = await send(hello, { to });
      if (outcome.outcome !== 'rejected') throw new Error(`Not refused: ${JSON.stringify(outcome)}`);
      expect(REJECTION_CLASSES).toContain(outcome.class);
      expect(outcome.code).not.toBe('');
      expect(outcome.reason).not.toBe('');
      expect(await line.arrived()).toBe(0);
    });

    it.each([true, false])('INV-5: an answer that was lost is unknown (arrived: %s)', async (arrives) => {
      const to = line.meet('lost', arrives) ?? undefined;
      expect(await send(hello, { to })).toEqual({ outcome: 'unknown', reason: expect.any(String) });
      expect(await line.arrived()).toBe(arrives ? 1 : 0);
    });

    it('INV-5: no answer in time is unknown; no time from the start is a refusal', async () => {
      const to = line.meet('silence') ?? undefined;
      const deadline = AbortSignal.timeout(300);
      expect(await send(hello, { to, signal: deadline })).toMatchObject({ outcome: 'unknown' });
      const before = await line.arrived();
      expect(await send(hello, { signal: AbortSignal.abort() })).toMatchObject({ outcome: 'rejected', class: 'retry' });
      expect(await line.arrived()).toBe(before);
    });

    it('without its credentials it refuses, marks nothing, opens nothing and says so, and never throws', async () => {
      if (line.incomplete === line.account) return expect(line.provider.name).toBe('simulator');
      const { provider, incomplete: account, to, messageId } = line;
      const signal = AbortSignal.timeout(5_000);
      expect(await send(hello, { account })).toMatchObject({ outcome: 'rejected' });
      expect(await provider.check(account, signal)).toMatchObject({ ok: false });
      await provider.markRead?.(account, { to, providerMessageId: messageId, isTyping: true }, signal);
      expect(await line.arrived()).toBe(0);
    });

    it('refuses a person it has no address of', async () => {
      if (line.provider.name === 'simulator') return;
      const outcome = await send(hello, { to: { address: 'nobody', phone: null } });
      expect(outcome).toMatchObject({ outcome: 'rejected', class: 'recipient' });
    });

    it('says whether its account works, and marks messages read', async () => {
      const { provider, account, to, messageId } = line;
      const signal = AbortSignal.timeout(5_000);
      expect(await provider.check(account, signal)).toMatchObject({ ok: true });
      await provider.markRead?.(account, { to, providerMessageId: messageId, isTyping: true }, signal);
      await provider.ping(signal);
      expect(await line.arrived()).toBe(0);
    });

    it('opens a customer’s file, and says of one that is gone that it is', async () => {
      const bytes = randomBytes(50_000);
      const kept = line.keep(bytes);
      if (!kept) return expect(line.provider.name).toBe('simulator');
      const { provider, account } = line;
      const openFile = async (media: InboundMedia) => {
        const file = await provider.openMedia?.(account, media, AbortSignal.timeout(5_000));
        return file ? buffer(file) : null;
      };
      expect(await openFile(kept.media)).toEqual(bytes);
      await expect(openFile(kept.missing)).rejects.toBeInstanceOf(MediaUnavailableError);
    });
  });
}
