import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';

type Tree = Readonly<Record<string, string>>;

const trees: string[] = [];
afterAll(() => {
  for (const dir of trees) rmSync(dir, { recursive: true, force: true });
});

function plant(tree: Tree): string {
  const dir = mkdtempSync(join(tmpdir(), 'planted-'));
  trees.push(dir);
  for (const [path, text] of Object.entries({ ...tree, 'tsconfig.json': '{}' })) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

function run(cwd: string, ...args: string[]): { readonly code: number | null; readonly output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return { code: status, output: stripVTControlCharacters(stdout + stderr) };
}

const importing = (path: string) => `import { one } from '${path}';\nexport const two = one;\n`;
const ONE = 'export const one = 1;\n';

/** One breach of each rule of .dependency-cruiser.cjs, and the line that names it. */
const BOUNDARIES: Tree = {
  'src/orders/a.ts': importing('./b.js'),
  'src/orders/b.ts': `${importing('./a.js')}${ONE}`,
  'src/platform/http/price.ts': importing('../../orders/c.js'),
  'src/orders/c.ts': ONE,
  'src/providers/twilio/twilio.render.ts': importing('../official/official.render.js'),
  'src/providers/official/official.render.ts': ONE,
  'src/sellers/sellers.ts': importing('../orders/notes/private.js'),
  'src/orders/notes/private.ts': ONE,
  'src/bots/bots.ts': importing('../../test/support/kit.js'),
  'test/support/kit.ts': ONE,
  'bench/load.ts': importing('../src/orders/notes/private.js'),
};
const BROKEN_BOUNDARIES = [
  'error no-cycles: src/orders/a.ts →',
  'error platform-imports-no-feature: src/platform/http/price.ts → src/orders/c.ts',
  'error private-files-stay-private: src/sellers/sellers.ts → src/orders/notes/private.ts',
  'error src-imports-no-test-kit: src/bots/bots.ts → test/support/kit.ts',
  'error strategies-stay-apart: src/providers/twilio/twilio.render.ts → src/providers/official/official.render.ts',
];

describe('boundaries', () => {
  it('fails on a breach of each rule and names it', () => {
    const dir = plant(BOUNDARIES);
    copyFileSync('.dependency-cruiser.cjs', join(dir, '.dependency-cruiser.cjs'));
    const cruise = resolve('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const { code, output } = run(dir, cruise, 'src', 'test', 'bench');
    expect(code).not.toBe(0);
    const broken = output.split('\n').filter((line) => line.includes(' error '));
    expect(broken.map((line) => line.trim()).toSorted()).toEqual(BROKEN_BOUNDARIES);
  });

  it('knows no rule that nobody has seen fail', () => {
    const { forbidden } = createRequire(import.meta.url)('../../.dependency-cruiser.cjs') as {
      forbidden: { name: string }[];
    };
    const broken = BROKEN_BOUNDARIES.map((line) => /^error ([a-z-]+):/.exec(line)?.[1]);
    expect(forbidden.map(({ name }) => name).toSorted()).toEqual(broken);
  });
});

const CREATED = Array.from(
  { length: 30 },
  (_, n) => `t${String.fromCharCode(97 + (n % 26)).repeat(1 + (n > 25 ? 1 : 0))}`,
);
const WRITTEN = CREATED.map((table) => `export const ${table} = 'update ${table} set a = 1';\n`).join('');
const ROLES = `export const roles = ['api', 'adapter'];\n`;

/** One breach of each limit of the house. */
const HOUSE: Tree = {
  'migrations/1-tables.ts': `export const sql = '${CREATED.map((table) => `create table ${table} (a int);`).join(' ')}';\n`,
  'src/orders/orders.ts': `${importing('../sellers/sellers.js')}${WRITTEN}`,
  'src/sellers/sellers.ts': `${WRITTEN}export const late = () => import('../orders/orders.js');\n`,
  'src/orders/cart/cart.ts': importing('../notes/notes.js'),
  'src/orders/notes/notes.ts': `${importing('../cart/cart.js')}${ONE}`,
  'src/orders/periodic.ts': `
    setInterval(() => 1, 5);
    class Sweeper { @Interval(5) sweep() {} }
    jobs.add({ name: 'purge' });
    new WorkerLoop();
    while (!signal.aborted) await look();\n`,
  'src/orders/roles.ts': ROLES.repeat(10),
  'src/orders/orders.controller.ts': `class Orders { @Get() ${'@Note() '.repeat(10)} list() {} }\n`,
  'src/orders/orders.public.ts': ONE,
  'src/orders/prices.service.ts': ONE,
  'src/orders/orders.fixture.ts': ONE,
  'src/orders/helper-of-tests.ts': ONE,
  'src/orders/orders.test.ts': importing('./helper-of-tests.js'),
  'src/orders/long.ts': '\n'.repeat(301),
  'src/platform/http/paths.ts': `export const path = 'webhooks/twilio';\n`,
};
const FOUND: Readonly<Record<string, readonly string[]>> = {
  'largest-feature-percent': ['orders'],
  'circles-between-top-folders': ['src/{orders, sellers}'],
  'folder-knots': ['src/orders/{cart, notes}'],
  'tables-with-several-writers': ['ta: orders, sellers'],
  'periodic-mechanisms': ['setInterval ×1', '@nestjs/schedule ×1', 'WorkerLoop ×2', 'own loop ×1'],
  'role-definitions': ['src/orders/roles.ts:1'],
  'decorators-a-route': ['src/orders/orders.controller.ts:1 list: 11'],
  'public-files': ['src/orders/orders.public.ts'],
  'services-that-are-none': ['src/orders/prices.service.ts'],
  'test-kits-under-src': ['src/orders/helper-of-tests.ts', 'src/orders/orders.fixture.ts'],
  'files-above-300-lines': ['src/orders/long.ts: 301'],
  'business-words-in-platform': ['src/platform/http/paths.ts:1: twilio'],
};

const rowsOf = (output: string) => output.split('\n').filter((line) => /^[a-z]/.test(line));
const nameOf = (row: string) => row.split(' ')[0] ?? '';

describe('the house', () => {
  const script = resolve('scripts/house.mjs');

  it('fails on a breach of each limit, names it and says where', () => {
    const { code, output } = run('.', script, '--root', plant(HOUSE));
    expect(code).toBe(1);
    expect(rowsOf(output).map(nameOf)).toEqual(Object.keys(FOUND));
    for (const place of Object.values(FOUND).flat()) expect(output).toContain(`    ${place}`);
  });

  it('knows no limit that nobody has seen exceeded, and none is exceeded here', () => {
    const { code, output } = run('.', script, '--table');
    const limited = rowsOf(output).filter((row) => /\d +\d+( +target \d+)?$/.test(row));
    expect(limited.map(nameOf)).toEqual(Object.keys(FOUND));
    expect(code).toBe(0);
  });

  it('takes what looks one way only', () => {
    const { code, output } = run(
      '.',
      script,
      '--root',
      plant({ 'src/main.ts': ONE, 'src/b.ts': importing('./main.js') }),
    );
    expect([code, output]).toEqual([0, '']);
  });
});
