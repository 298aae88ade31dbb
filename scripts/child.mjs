import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, resolve } from 'node:path';

/** A second Ctrl-C that comes this long after the first is a person's, not npm passing the first one on. */
const IMPATIENT_AFTER_MS = 2_000;
const PARENT_CHECK_MS = 500;

/** The Node that package-lock.json pins, wherever the machine's own one came from. */
export function pinnedNode() {
  return resolve('node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

/** A machine may already have a Node as new as ours where the pinned one does not install. */
function node() {
  return existsSync(pinnedNode()) ? pinnedNode() : process.execPath;
}

function environment(extra) {
  const path = [resolve('node_modules/node/bin'), resolve('node_modules/.bin'), process.env.PATH].join(delimiter);
  return { ...process.env, PATH: path, ...extra };
}

/** Runs a program under our Node with this terminal; resolves with its exit code once it has really ended. */
export function runNode(args, env = {}) {
  const child = spawn(node(), args, { stdio: 'inherit', env: environment(env) });
  const stopForwarding = forwardSignals(child);
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('exit', (code, signal) => done(code ?? 128 + constants.signals[signal]));
  }).finally(stopForwarding);
}

/** Runs a program under our Node and keeps what it prints, both streams in order. */
export function captureNode(args) {
  const child = spawn(node(), args, { stdio: ['ignore', 'pipe', 'pipe'], env: environment({ FORCE_COLOR: colour() }) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) => done({ code: code ?? 1, output }));
  });
}

/**
 * Passes the first signal on and waits. In a terminal the program gets Ctrl-C as well from there, and npm passes on
 * what it gets: the program must take several for one.
 */
function forwardSignals(child) {
  let firstAt = 0;
  const forward = (signal) => {
    if (firstAt === 0) {
      firstAt = Date.now();
      child.kill(signal);
    } else if (Date.now() - firstAt > IMPATIENT_AFTER_MS) {
      process.stderr.write('Stopping at once; the next start cleans up.\n');
      child.kill('SIGKILL');
    }
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, forward);
  // `kill` of npm ends npm and the shell between us, and nobody passes anything on.
  const parent = process.ppid;
  const watch = setInterval(() => {
    if (process.env.npm_lifecycle_event && process.ppid !== parent && firstAt === 0) forward('SIGTERM');
  }, PARENT_CHECK_MS);
  return () => {
    clearInterval(watch);
    for (const signal of signals) process.off(signal, forward);
  };
}

function colour() {
  return process.stdout.isTTY ? '1' : '0';
}
