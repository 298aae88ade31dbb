import { createInterface } from 'node:readline';
import type { GraphFault } from './graph-double-faults.js';
import { startGraphDouble, type GraphDoubleOptions } from './graph-double.js';
import type { EchoOptions } from './graph-double-statuses.js';
import type { GraphInbound } from './graph-double-webhook.js';

/**
 * The double as a process of its own, for loads and crash tests. Started with its options as JSON in the first
 * argument, it prints `{"url":…}`, then answers one JSON line per command line on stdin:
 *
 * `{"do":"state"}` · `{"do":"accepted","after":0}` · `{"do":"fail","faults":[…]}` · `{"do":"echo","options":{…}}` ·
 * `{"do":"inbound","callbackUrl":…,"messages":[…],"copies":1}` · `{"do":"reset"}` · `{"do":"stop"}`
 *
 * It stops with its stdin, so that it does not outlive whoever started it.
 */
export type GraphDoubleCommand =
  | { readonly do: 'state' | 'reset' | 'stop' }
  | { readonly do: 'accepted'; readonly after?: number }
  | { readonly do: 'fail'; readonly faults: readonly (GraphFault | number)[] }
  | { readonly do: 'echo'; readonly options: EchoOptions }
  | {
      readonly do: 'inbound';
      readonly callbackUrl: string;
      readonly messages: readonly GraphInbound[];
      readonly copies?: number;
    };

const double = await startGraphDouble(JSON.parse(process.argv[2] ?? '{}') as GraphDoubleOptions);
const lines = createInterface({ input: process.stdin });
print({ url: double.url });
for await (const line of lines) {
  const command = JSON.parse(line) as GraphDoubleCommand;
  print(await run(command));
  if (command.do === 'stop') break;
}
await double.stop();
process.exit(0);

async function run(command: GraphDoubleCommand): Promise<unknown> {
  switch (command.do) {
    case 'accepted':
      return double.accepted.slice(command.after ?? 0);
    case 'fail':
      double.failNext(...command.faults);
      break;
    case 'echo':
      double.echoTo(command.options);
      break;
    case 'inbound':
      await double.emitInbound(command.callbackUrl, command.messages, command.copies);
      break;
    case 'reset':
      double.reset();
      break;
    default:
      break;
  }
  const { requests, accepted, openStatuses, duplicates } = double;
  return { requests, accepted: accepted.length, openStatuses, duplicates: Object.fromEntries(duplicates) };
}

function print(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
