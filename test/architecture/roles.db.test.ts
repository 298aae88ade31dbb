import { readdirSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Loops } from '../../src/platform/loops/loops.js';
import { BARE_PATHS, ROLES, routesOf, type Role } from '../../src/roles.js';
import { startTestApp, type TestApp } from '../support/app.js';

const roles = Object.keys(ROLES) as Role[];
const alone = roles.filter((role) => role !== 'all');

let app: TestApp;
beforeAll(async () => {
  app = await startTestApp();
});
afterAll(() => app.close());

const groupsOf = (served: Pick<TestApp, 'app'>) => [...served.app.get(Loops).groups].toSorted();

describe('the table of roles', () => {
  it('has every feature in a role, and every loop of the whole in exactly one of those that run apart', () => {
    const features = new Set<string>(alone.flatMap((role) => ROLES[role].features));
    expect(ROLES.all.features.filter((feature) => !features.has(feature))).toEqual(['demo']);
    const loops: string[] = alone.flatMap((role) => [...ROLES[role].loops]);
    expect(loops.toSorted()).toEqual([...ROLES.all.loops].toSorted());
  });

  it('names the loops there are, and no others', () => {
    expect(groupsOf(app)).toEqual([...ROLES.all.loops].toSorted());
  });

  it.each(alone)('gives the role %s the loops it is to run', async (role) => {
    const process = await app.startAnother({ role });
    expect(groupsOf(process)).toEqual(expect.arrayContaining([...ROLES[role].loops]));
    await process.close();
  });

  it('leaves no path outside /api without a role that serves it', () => {
    const served = alone.flatMap((role) => routesOf(role).served ?? []);
    const starts = BARE_PATHS.map((path) => path.split('/')[0]).filter((start) => start !== 'api');
    expect(starts.filter((start) => !served.includes(start ?? ''))).toEqual([]);
  });

  it.each(alone)('lets the role %s answer its probes and refuses a path of the others', async (role) => {
    const process = await app.startAnother({ role });
    expect((await process.call('GET', '/health/live')).status).toBe(200);
    const foreign = role === 'adapter' ? '/message' : '/send';
    expect(await process.call('POST', foreign, {})).toMatchObject({ status: 404, body: { code: 'not_served_here' } });
    await process.close();
  });
});

it('the platform knows neither a role nor a loop of one by name', () => {
  const words = [...alone.filter((role) => role !== 'api'), 'turns', 'delivery'];
  const named = readdirSync('src/platform', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .flatMap((path) => {
      const text = readFileSync(`src/platform/${path}`, 'utf8');
      return words.filter((word) => text.includes(`'${word}'`)).map((word) => `${path}: ${word}`);
    });
  expect(named).toEqual([]);
});
