import { ChatError } from './chat-options.js';
import { runChat } from './chat-run.js';

try {
  await runChat(process.argv.slice(2), process.env, { input: process.stdin, output: process.stdout });
} catch (error) {
  if (!(error instanceof ChatError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
