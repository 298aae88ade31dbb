import { describe, expect, test } from 'vitest';
import type { OutboundContent } from '../messages/message-content.js';
import { asTenantId } from '../platform/tenancy/tenant-id.js';
import type { ProviderCapabilities } from '../providers/whatsapp-provider.js';
import type { ClaimedSend } from './outbox/claimed-send.js';
import type { PathConnection } from '../connections/path-connection.js';
import { chooseRoute, findOther, type RouteQuestion } from './route.js';

const NOW = Date.parse('2026-11-24T10:00:00Z');
const HOUR_MS = 3_600_000;
const TEMPLATE = { name: 'seguimos_aqui', language: 'es', params: ['Aurora', '{text}'] };
const TEXT: OutboundContent = { kind: 'text', text: 'Su pedido\n está listo' };

const META: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 3,
  maxListRows: 10,
  canSendTemplates: true,
  canReact: true,
  canQuote: true,
  media: {},
  hasServiceWindow: true,
};
const DEVICE: ProviderCapabilities = { ...META, canSendTemplates: false, hasServiceWindow: false };
const CAPABILITIES: Readonly<Record<string, ProviderCapabilities>> = {
  official: META,
  twilio: { ...META, canReact: false },
  evolution: DEVICE,
};

function makeConnection(connectionId: string, overrides: Partial<PathConnection> = {}): PathConnection {
  return {
    tenantId: asTenantId('00000000-0000-4000-8000-000000000001'),
    botId: 'bot',
    connectionId,
    provider: 'official',
    number: null,
    isPaused: false,
    health: 'up',
    isProbeDue: false,
    isOffline: false,
    restrictedUntil: null,
    account: { connectionId, credentials: {} },
    bot: { failover: 'same_number', windowTemplate: null },
    ...overrides,
  };
}

function makeClaimed(overrides: Partial<ClaimedSend> = {}): ClaimedSend {
  return {
    id: '1',
    tenantId: asTenantId('00000000-0000-4000-8000-000000000001'),
    conversationId: 'c',
    connectionId: 'own',
    lane: 0,
    body: TEXT,
    attempt: 1,
    address: '5215512345678',
    phone: '+525512345678',
    ageMs: 0,
    lastInboundOn: 'own',
    lastInboundAgoMs: HOUR_MS,
    inboundElsewhere: null,
    lastError: null,
    ...overrides,
  };
}

function ask(
  connections: readonly PathConnection[],
  overrides: Partial<RouteQuestion> = {},
  claimed: Partial<ClaimedSend> = {},
) {
  const question: RouteQuestion = {
    claimed: makeClaimed(claimed),
    content: TEXT,
    connections,
    capabilitiesOf: ({ provider }) => CAPABILITIES[provider] ?? null,
    isBroken: () => false,
    nowMs: NOW,
    ...overrides,
  };
  const own = connections.find(({ connectionId }) => connectionId === question.claimed.connectionId);
  if (!own) throw new Error('no own line');
  return { question, own, route: chooseRoute(question, own) };
}

/** Where it leaves, or why it does not. */
function outcomeOf(...given: Parameters<typeof ask>): string {
  const { route } = ask(...given);
  if (route.to === 'nowhere') return route.why.code;
  return route.to === 'here'
    ? `${route.place.connection.connectionId}: ${route.place.content.kind}`
    : route.connection.connectionId;
}

const anyNumber = { bot: { failover: 'any_number', windowTemplate: null } } as const;
const NUMBER = { number: '5215500000001' };

