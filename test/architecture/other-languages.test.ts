import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InputData, JSONSchemaInput, quicktype } from 'quicktype-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

type Schemas = Readonly<Record<string, object>>;

const folder = mkdtempSync(join(tmpdir(), 'dashoffice-client-'));
let input: InputData;

beforeAll(async () => {
  const text = readFileSync('openapi.json', 'utf8').replaceAll('#/components/schemas/', '#/definitions/');
  const { components }: { components: { schemas: Schemas } } = JSON.parse(text);
  const definitions = components.schemas;
  const schema = new JSONSchemaInput(undefined);
  for (const name of Object.keys(definitions))
    await schema.addSource({ name, schema: JSON.stringify({ ...definitions[name], definitions }) });
  input = new InputData();
  input.addInput(schema);
});
afterAll(() => rmSync(folder, { recursive: true }));

async function generate(lang: 'go' | 'python', file: string): Promise<string> {
  const { lines } = await quicktype({
    inputData: input,
    lang,
    rendererOptions: lang === 'go' ? { package: 'api' } : {},
  });
  const text = lines.join('\n');
  writeFileSync(join(folder, file), text);
  return text;
}

/** Why the machine cannot compile it; null when it can. */
function missing(command: string, ...args: string[]): string | null {
  return spawnSync(command, args).status === 0 ? null : `${command} is not installed`;
}

function compile(command: string, args: string[]): string {
  const { status, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8' });
  return status === 0 ? '' : stderr.slice(0, 2000);
}

describe('a client generated from openapi.json', { timeout: 120_000 }, () => {
  it('compiles in Go', async ({ skip }) => {
    expect(await generate('go', 'api.go')).toContain('type Bot struct');
    const why = missing('go', 'version');
    if (why !== null) skip(`${why}: generated, not compiled`);
    expect(compile('go', ['vet', 'api.go'])).toBe('');
  });

  it('compiles in Python', async ({ skip }) => {
    expect(await generate('python', 'api.py')).toContain('class Bot:');
    const why = missing('python3', '--version');
    if (why !== null) skip(`${why}: generated, not compiled`);
    expect(compile('python3', ['-c', 'import api'])).toBe('');
  });
});
