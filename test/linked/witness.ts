import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import type { Said } from '../support/witnessed-whatsapp.js';

type Device = { wire: Socket | null; pid: number; keys: number; closedAt: number | null };
type Hello = Extract<Said, { device: string }>;

/** Stands where WhatsApp's server would, outlives every process, and sees what none of them can see of the others. */
export class Witness {
  /** What must never happen. */
  readonly seen = { twoHolders: 0, openedWithoutLease: 0, keysUsedTwice: 0, logouts: 0, unknownDevices: 0 };
  opens = 0;
  private readonly devices = new Map<string, Device>();
  private downtimesMs: number[] = [];

  private constructor(
    private readonly server: Server,
    private readonly holds: (device: string, pid: number) => Promise<boolean>,
  ) {}

  /** @param holds whether that process has the lease of this device at this moment */
  static async start(
    devices: readonly string[],
    holds: (device: string, pid: number) => Promise<boolean>,
  ): Promise<Witness> {
    const server = createServer({ noDelay: true });
    const witness = new Witness(server, holds);
    for (const device of devices) witness.devices.set(device, { wire: null, pid: 0, keys: 0, closedAt: null });
    server.on('connection', (wire) => witness.listen(wire));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return witness;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Devices that are open, of one process or of all. */
  openCount(pid?: number): number {
    return [...this.devices.values()].filter((device) => device.wire && (pid ?? device.pid) === device.pid).length;
  }

  /** How long each device that came back since the last call was closed, in milliseconds, shortest first. */
  takeDowntimes(): number[] {
    const taken = this.downtimesMs.toSorted((a, b) => a - b);
    this.downtimesMs = [];
    return taken;
  }

  async stop(): Promise<void> {
    for (const { wire } of this.devices.values()) wire?.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private listen(wire: Socket): void {
    let device: Device | undefined;
    wire.on('error', () => undefined);
    createInterface({ input: wire }).on('line', (line) => {
      const said = JSON.parse(line) as Said;
      if ('device' in said) {
        device = this.devices.get(said.device);
        if (device) void this.admit(device, wire, said);
        else this.refuse('unknownDevices', wire);
      }
      if ('keys' in said && device) this.turn(device, said.keys);
      if ('logout' in said) this.seen.logouts += 1;
    });
    wire.once('close', () => {
      if (device?.wire !== wire) return;
      device.wire = null;
      device.closedAt = performance.now();
    });
  }

  private async admit(device: Device, wire: Socket, { device: id, pid }: Hello): Promise<void> {
    if (device.wire) return this.refuse('twoHolders', wire);
    device.wire = wire;
    device.pid = pid;
    if (!(await this.holds(id, pid))) this.seen.openedWithoutLease += 1;
    if (device.wire !== wire) return;
    this.opens += 1;
    if (device.closedAt !== null) this.downtimesMs.push(performance.now() - device.closedAt);
    wire.write('open\n');
  }

  private turn(device: Device, keys: number): void {
    if (keys <= device.keys) this.seen.keysUsedTwice += 1;
    device.keys = Math.max(device.keys, keys);
  }

  private refuse(why: 'twoHolders' | 'unknownDevices', wire: Socket): void {
    this.seen[why] += 1;
    wire.end('refused\n');
  }
}
