import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { SystemClock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { Flow } from './flow.entity.js';
import { FlowDraftsService } from './flow-drafts.service.js';
import { MAX_DRAFT_BYTES } from './flows.dto.js';

describe('FlowDraftsService', () => {
  let db: TestDatabase;
  let drafts: FlowDraftsService;
  let ana: TenantId;
  let beto: TenantId;

  beforeAll(async () => {
    db = await openTestDatabase([Flow]);
    drafts = new FlowDraftsService(db.tenants, new SystemClock());
    ana = await db.makeTenant();
    beto = await db.makeTenant();
  });
  afterAll(() => db.close());

  const make = (tenantId: TenantId, key: string) =>
    drafts.create(tenantId, { key, title: 'Ventas', draft: { dsl: 1 } });

  it('keeps a draft that is not finished, byte for byte in meaning', async () => {
    const flow = await drafts.create(ana, {
      key: 'half-done',
      title: 'Ventas',
      draft: { steps: [{ id: 'a' }], note: null },
    });
    expect(flow).toMatchObject({ key: 'half-done', title: 'Ventas', isArchived: false, draftRevision: 1 });
    const draft = await drafts.getDraft(ana, flow.id);
    expect(draft).toMatchObject({ draftRevision: 1, draft: { steps: [{ id: 'a' }], note: null } });
  });

  it('refuses the key of another flow of the tenant, and lets another tenant use it', async () => {
    await make(ana, 'sales');
    await expect(make(ana, 'sales')).rejects.toMatchObject({ code: 'flow_key_taken', status: 409 });
    expect(await make(beto, 'sales')).toMatchObject({ key: 'sales' });
  });

  it('saves over the revision the editor read and tells the editor who came second', async () => {
    const { id } = await make(ana, 'edited');
    const first = await drafts.putDraft(ana, id, { dsl: 1, a: 1 }, '"1"');
    expect(first).toMatchObject({ draftRevision: 2, draft: { a: 1 } });
    await expect(drafts.putDraft(ana, id, { dsl: 1, b: 1 }, '"1"')).rejects.toMatchObject({
      code: 'revision_mismatch',
      status: 412,
    });
    expect((await drafts.getDraft(ana, id)).draft).toEqual({ dsl: 1, a: 1 });
  });

  it('lets one of two simultaneous saves win', async () => {
    const { id } = await make(ana, 'raced');
    const saves = await Promise.allSettled([1, 2].map((n) => drafts.putDraft(ana, id, { n }, '"1"')));
    expect(saves.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect((await drafts.getDraft(ana, id)).draftRevision).toBe(2);
  });

  it('refuses a draft too large to keep', async () => {
    const { id } = await make(ana, 'large');
    const draft = { text: 'x'.repeat(MAX_DRAFT_BYTES) };
    await expect(drafts.putDraft(ana, id, draft, undefined)).rejects.toMatchObject({
      code: 'flow_draft_too_large',
      status: 413,
    });
    await expect(drafts.create(ana, { key: 'large2', title: 'x', draft })).rejects.toMatchObject({ status: 413 });
  });

  it('renames, archives and restores; an archived flow is not edited', async () => {
    const { id } = await make(ana, 'old');
    expect(await drafts.change(ana, id, { title: 'Antes' })).toMatchObject({ title: 'Antes', isArchived: false });
    expect(await drafts.change(ana, id, { isArchived: true })).toMatchObject({ title: 'Antes', isArchived: true });
    await expect(drafts.putDraft(ana, id, {}, undefined)).rejects.toMatchObject({ code: 'flow_archived' });
    const archived = await drafts.list(ana, { limit: 100, sort: 'key', archived: true });
    expect(archived.items.map(({ key }) => key)).toEqual(['old']);
    await drafts.change(ana, id, { isArchived: false });
    expect(await drafts.putDraft(ana, id, {}, undefined)).toMatchObject({ draftRevision: 2 });
  });

  it('pages through the flows by key', async () => {
    const tenant = await db.makeTenant();
    for (const key of ['c', 'a', 'b']) await make(tenant, key);
    const first = await drafts.list(tenant, { limit: 2, sort: 'key', archived: false });
    expect(first.items.map(({ key }) => key)).toEqual(['a', 'b']);
    const second = await drafts.list(tenant, {
      limit: 2,
      sort: 'key',
      archived: false,
      cursor: first.nextCursor ?? '',
    });
    expect(second.items.map(({ key }) => key)).toEqual(['c']);
    expect(second.nextCursor).toBeNull();
  });

  it('INV-8 shows no tenant the flows of another', async () => {
    const { id } = await make(ana, 'private');
    await expect(drafts.get(beto, id)).rejects.toMatchObject({ code: 'flow_not_found', status: 404 });
    await expect(drafts.getDraft(beto, id)).rejects.toMatchObject({ code: 'flow_not_found' });
    await expect(drafts.putDraft(beto, id, { mine: true }, undefined)).rejects.toMatchObject({
      code: 'flow_not_found',
    });
    await expect(drafts.change(beto, id, { title: 'mine' })).rejects.toMatchObject({ code: 'flow_not_found' });
    const { items } = await drafts.list(beto, { limit: 100, sort: 'key', archived: false });
    expect(items.map(({ id: seen }) => seen)).not.toContain(id);
  });
});
