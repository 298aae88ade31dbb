import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { openTestDatabase, type TestDatabase } from '../../test/support/database.js';
import { SystemClock } from '../platform/clock.js';
import type { TenantId } from '../platform/tenancy/tenant-id.js';
import { ActionRegistry, defineAction } from './action-registry.service.js';
import { Flow } from './flow.entity.js';
import { FlowDraftsService } from './flow-drafts.service.js';
import { FlowVersion } from './flow-version.entity.js';
import { FlowsService } from './flows.service.js';

const greeting = (words: string) => ({
  dsl: 1,
  flow: 'greeting',
  locales: ['es'],
  start: 'hello',
  steps: [
    { id: 'hello', type: 'message', text: words, next: 'bye' },
    { id: 'bye', type: 'end' },
  ],
});

describe('FlowsService', () => {
  let db: TestDatabase;
  let drafts: FlowDraftsService;
  let flows: FlowsService;
  let ana: TenantId;
  let beto: TenantId;

  beforeAll(async () => {
    db = await openTestDatabase([Flow, FlowVersion]);
    const actions = new ActionRegistry();
    actions.register(
      defineAction({
        name: 'shop.greet',
        input: z.strictObject({ name: z.string(), loud: z.boolean().default(false) }),
        output: z.object({}),
        errors: ['asleep'],
        run: async () => ({}),
      }),
    );
    drafts = new FlowDraftsService(db.tenants, new SystemClock());
    flows = new FlowsService(db.tenants, db.path, actions, new SystemClock());
    ana = await db.makeTenant();
    beto = await db.makeTenant();
  });
  afterAll(() => db.close());

  let made = 0;
  /** Flows are called by their keys; each test has its own. */
  const make = async (draft: Record<string, unknown>) => {
    const key = `flow-${(made += 1)}`;
    return (await drafts.create(ana, { key, title: 'Ventas', draft: { ...draft, flow: key } })).id;
  };
  const save = async (id: string, draft: Record<string, unknown>) =>
    drafts.putDraft(ana, id, { ...draft, flow: (await drafts.get(ana, id)).key }, undefined);
  const publish = (id: string, note?: string) => flows.publish(ana, id, { note, publishedBy: null });

  it('numbers the versions of a flow and keeps each as it was', async () => {
    const id = await make(greeting('uno'));
    const { version: first } = await publish(id, 'la primera');
    expect(first).toMatchObject({ flowId: id, number: 1, note: 'la primera' });
    await save(id, greeting('dos'));
    const { version: second } = await publish(id);
    expect(second).toMatchObject({ number: 2, note: null });
    const kept = await flows.getVersion(ana, id, 1);
    expect(kept).toMatchObject({
      id: first.id,
      document: { ...greeting('uno'), flow: expect.stringMatching(/^flow-/) as string },
      problems: [],
    });
    const page = await flows.listVersions(ana, id, { limit: 1, sort: '-number' });
    expect(page.items.map(({ number }) => number)).toEqual([2]);
    const rest = await flows.listVersions(ana, id, { limit: 1, sort: '-number', cursor: page.nextCursor ?? '' });
    expect(rest.items.map(({ number }) => number)).toEqual([1]);
    expect(rest.nextCursor).toBeNull();
  });

  it('makes no second version of the same content, whatever the order of its keys', async () => {
    const id = await make(greeting('igual'));
    const first = await publish(id);
    const { dsl, ...rest } = greeting('igual');
    await save(id, { ...rest, dsl });
    const again = await publish(id);
    expect(first.isNew).toBe(true);
    expect(again).toEqual({ version: first.version, isNew: false });
    await save(id, greeting('otro'));
    await publish(id);
    await save(id, greeting('igual'));
    expect((await publish(id)).version.number).toBe(1);
  });

  it('gives two who publish at once one version', async () => {
    const id = await make(greeting('a la vez'));
    const both = await Promise.all([publish(id), publish(id)]);
    expect(both.map(({ version }) => version.number)).toEqual([1, 1]);
    expect(both.filter(({ isNew }) => isNew)).toHaveLength(1);
  });

  it('publishes nothing of a flow with errors and lists every one with its step', async () => {
    const id = await make({
      ...greeting('mal'),
      steps: [
        { id: 'hello', type: 'message', text: '{{ nombre }}', next: 'nowhere' },
        { id: 'greet', type: 'action', action: 'shop.greet', with: { nam: "'Ana'" }, next: 'bye' },
        { id: 'wave', type: 'action', action: 'shop.wave', next: 'bye' },
        { id: 'bye', type: 'end', colour: 'red' },
      ],
    });
    const refused = await publish(id).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'flow_invalid', status: 422 });
    const { problems } = (refused as { details: { problems: { code: string; step: string; message: string }[] } })
      .details;
    const found = problems.map(({ code, step }) => `${step} ${code}`);
    expect(found).toEqual(
      expect.arrayContaining(['hello E102', 'hello E106', 'greet E103', 'greet E111', 'wave E111', 'bye E101']),
    );
    expect(problems.find(({ step }) => step === 'bye')?.message).toContain('colour');
    expect((await flows.listVersions(ana, id, { limit: 10, sort: '-number' })).items).toEqual([]);
    expect(await flows.validateDraft(ana, id)).toEqual({ problems });
  });

  it('knows what an action needs: required fields only, and the errors it may answer', async () => {
    const step = {
      id: 'greet',
      type: 'action',
      action: 'shop.greet',
      next: 'bye',
      on: { asleep: 'bye', error: 'bye' },
    };
    const document = (fields: object) => ({
      ...greeting('x'),
      start: 'greet',
      steps: [
        { ...step, with: fields },
        { id: 'bye', type: 'end' },
      ],
    });
    expect(flows.check(document({ name: "'Ana'" }))).toEqual([]);
    expect(flows.check(document({ loud: 'true' }))).toMatchObject([{ code: 'E111', step: 'greet' }]);
  });

  it('publishes a document only under the key it says', async () => {
    const { id } = await drafts.create(ana, { key: 'mine', title: 'x', draft: greeting('otro nombre') });
    await expect(publish(id)).rejects.toMatchObject({
      details: { problems: [{ code: 'E101', path: 'flow', step: null }] },
    });
  });

  it('INV-9 pins a flow to the versions of the flows it calls', async () => {
    const ask = await make(greeting('pregunta'));
    const { key } = await drafts.get(ana, ask);
    const caller = await make({
      ...greeting('x'),
      start: 'call',
      steps: [
        { id: 'call', type: 'subflow', flow: key, next: 'bye', on: { error: 'bye' } },
        { id: 'bye', type: 'end' },
      ],
    });
    await expect(publish(caller)).rejects.toMatchObject({ details: { problems: [{ code: 'E112', step: 'call' }] } });
    const called = await publish(ask);
    const first = await publish(caller);
    const calls = async (versionId: string) => (await flows.loadSubflows(versionId)).get(key)?.sha256;
    expect(await calls(first.version.id)).toBe(called.version.sha256);

    await save(ask, greeting('pregunta mejor'));
    const better = await publish(ask);
    expect(await calls(first.version.id)).toBe(called.version.sha256);
    const second = await publish(caller);
    expect(second).toMatchObject({ isNew: true, version: { number: 2, sha256: first.version.sha256 } });
    expect(await calls(second.version.id)).toBe(better.version.sha256);
    expect(await flows.loadSubflows(called.version.id)).toEqual(new Map());
  });

  it('publishes no archived flow', async () => {
    const id = await make(greeting('viejo'));
    await drafts.change(ana, id, { isArchived: true });
    await expect(publish(id)).rejects.toMatchObject({ code: 'flow_archived' });
  });

  it('INV-9 lets nobody change a published version, not even with plain SQL', async () => {
    const id = await make(greeting('fijo'));
    const { version } = await publish(id);
    const change = (sql: string) => db.tenants.transaction(ana, (tx) => tx.query(sql, [version.id]));
    await expect(change(`update flow_version set document = '{}' where id = $1`)).rejects.toThrow('permission denied');
    await expect(change('delete from flow_version where id = $1')).rejects.toThrow('permission denied');
  });

  it('loads a version once for the message path, whose ever it is', async () => {
    const id = await make(greeting('ruta'));
    const { version } = await publish(id);
    const compiled = await flows.loadCompiled(version.id);
    expect(compiled).toMatchObject({ key: (await drafts.get(ana, id)).key, sha256: version.sha256 });
    expect(await flows.loadCompiled(version.id)).toBe(compiled);
    await expect(flows.loadCompiled(randomUUID())).rejects.toMatchObject({ code: 'flow_version_not_found' });
  });

  it('INV-8 shows no tenant the versions of another', async () => {
    const id = await make(greeting('privado'));
    const { version } = await publish(id);
    await expect(flows.getVersion(beto, id, 1)).rejects.toMatchObject({ code: 'flow_version_not_found', status: 404 });
    await expect(flows.listVersions(beto, id, { limit: 10, sort: '-number' })).rejects.toMatchObject({
      code: 'flow_not_found',
    });
    await expect(flows.validateDraft(beto, id)).rejects.toMatchObject({ code: 'flow_not_found' });
    await expect(flows.publish(beto, id, { publishedBy: null })).rejects.toMatchObject({ code: 'flow_not_found' });
    const find = (tenantId: TenantId) =>
      db.tenants.transaction(tenantId, (tx) => flows.findVersion(tx, tenantId, version.id));
    expect(await find(beto)).toBeNull();
    expect(await find(ana)).toEqual(version);
  });
});