describe('by which line a message leaves', () => {
  test('its own, when that can', () => {
    expect(outcomeOf([makeConnection('first'), makeConnection('own')])).toBe('own: text');
  });

  test.each([
    ['paused', { isPaused: true }, 'connection_paused'],
    ['not authorised', { health: 'auth_lost' }, 'auth_lost'],
    ['sealed with another key', { account: null }, 'credentials_unreadable'],
    ['a device that is not connected', { isOffline: true }, 'not_linked'],
    ['down', { health: 'degraded' }, 'line_down'],
  ] as const)('%s: another line of the number takes over, else it waits', (_, trouble, code) => {
    const own = makeConnection('own', { ...trouble, ...NUMBER });
    expect(outcomeOf([own, makeConnection('stranger'), makeConnection('sibling', NUMBER)])).toBe('sibling');
    expect(outcomeOf([own, makeConnection('stranger', { number: '5215500000002' })])).toBe(code);
    expect(ask([own]).route).not.toMatchObject({ why: { isFinal: true } });
  });

  test('what this process found broken is left too, before the others know', () => {
    const isBroken = ({ connectionId }: PathConnection) => connectionId === 'own';
    expect(outcomeOf([makeConnection('own', NUMBER), makeConnection('sibling', NUMBER)], { isBroken })).toBe('sibling');
    expect(outcomeOf([makeConnection('own')], { isBroken })).toBe('line_down');
  });

  test('another number speaks only where the bot’s owner allowed it, and in the bot’s order', () => {
    const connections = (rules: object) => [
      makeConnection('own', { isPaused: true, ...rules }),
      makeConnection('broken', { provider: 'evolution', health: 'degraded' }),
      makeConnection('second', { provider: 'evolution' }),
      makeConnection('third', { provider: 'evolution' }),
    ];
    expect(outcomeOf(connections({}))).toBe('connection_paused');
    expect(outcomeOf(connections(anyNumber))).toBe('second');
  });

  test('of several others, the one the customer wrote to goes first', () => {
    const connections = [
      makeConnection('own', { isPaused: true, ...anyNumber }),
      makeConnection('second'),
      makeConnection('theirs'),
    ];
    const inboundElsewhere = { second: new Date(NOW - HOUR_MS).toISOString() };
    expect(outcomeOf(connections, {}, { lastInboundOn: 'theirs', inboundElsewhere })).toBe('theirs');
  });

  test('a strategy this version lacks is not waited for', () => {
    const { route } = ask([makeConnection('own', { provider: 'telegraph' })]);
    expect(route).toMatchObject({ to: 'nowhere', why: { code: 'unknown_provider', isFinal: true } });
  });

  test('content goes where it can be shown', () => {
    const content: OutboundContent = { kind: 'template', name: 'oferta', language: 'es', params: [] };
    const own = makeConnection('own', { provider: 'evolution', ...NUMBER });
    expect(outcomeOf([own, makeConnection('meta', NUMBER)], { content })).toBe('meta');
    expect(outcomeOf([own], { content })).toBe('template_unsupported');
    const reaction: OutboundContent = { kind: 'reaction', aboutId: 'wamid.1', emoji: '👍' };
    expect(outcomeOf([makeConnection('own', { provider: 'twilio' })], { content: reaction })).toBe(
      'reaction_unsupported',
    );
  });

  test('another provider knows the customer by the number only', () => {
    const connections = [
      makeConnection('own', { isPaused: true, ...anyNumber }),
      makeConnection('device', { provider: 'evolution' }),
    ];
    expect(outcomeOf(connections, {}, { address: 'MX.1a2b', phone: null })).toBe('connection_paused');
    expect(outcomeOf(connections, {}, { address: 'MX.1a2b' })).toBe('device');
    const moved = ask(connections, {}, { address: 'MX.1a2b', connectionId: 'device' }).route;
    expect(moved).toMatchObject({ to: 'here', place: { to: { address: '525512345678', phone: '+525512345678' } } });
    const byDigits = ask(connections, {}, { phone: null, connectionId: 'device' }).route;
    expect(byDigits).toMatchObject({ to: 'here', place: { to: { address: '5215512345678', phone: null } } });
  });
});

