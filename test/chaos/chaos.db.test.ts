import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const MINUTES = 60_000;

it(
  'INV-1, INV-2, INV-3, INV-5: loses, doubles and reorders nothing while processes are killed',
  async () => {
    const chaos = ['scripts/run.mjs', 'chaos', '--messages', '200', '--kills', '5', '--seed', '42'];
    const { stdout } = await promisify(execFile)(process.execPath, chaos, { timeout: 4 * MINUTES });
    const result: unknown = JSON.parse(/^RESULT (.*)$/m.exec(stdout)?.[1] ?? 'null');
    expect(result).toMatchObject({
      chaos: {
        sent: 200,
        answered: 200,
        killed: 5,
        lost: 0,
        answeredTwice: 0,
        outOfOrder: 0,
        providerDuplicates: 0,
        undone: 0,
        open: 0,
      },
    });
  },
  4 * MINUTES,
);
