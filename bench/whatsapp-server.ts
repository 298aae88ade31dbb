import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  loadBaileys,
  webSocketServer,
  type BaileysPackage,
  type BinaryNode,
  type WebSocketLine,
} from './baileys-package.js';
import { NoiseResponder, type Cipher, type KeyPair } from './whatsapp-noise.js';

/** More than Baileys wants to see, so that it uploads none. */
const PRE_KEYS_LEFT = '800';

/** What WhatsApp's server is to a linked device that does nothing: it lets it in, answers its questions, and holds the line. */
export class WhatsAppServer {
  /** How often a device was let in. */
  opened = 0;
  /** A client has to trust this to come in. */
  readonly root: KeyPair;
  private readonly fixed: KeyPair;
  private readonly http = createServer();

  private constructor(private readonly baileys: BaileysPackage) {
    this.root = baileys.Curve.generateKeyPair();
    this.fixed = baileys.Curve.generateKeyPair();
  }

  static async start(): Promise<WhatsAppServer> {
    const server = new WhatsAppServer(await loadBaileys());
    webSocketServer(server.http).on('connection', (line) => server.welcome(line));
    await once(server.http.listen(0, '127.0.0.1'), 'listening');
    return server;
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.http.address() as AddressInfo).port}/ws/chat`;
  }

  async stop(): Promise<void> {
    this.http.closeAllConnections();
    this.http.close();
    await once(this.http, 'close');
  }

  private welcome(line: WebSocketLine): void {
    const { NOISE_MODE: mode, NOISE_WA_HEADER: header, Curve, proto } = this.baileys;
    const noise = new NoiseResponder({ mode, header }, Curve.sharedKey);
    const ephemeral = Curve.generateKeyPair();
    let left = Buffer.alloc(0);
    let isFirst = true;
    let ciphers: { seal: Cipher; open: Cipher } | undefined;
    const shake = (frame: Uint8Array) => {
      const { clientHello, clientFinish } = proto.HandshakeMessage.decode(frame);
      if (clientHello && clientHello.ephemeral.length > 0) {
        const hello = noise.hello(ephemeral, this.fixed, clientHello.ephemeral, this.certificate());
        const serverHello = {
          ephemeral: ephemeral.public,
          static: hello.sealedStatic,
          payload: hello.sealedCertificate,
        };
        line.send(framed(proto.HandshakeMessage.encode({ serverHello }).finish()));
      } else if (clientFinish) {
        ciphers = noise.finish(ephemeral, clientFinish.static, clientFinish.payload);
        this.letIn(line, ciphers.seal);
      }
    };
    line.on('message', (data) => {
      left = Buffer.concat([left, isFirst ? data.subarray(header.length) : data]);
      isFirst = false;
      for (let frame = takeFrame(left); frame; frame = takeFrame(left)) {
        left = left.subarray(frame.length + 3);
        if (ciphers) void this.answer(ciphers.open(frame), line, ciphers.seal);
        else shake(frame);
      }
    });
  }

  private letIn(line: WebSocketLine, seal: Cipher): void {
    this.opened += 1;
    this.tell(line, seal, { tag: 'success', attrs: { t: String(Math.floor(Date.now() / 1000)), location: 'bench' } });
    this.tell(line, seal, { tag: 'ib', attrs: {}, content: [{ tag: 'offline', attrs: { count: '0' } }] });
  }

  private async answer(bytes: Uint8Array, line: WebSocketLine, seal: Cipher): Promise<void> {
    const { tag, attrs, content } = await this.baileys.decodeBinaryNode(bytes);
    if (tag !== 'iq' || !attrs['id'] || attrs['type'] === 'result') return;
    const asked = Array.isArray(content) ? (content as BinaryNode[])[0]?.tag : undefined;
    const found: BinaryNode[] = [];
    if (asked === 'count') found.push({ tag: 'count', attrs: { value: PRE_KEYS_LEFT } });
    if (asked === 'digest') found.push({ tag: 'digest', attrs: {} });
    this.tell(line, seal, {
      tag: 'iq',
      attrs: { id: attrs['id'], type: 'result', from: 's.whatsapp.net' },
      content: found,
    });
  }

  private tell(line: WebSocketLine, seal: Cipher, node: BinaryNode): void {
    line.send(framed(seal(this.baileys.encodeBinaryNode(node))));
  }

  private certificate(): Uint8Array {
    const { Curve, proto } = this.baileys;
    const { CertChain } = proto;
    const issue = (issuer: KeyPair, serial: number, key: Uint8Array) => {
      const details = CertChain.NoiseCertificate.Details.encode({ serial, issuerSerial: serial - 1, key }).finish();
      return { details, signature: Curve.sign(issuer.private, details) };
    };
    const middle = Curve.generateKeyPair();
    return CertChain.encode({
      intermediate: issue(this.root, 1, middle.public),
      leaf: issue(middle, 2, this.fixed.public),
    }).finish();
  }
}

/** Three bytes of length, then the frame. */
function framed(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length.subarray(1), bytes]);
}

function takeFrame(bytes: Buffer): Buffer | null {
  if (bytes.length < 3) return null;
  const length = bytes.readUIntBE(0, 3);
  return bytes.length < length + 3 ? null : bytes.subarray(3, length + 3);
}
