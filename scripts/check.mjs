import { captureNode } from './child.mjs';

const CHECKS = {
  types: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'tsconfig.json'],
  lint: ['node_modules/oxlint/bin/oxlint', '--type-aware'],
  format: ['node_modules/prettier/bin/prettier.cjs', '--check', '--log-level=warn', '.'],
  boundaries: ['node_modules/dependency-cruiser/bin/dependency-cruise.mjs', 'src', 'test', 'bench'],
  house: ['scripts/house.mjs'],
  openapi: ['scripts/check-openapi.mjs'],
};

/** Runs every check, also after one has failed, and says how each went. */
export async function check() {
  const results = await Promise.all(
    Object.entries(CHECKS).map(async ([name, args]) => {
      const startedAt = Date.now();
      const { code, output } = await captureNode(args);
      const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
      process.stdout.write(`${name.padEnd(10)} ${code === 0 ? 'ok    ' : 'failed'} ${seconds} s\n`);
      return { name, code, output };
    }),
  );
  const failed = results.filter(({ code }) => code !== 0);
  for (const { name, output } of failed) process.stdout.write(`\n── ${name}\n${output.trim()}\n`);
  return failed.length > 0 ? 1 : 0;
}
