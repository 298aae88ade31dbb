import { z } from 'zod';

/**
 * Why a person has the conversation. The first cause stays until it is handed back, unless the flow itself calls
 * somebody again.
 */
export const handoffSchema = z
  .object({
    team: z.string().nullable().describe('Whom the flow asked for'),
    note: z.string().nullable().describe('What the flow says to whoever takes over; may hold the customer’s words'),
    by: z
      .enum(['flow', 'person', 'parked', 'echo', 'unknown_send', 'send_failed', 'unreadable', 'late'])
      .describe(
        'flow: a handoff step, or a flow that gave up; person: by this API; parked: see parkedReason; echo: somebody answered from the Business app; unknown_send: nobody knows whether a message that must not go twice arrived; send_failed: what the customer waits for could be sent by no connection; unreadable: a message came without its content, and the phone did not deliver it; late: a message arrived too late for the bot to answer, or the bot’s latePolicy leaves late ones to a person',
      ),
    at: z.iso.datetime().describe('Since when the conversation waits for a person'),
  })
  .meta({ id: 'Handoff' });
export type Handoff = z.infer<typeof handoffSchema>;