describe('the 24 hours after a customer wrote', () => {
  const late = { lastInboundAgoMs: 24 * HOUR_MS };
  const withTemplate = { bot: { failover: 'same_number', windowTemplate: TEMPLATE } } as const;

  test('free text is refused after them, and to whom never wrote', () => {
    expect(outcomeOf([makeConnection('own')], {}, { lastInboundAgoMs: 24 * HOUR_MS - 1 })).toBe('own: text');
    const { route } = ask([makeConnection('own')], {}, late);
    expect(route).toMatchObject({ to: 'nowhere', why: { code: 'window_closed', class: 'template', isFinal: true } });
    expect(outcomeOf([makeConnection('own')], {}, { lastInboundAgoMs: null })).toBe('window_closed');
    expect(outcomeOf([makeConnection('own')], {}, { lastInboundOn: null, lastInboundAgoMs: null })).toBe(
      'window_closed',
    );
  });

  test('a linked device has none', () => {
    expect(outcomeOf([makeConnection('own', { provider: 'evolution' })], {}, late)).toBe('own: text');
  });

  test('they belong to the number: lines that share it share them, others do not', () => {
    const lastInbound = { lastInboundOn: 'other' };
    expect(outcomeOf([makeConnection('own', NUMBER), makeConnection('other', NUMBER)], {}, lastInbound)).toBe(
      'own: text',
    );
    expect(outcomeOf([makeConnection('own'), makeConnection('other')], {}, lastInbound)).toBe('window_closed');
    const before = { ...lastInbound, inboundElsewhere: { own: new Date(NOW - HOUR_MS).toISOString() } };
    expect(outcomeOf([makeConnection('own'), makeConnection('other')], {}, before)).toBe('own: text');
    const longBefore = { ...lastInbound, inboundElsewhere: { own: new Date(NOW - 25 * HOUR_MS).toISOString() } };
    expect(outcomeOf([makeConnection('own'), makeConnection('other')], {}, longBefore)).toBe('window_closed');
  });

  test('the bot’s template goes in place of the text, with the text in it where the owner wants that', () => {
    const { route } = ask([makeConnection('own', withTemplate)], {}, late);
    expect(route).toMatchObject({
      place: {
        isSubstitute: true,
        content: { kind: 'template', name: 'seguimos_aqui', params: ['Aurora', 'Su pedido está listo'] },
      },
    });
  });

  test('the bot’s template keeps its header and buttons', () => {
    const parts = {
      header: { type: 'image' as const, url: 'https://example.com/a.jpg' },
      buttons: [{ type: 'url' as const, index: 0, suffix: 'hoy' }],
    };
    const bot = { ...withTemplate.bot, windowTemplate: { ...TEMPLATE, ...parts } };
    expect(ask([makeConnection('own', { bot })], {}, late).route).toMatchObject({ place: { content: parts } });
  });

  test('a reaction has no template, and a template needs no window', () => {
    const content: OutboundContent = { kind: 'reaction', aboutId: 'wamid.1', emoji: '👍' };
    expect(outcomeOf([makeConnection('own', withTemplate)], { content }, late)).toBe('window_closed');
    const template: OutboundContent = { kind: 'template', name: 'oferta', language: 'es', params: [] };
    expect(ask([makeConnection('own')], { content: template }, late).route).toMatchObject({
      place: { isSubstitute: false },
    });
  });

  test('what the provider itself refused as too late counts as too late on that line', () => {
    const refused = { lastError: 'window_closed' };
    expect(outcomeOf([makeConnection('own')], {}, refused)).toBe('window_closed');
    expect(outcomeOf([makeConnection('own', withTemplate)], {}, refused)).toBe('own: template');
  });

  test('a line whose window is open is better than none', () => {
    const connections = [makeConnection('own', anyNumber), makeConnection('theirs')];
    expect(outcomeOf(connections, {}, { lastInboundOn: 'theirs' })).toBe('theirs');
  });
});

describe('a number its provider restricted', () => {
  const restricted = { restrictedUntil: new Date(NOW + HOUR_MS), ...NUMBER };

  test('still answers whoever wrote', () => {
    expect(outcomeOf([makeConnection('own', restricted), makeConnection('sibling', NUMBER)])).toBe('own: text');
  });

  test('keeps its campaigns and its words to strangers from its sibling', () => {
    const connections = [
      makeConnection('own', { provider: 'evolution', ...restricted }),
      makeConnection('sibling', { ...NUMBER }),
    ];
    expect(outcomeOf(connections, {}, { lane: 2 })).toBe('restricted');
    expect(outcomeOf(connections, {}, { lastInboundAgoMs: null })).toBe('restricted');
    const { question, own } = ask(connections, {}, { lane: 2 });
    expect(findOther(question, own)).toBeNull();
  });

  test('is nobody’s way out for them either, until it is over', () => {
    const own = makeConnection('own', { isPaused: true, ...NUMBER });
    expect(outcomeOf([own, makeConnection('sibling', restricted)], {}, { lane: 2 })).toBe('connection_paused');
    const over = { ...NUMBER, restrictedUntil: new Date(NOW) };
    expect(outcomeOf([own, makeConnection('sibling', over)], {}, { lane: 2 })).toBe('sibling');
  });

  test('after a refusal a reply may turn to the sibling', () => {
    const { question, own } = ask([makeConnection('own', restricted), makeConnection('sibling', NUMBER)]);
    expect(findOther(question, own)?.connectionId).toBe('sibling');
  });
});
