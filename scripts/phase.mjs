/** Says what takes a while, line by line, so that it reads the same in a terminal and in a log. */
export function startPhase(title) {
  const startedAt = Date.now();
  const say = (text) => process.stdout.write(`${text} · ${((Date.now() - startedAt) / 1000).toFixed(1)} s\n`);
  process.stdout.write(`${title} …\n`);
  return { note: (text) => say(`  ${text}`), done: () => say('  done') };
}
