import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AppModule } from '../../src/app.module.js';
import { SecretBox } from '../../src/platform/crypto/secret-box.js';
import { SocketFactory } from '../../src/providers/baileys/linked-socket.js';
import { OpenSessions } from '../../src/devices/open-sessions.js';
import { SessionTiming } from '../../src/devices/sessions/session-timing.js';
import { SIMULATOR_OPTIONS, type SimulatorOptions } from '../../src/providers/simulator/simulator.provider.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { SocketDouble } from '../support/baileys-double.js';
import { openCutLine, type CutLine } from '../support/cut-line.js';
import { statusUpdate, textUpsert } from '../support/evolution-double-bodies.js';
import { startEvolutionDouble, type AcceptedSend, type EvolutionDouble } from '../support/evolution-double.js';
import { startGraphDouble, type GraphDouble } from '../support/graph-double.js';
import { startTwilioDouble, type TwilioDouble } from '../support/twilio-double.js';
import { until } from '../support/until.js';
import { asEvolutionFault, asGraphFault, asTwilioFault } from './http-mishaps.js';
import { openBots, type Bot } from './lines.js';
import { ScriptedWhatsApp, type LinkedSent } from './linked-whatsapp.js';
import type { Script } from './script.js';
import { simulatorScript, type SimulatedSend } from './simulated-mishaps.js';
import type { Acceptance } from './verdict.js';

const PUBLIC_URL = 'https://shop.test';
const WEBHOOK_SECRET = 'the-secret-of-every-instance';
/** A refusal in time is quick; what takes longer is one of the faults. */
const VARIABLES = { SEND_TIMEOUT_MS: '4000', UNKNOWN_GRACE_MS: '8000', SEND_CONCURRENCY: '400' };
/** Between acceptance and what is told of it: before and after a slow answer, and after a socket was lost. */
const TOLD_AFTER_MS: readonly [number, number] = [20, 1200];

/** Failures after acceptance that are about the line, so that another one does better. */
const PAYMENT_ISSUE = 131042;
const POLICY_VIOLATION = '63013';

type Way = 'official' | 'twilio' | 'evolution';

/** The whole product between providers that do what a script says, and their own records of what they took. */
export class Stage {
  private constructor(
    private readonly script: Script,
    readonly app: TestApp,
    readonly bots: readonly Bot[],
    private readonly graph: GraphDouble,
    private readonly twilio: TwilioDouble,
    private readonly evolution: EvolutionDouble,
    private readonly whatsapp: ScriptedWhatsApp,
    private readonly simulated: readonly SimulatedSend[],
    private readonly ways: Readonly<Record<Way, CutLine>>,
  ) {}

  static async open(script: Script): Promise<Stage> {
    const graph = await startGraphDouble({
      latencyMs: 5,
      script: ({ text }) => asGraphFault(script.meet('official', textOf(text))),
    });
    const twilio = await startTwilioDouble({
      stepMs: TOLD_AFTER_MS,
      script: ({ body }) => asTwilioFault(script.meet('twilio', body ?? '')),
      failureCode: POLICY_VIOLATION,
      sequence: ({ to }) => steps(script.endOf('twilio', to.replace('whatsapp:', ''))),
    });
    let told: (sent: AcceptedSend) => void = () => undefined;
    const evolution = await startEvolutionDouble({
      script: ({ text }) => asEvolutionFault(script.meet('evolution', String(text))),
      onAccepted: (sent) => told(sent),
    });
    const ways = {
      official: await openCutLine(graph.url),
      twilio: await openCutLine(twilio.url),
      evolution: await openCutLine(evolution.url),
    };
    const simulated: SimulatedSend[] = [];
    const app = await startApp(
      {
        ...VARIABLES,
        PUBLIC_URL,
        META_GRAPH_URL: ways.official.url,
        TWILIO_API_URL: ways.twilio.url,
        SIMULATOR_ALLOWED: 'true',
        LINKED_SESSIONS_MAX: '1000',
        LOG_LEVEL: 'silent',
      },
      { script: simulatorScript(script, simulated), statusStepMs: 100 },
    );
    const whatsapp = new ScriptedWhatsApp(script);
    Object.assign(app.app.get(SocketFactory, { strict: false }), {
      isInstalled: () => whatsapp.isInstalled(),
      open: (config: Parameters<SocketFactory['open']>[0]) => whatsapp.open(config),
      codec: () => whatsapp.codec(),
    });
    // In proportion to the grace, which is shortened too.
    app.app.get(SessionTiming, { strict: false }).backoffScale = 0.1;
    graph.echoTo({
      callbackUrl: `${app.url}/webhooks/official`,
      delayMs: TOLD_AFTER_MS,
      failureCode: PAYMENT_ISSUE,
      sequence: ({ to }) => ['sent', ...steps(script.endOf('official', to))],
    });
    twilio.routeCallbacks(PUBLIC_URL, app.url);
    const shop = await app.openShop();
    const bots = await openBots(app.owner, shop.tenantId, app.app.get(SecretBox, { strict: false }), script.cells, {
      evolutionOf: ({ fault }, place) =>
        fault === 'refused' && place === 'first' ? ways.evolution.url : evolution.url,
      evolutionKey: evolution.apiKey,
      webhookSecret: WEBHOOK_SECRET,
    });
    const stage = new Stage(script, app, bots, graph, twilio, evolution, whatsapp, simulated, ways);
    told = (sent) => stage.tellEvolution(sent);
    whatsapp.onTaken = (sent) => stage.tellLinked(sent);
    stage.connectInstances();
    await stage.waitForDevices();
    return stage;
  }

