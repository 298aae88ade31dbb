import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { ActionRegistry } from '../flows/action-registry.service.js';
import { ActionError } from '../flows/flow.errors.js';
import { SystemClock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ContactActions } from './contact-actions.js';
import { ContactIdentity } from './contact-identity.entity.js';
import { Contact } from './contact.entity.js';
import { ContactNotFoundError } from './contacts.errors.js';
import { ContactsService } from './contacts.service.js';

let db: TestDatabase;
let contacts: ContactsService;
const registry = new ActionRegistry();

beforeAll(async () => {
  db = await openTestDatabase([Contact, ContactIdentity]);
  contacts = new ContactsService(db.tenants, new SystemClock());
  new ContactActions(registry, contacts).onModuleInit();
});
afterAll(() => db.close());

function update(tenantId: TenantId, contactId: string, given: unknown): Promise<unknown> {
  const action = registry.find('contacts.update');
  if (!action) throw new Error('contacts.update is not registered');
  const context = {
    tenantId,
    contactId,
    botId: randomUUID(),
    conversationId: randomUUID(),
    effectKey: randomUUID(),
    lang: 'es' as const,
    now: new Date(),
  };
  return db.tenants.transaction(tenantId, async (tx) => {
    const output = await action.run(tx, context, action.input.parse(given));
    return action.output.parse(output);
  });
}

async function makeContact(tenantId: TenantId, tags: string[] = []) {
  const contact = { phone: '+573001112233', name: 'Marta', locale: null, tags };
  return (await contacts.create(tenantId, contact)).id;
}

describe('contacts.update', () => {
  it('writes name, locale and one more tag, and tells what it knows then', async () => {
    const tenantId = await db.makeTenant();
    const id = await makeContact(tenantId, ['vip']);
    expect(await update(tenantId, id, { locale: 'pt', tag: ' Mayoreo ' })).toEqual({
      name: 'Marta',
      locale: 'pt',
      tags: ['vip', 'mayoreo'],
    });
    await update(tenantId, id, { name: 'Marta Ruiz', tag: 'mayoreo' });
    const seen = await contacts.get(tenantId, id);
    expect(seen).toMatchObject({ name: 'Marta Ruiz', locale: 'pt', tags: ['vip', 'mayoreo'], revision: 3 });
  });

  it('tells the flow when there are too many tags, and writes nothing', async () => {
    const tenantId = await db.makeTenant();
    const id = await makeContact(
      tenantId,
      Array.from({ length: 50 }, (_, n) => `t${n}`),
    );
    await expect(update(tenantId, id, { name: 'Otra', tag: 'uno más' })).rejects.toThrow(ActionError);
    expect((await contacts.get(tenantId, id)).name).toBe('Marta');
  });

  it('does not reach another tenant’s contact (INV-8)', async () => {
    const id = await makeContact(await db.makeTenant());
    await expect(update(await db.makeTenant(), id, { name: 'Mía' })).rejects.toThrow(ContactNotFoundError);
  });
});
