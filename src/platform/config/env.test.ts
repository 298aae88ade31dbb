import { describe, expect, it } from 'vitest';
import { BadConfigurationError, readEnv } from './env.js';
import { ROLES } from '../../roles.js';

describe('readEnv', () => {
  it('needs nothing: the defaults open the embedded shop on 4009', () => {
    expect(readEnv({}, ROLES)).toMatchObject({ role: 'all', port: 4009, dataDir: '.data', databaseUrl: undefined });
  });

  it('names every bad variable and shows no value', () => {
    const read = () =>
      readEnv({ PORT: 'secret-port', DATABASE_URL: 'mysql://user:hunter2@host/db', ROLE: 'king' }, ROLES);
    expect(read).toThrow(BadConfigurationError);
    const { message } = (() => {
      try {
        return read() as never;
      } catch (error) {
        return error as Error;
      }
    })();
    expect(message).toContain('PORT');
    expect(message).toContain('DATABASE_URL');
    expect(message).toContain('ROLE');
    expect(message).not.toMatch(/secret-port|hunter2|king/);
  });

  it('treats an empty variable as one that is not set', () => {
    expect(readEnv({ DATABASE_URL: '', PORT: '' }, ROLES)).toMatchObject({ databaseUrl: undefined, port: 4009 });
  });

  it('reads a list of origins, and refuses what no browser sends as one', () => {
    expect(readEnv({}, ROLES).corsOrigins).toEqual([]);
    const two = { CORS_ORIGINS: ' https://panel.test, http://localhost:5173,' };
    expect(readEnv(two, ROLES).corsOrigins).toEqual(['https://panel.test', 'http://localhost:5173']);
    for (const origin of ['*', 'null', 'panel.test', 'https://panel.test/', 'https://*.panel.test/x'])
      expect(() => readEnv({ CORS_ORIGINS: `https://panel.test,${origin}` }, ROLES), origin).toThrow(/CORS_ORIGINS/);
  });

  it('gives a role alone the port of the old service it replaces', () => {
    expect(readEnv({ ROLE: 'adapter' }, ROLES).port).toBe(3010);
    expect(readEnv({ ROLE: 'orchestrator' }, ROLES).port).toBe(3011);
    expect(readEnv({ ROLE: 'adapter', PORT: '5000' }, ROLES).port).toBe(5000);
  });

  it('keeps the simulator out of a production shop unless it is let in', () => {
    const shop = { DATABASE_URL: 'postgres://localhost/shop' };
    expect(readEnv({}, ROLES).simulatorAllowed).toBe(true);
    expect(readEnv(shop, ROLES).simulatorAllowed).toBe(false);
    expect(readEnv({ ...shop, SIMULATOR_ALLOWED: 'true' }, ROLES).simulatorAllowed).toBe(true);
  });
});

it('splits the loops over the roles', () => {
  const loopsOf = (role: string) => [...readEnv({ ROLE: role }, ROLES).loops];
  expect(loopsOf('all')).toEqual(expect.arrayContaining(['turns', 'delivery', 'jobs']));
  expect(loopsOf('orchestrator')).toEqual(['turns']);
  expect(loopsOf('adapter')).toEqual(['delivery']);
  expect(loopsOf('api')).not.toContain('jobs');
});