  /** Nothing listens at these providers any more. Lines of Evolution are reached in two ways; this is about one. */
  async cut(...providers: readonly Way[]): Promise<void> {
    await Promise.all(providers.map((provider) => this.ways[provider].cut()));
  }

  async mend(...providers: readonly Way[]): Promise<void> {
    await Promise.all(providers.map((provider) => this.ways[provider].mend()));
  }

  /** What each provider wrote down, in the order of time. */
  acceptances(): Acceptance[] {
    const graph = this.graph.accepted.map(({ body, at }) => ({
      provider: 'official' as const,
      text: textOf(body.text),
      at: at - performance.timeOrigin,
    }));
    const twilio = this.twilio.accepted.map(({ body, at }) => ({ provider: 'twilio' as const, text: body ?? '', at }));
    const evolution = this.evolution.accepted.map(({ body, at }) => ({
      provider: 'evolution' as const,
      text: String(body['text']),
      at,
    }));
    const linked = this.whatsapp.taken.map(({ text, at }) => ({ provider: 'baileys' as const, text, at }));
    const simulated = this.simulated.map(({ text, at }) => ({ provider: 'simulator' as const, text, at }));
    return [...graph, ...twilio, ...evolution, ...linked, ...simulated].toSorted((a, b) => a.at - b.at);
  }

  /** Statuses that Twilio, which tells each once, could not tell. */
  get refusedStatuses(): readonly string[] {
    return this.twilio.told.filter(({ status }) => status !== 200).map(({ status, body }) => `${status} ${body}`);
  }

  async close(): Promise<void> {
    await this.app.close();
    await Promise.all([this.graph.stop(), this.twilio.stop(), this.evolution.stop()]);
    await this.cut('official', 'twilio', 'evolution');
  }

  private connectInstances(): void {
    for (const { first, second } of this.bots)
      for (const { id, provider, externalId } of [first, second]) {
        if (provider !== 'evolution') continue;
        this.evolution.addInstance(externalId);
        const url = `${this.app.url}/webhooks/evolution/${id}`;
        this.evolution.setWebhook(externalId, { enabled: true, url, headers: { 'x-webhook-secret': WEBHOOK_SECRET } });
      }
  }

  private async waitForDevices(): Promise<void> {
    await until(
      'every linked device to be open',
      async () => {
        const { rows } = await this.app.owner.query(`select 1 from linked_session where state <> 'open' limit 1`);
        return rows.length === 0;
      },
      60_000,
    );
  }

  /** First that it was sent, which it also tells when nobody heard the answer. */
  private tellEvolution({ id, instance, body }: AcceptedSend): void {
    const remoteJid = `${String(body['number']).replaceAll(/\D/g, '')}@s.whatsapp.net`;
    const sent = textUpsert(String(body['text']), {
      id,
      key: { remoteJid, fromMe: true },
      messageTimestamp: Math.floor(Date.now() / 1000),
    });
    setTimeout(() => void this.evolution.emit(instance, 'send.message', sent), TOLD_AFTER_MS[0]);
    const end = this.script.endOf('evolution', `+${String(body['number']).replaceAll(/\D/g, '')}`);
    for (const status of ['SERVER_ACK', ...steps(end).map((step) => (step === 'failed' ? 'ERROR' : 'DELIVERY_ACK'))]) {
      setTimeout(
        () => void this.evolution.emit(instance, 'messages.update', statusUpdate(id, status)),
        status === 'SERVER_ACK' ? 2 * TOLD_AFTER_MS[0] : TOLD_AFTER_MS[1] / 2,
      );
    }
  }

  /** By the socket that is open then: what was told while none was comes with the next. */
  private tellLinked({ text, messageId }: LinkedSent): void {
    const known = this.script.known(text);
    const bot = this.bots.find(({ cell }) => cell === known?.cell);
    if (!bot || bot.cell.end === 'nothing') return;
    const status = bot.cell.end === 'failed' ? 0 : 3;
    const tell = () => {
      const socket = this.app.app.get(OpenSessions, { strict: false }).find(bot.first.id)?.socket;
      if (socket instanceof SocketDouble) void socket.status(messageId, status);
      else if (bot.cell.fault !== 'auth loss') setTimeout(tell, TOLD_AFTER_MS[0]).unref();
    };
    setTimeout(tell, TOLD_AFTER_MS[1] / 2).unref();
  }
}

function textOf(text: unknown): string {
  return typeof text === 'object' && text && 'body' in text ? String(text.body) : '';
}

function steps(end: 'delivered' | 'failed' | 'nothing'): readonly ('delivered' | 'failed')[] {
  return end === 'nothing' ? [] : [end];
}

function startApp(variables: Record<string, string>, simulator: SimulatorOptions): Promise<TestApp> {
  @Global()
  @Module({
    providers: [{ provide: SIMULATOR_OPTIONS, useValue: simulator }],
    exports: [SIMULATOR_OPTIONS],
  })
  class SimulatorOptionsModule {}
  return startTestApp(variables, async (options): Promise<DynamicModule> => {
    const product = await AppModule.forRoot(options);
    return { ...product, imports: [SimulatorOptionsModule, ...(product.imports ?? [])] };
  });
}
