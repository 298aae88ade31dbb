import { describe, expect, it } from 'vitest';
import { breachesOf, readSources, tablesMadeBy, writesIn, type Rules } from './table-writers.js';

const MAX_SHARED = 6;

/**
 * One folder writes a table; others ask it, call its SQL, or one of the functions of the database: `hand_over` and
 * `append_inbox` for a conversation and its inbox, `emit_event` for outgoing events.
 */
const OWNERS = {
  api_key: 'auth',
  app_user: 'auth',
  invitation: 'auth',
  password_reset: 'auth',
  refresh_token: 'auth',
  tenant: 'auth',
  user_session: 'auth',
  audit_entry: 'audit',
  bot: 'bots',
  connection: 'connections',
  template_state: 'connections/templates',
  contact: 'contacts',
  contact_alias: 'contacts',
  contact_field: 'contacts',
  contact_identity: 'contacts',
  contact_merge: 'contacts',
  contact_note: 'contacts',
  identity_link: 'contacts',
  conversation: 'conversations',
  conversation_alias: 'conversations',
  group_message: 'conversations',
  inbox: 'conversations/inbox',
  seen: 'conversations',
  suspect: 'conversations/turns',
  failed_send: 'delivery',
  outbox: 'delivery',
  linked_device: 'devices',
  linked_key: 'devices',
  linked_placeholder: 'devices',
  linked_sent: 'devices',
  linked_session: 'devices',
  flow: 'flows',
  flow_version: 'flows',
  log_event: 'analytics',
  message_log: 'analytics',
  media: 'media',
  media_upload: 'media',
  cart_line: 'orders',
  order_counter: 'orders',
  order_event: 'orders',
  order_line: 'orders',
  order_message: 'orders',
  order_note: 'orders',
  order_refund: 'orders',
  sales_order: 'orders',
  seller_notice_outcome: 'orders',
  product: 'products',
  product_category: 'products',
  product_import: 'products',
  product_import_problem: 'products',
  product_import_row: 'products',
  stock_hold: 'products',
  stock_level: 'products',
  stock_movement: 'products',
  seller: 'sellers',
  seller_settings: 'sellers',
  outgoing_event: 'webhooks',
  webhook_delivery: 'webhooks',
  webhook_endpoint: 'webhooks',
  idempotency_key: 'platform/http',
  scheduled_job: 'platform/jobs',
  encryption_canary: 'platform/crypto',
  // A new encryption key seals the secrets of every table anew, with one statement.
  '${table}': 'platform/crypto',
} as const;

const MET = 'a message of somebody new is stored in one transaction with who they are (docs/decisions/002)';

const RULES: Rules = {
  owners: OWNERS,
  exceptions: {
    connection: {
      folders: ['conversations/inbox', 'delivery/outbox'],
      reason: 'when it last brought or took a message is noted in the statement that stores the message',
    },
    contact: { folders: ['conversations'], reason: MET },
    contact_identity: { folders: ['conversations'], reason: MET },
    contact_merge: { folders: ['conversations/inbox'], reason: MET },
    identity_link: { folders: ['conversations/inbox'], reason: MET },
    outbox: {
      folders: ['conversations'],
      reason: 'a turn commits with what it sends (INV-4), an action with its result; delivery does the rest',
    },
  },
};

const tables = tablesMadeBy(readSources('migrations/*.ts'));
const sources = readSources('src/**/*.ts');
const writes = writesIn(sources, tables);

describe('each table', () => {
  it('is written by one folder, but for those listed with their reason', () => {
    expect(breachesOf(RULES, writes)).toEqual([]);
  });

  it('has an owner, and shares its pen only where that is still needed', () => {
    expect([...tables].filter((table) => !Object.hasOwn(OWNERS, table))).toEqual([]);
    const shared = Object.entries(RULES.exceptions);
    for (const [table, { folders, reason }] of shared) {
      console.log(`${table}: ${folders.join(', ')} too, for ${reason}`);
      for (const folder of folders)
        expect(writes.some((write) => write.table === table && write.file.startsWith(`src/${folder}/`))).toBe(true);
    }
    console.log(`${shared.length} of ${tables.size} tables have several writers`);
    expect(shared.length).toBeLessThanOrEqual(MAX_SHARED);
  });
});

describe('a planted breach', () => {
  const found = (text: string, file = 'src/orders/planted.ts') =>
    breachesOf(RULES, writesIn({ ...sources, [file]: text }, tables));

  it.each([
    ['in SQL', 'tx.query(`insert into inbox (id) values (1)`)', "writes inbox, which is conversations/inbox's"],
    ['in a CTE', '`with gone as (delete from media returning 1) select 1`', "writes media, which is media's"],
    ['through TypeORM', 'tx.update(Contact, { id }, fields)', "writes contact, which is contacts's"],
    ['through a repository', 'const all = tx.getRepository(Bot);\nall.delete({ id })', "writes bot, which is bots's"],
    [
      'by saving what was found',
      'const a = await tx.findOneBy(Flow, { id });\ntx.save(a)',
      "writes flow, which is flows's",
    ],
    ['under a name put in later', 'tx.query(`update ${name} set x = 1`)', 'writes ${name}, which is nobody'],
  ])('is found %s', (_where, text, says) => {
    expect(found(text)).toEqual([expect.stringContaining(says) as string]);
  });

  it('is none where it is read or spoken of', () => {
    const spoken = '/** We insert into inbox later. */\n// update media\n';
    expect(found(`${spoken}tx.query('select 1 from bot for update'); tx.findOneBy(Bot, { id })`)).toEqual([]);
  });

  it('of a folder inside a feature counts too', () => {
    const text = 'tx.query(`delete from inbox where id = 1`)';
    expect(found(text, 'src/conversations/turns/planted.ts')).toHaveLength(1);
    expect(found(text, 'src/conversations/inbox/planted.ts')).toEqual([]);
  });
});
