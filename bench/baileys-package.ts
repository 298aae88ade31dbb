import { createRequire } from 'node:module';
import type { KeyPair } from './whatsapp-noise.js';

export type BinaryNode = {
  readonly tag: string;
  readonly attrs: Readonly<Record<string, string>>;
  readonly content?: readonly BinaryNode[] | string | Uint8Array;
};

type Message<T> = { encode(value: T): { finish(): Uint8Array }; decode(bytes: Uint8Array): T };
type Certificate = { readonly details: Uint8Array; readonly signature: Uint8Array };
type Handshake = {
  readonly clientHello?: { readonly ephemeral: Uint8Array };
  readonly serverHello?: { readonly ephemeral: Uint8Array; readonly static: Uint8Array; readonly payload: Uint8Array };
  readonly clientFinish?: { readonly static: Uint8Array; readonly payload: Uint8Array };
};

/** What the benches use of the package beside what the product does. */
export type BaileysPackage = {
  readonly Curve: {
    generateKeyPair(): KeyPair;
    sharedKey(ownPrivate: Uint8Array, theirPublic: Uint8Array): Uint8Array;
    sign(ownPrivate: Uint8Array, data: Uint8Array): Uint8Array;
  };
  readonly NOISE_MODE: string;
  readonly NOISE_WA_HEADER: Uint8Array;
  /** Whom it trusts to certify WhatsApp's servers. */
  readonly WA_CERT_DETAILS: { PUBLIC_KEY: Uint8Array };
  readonly proto: {
    readonly HandshakeMessage: Message<Handshake>;
    readonly CertChain: Message<{ readonly leaf: Certificate; readonly intermediate: Certificate }> & {
      readonly NoiseCertificate: {
        readonly Details: Message<{ serial: number; issuerSerial: number; key: Uint8Array }>;
      };
    };
  };
  initAuthCreds(): object;
  encodeBinaryNode(node: BinaryNode): Uint8Array;
  decodeBinaryNode(bytes: Uint8Array): Promise<BinaryNode>;
};

export type WebSocketLine = {
  on(event: 'message', listener: (data: Buffer) => void): void;
  send(data: Uint8Array): void;
};
export type WebSocketServer = {
  on(event: 'connection', listener: (line: WebSocketLine) => void): void;
};

/** Not literals: the package is optional, and types and build must do without it. */
const PACKAGE: string = '@whiskeysockets/baileys';

/** @throws Error it is not installed */
export async function loadBaileys(): Promise<BaileysPackage> {
  return (await import(PACKAGE)) as BaileysPackage;
}

/** The package's own WebSocket library. */
export function webSocketServer(server: object): WebSocketServer {
  const { WebSocketServer: Server } = createRequire(import.meta.resolve(PACKAGE))('ws') as {
    WebSocketServer: new (options: object) => WebSocketServer;
  };
  return new Server({ server });
}
