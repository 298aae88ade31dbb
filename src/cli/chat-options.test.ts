import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { writeDemoSignIn } from '../demo/demo-sign-in.js';
import { readChatOptions } from './chat-options.js';

describe('readChatOptions', () => {
  let dataDir: string;
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'chat-options-'));
  });
  afterEach(() => rm(dataDir, { recursive: true }));

  const demo = {
    url: 'http://127.0.0.1:5123',
    email: 'chat@demo.local',
    password: 'made-up',
    botId: 'b1',
    isComplete: true,
    ownerEmail: 'admin@demo.local',
    ownerPassword: null,
  };

  it('needs no flags where the demo is', async () => {
    await writeDemoSignIn(dataDir, demo);
    expect(await readChatOptions([], { DATA_DIR: dataDir })).toEqual({
      url: 'http://127.0.0.1:5123',
      email: 'chat@demo.local',
      password: 'made-up',
      botId: 'b1',
      customers: ['+525511111111'],
    });
  });

  it('takes flags before the demo, and each customer once', async () => {
    await writeDemoSignIn(dataDir, demo);
    const args = ['--from', '+5491100000001', '--from=+5491100000002', '--from', '+5491100000001', '--url'];
    const options = await readChatOptions(
      [...args, 'http://shop.test/', '--bot', 'b2', '--email', 'a@b.test', '--password', 'p'],
      { DATA_DIR: dataDir },
    );
    expect(options).toEqual({
      url: 'http://shop.test',
      email: 'a@b.test',
      password: 'p',
      botId: 'b2',
      customers: ['+5491100000001', '+5491100000002'],
    });
  });

  it('signs in as the administrator of the environment where there is no demo', async () => {
    const env = { DATA_DIR: dataDir, ADMIN_EMAIL: 'a@b.test', ADMIN_PASSWORD: 'secreto', PORT: '4100' };
    expect(await readChatOptions([], env)).toMatchObject({
      email: 'a@b.test',
      password: 'secreto',
      url: 'http://127.0.0.1:4100',
      botId: undefined,
    });
  });

  it.each([
    [[], 'Nobody to sign in as'],
    [['--email', 'a@b.test'], 'Nobody to sign in as'],
    [['--from', '55 1111'], '+525511111111'],
    [['--form', '+525511111111'], '--form'],
  ])('says what is wrong with %j', async (args, words) => {
    await expect(readChatOptions(args, { DATA_DIR: dataDir })).rejects.toThrow(words);
  });
});
