import type { ProviderName } from '../../src/providers/whatsapp-provider.js';
import type { Cell, Mishap, PlannedMessage, PlannedTalk } from './plan.js';

export type Known = { readonly cell: Cell; readonly talk: PlannedTalk; readonly message: PlannedMessage };
type Hit = { readonly text: string; readonly mishap: Mishap };

/** Says what each attempt meets, by the plan; keeps what happened for the verdict. */
export class Script {
  readonly hits: Hit[] = [];
  private readonly byText = new Map<string, Known>();
  private readonly byPhone = new Map<string, Cell>();
  private readonly attempts = new Map<string, number>();
  /** Accounts that were lost stay so. */
  private readonly lost = new Set<Cell>();

  constructor(readonly cells: readonly Cell[]) {
    for (const cell of cells)
      for (const talk of cell.talks) {
        this.byPhone.set(talk.phone, cell);
        for (const message of talk.messages) this.byText.set(message.text, { cell, talk, message });
      }
  }

  /** One attempt by a line of this provider; null when nothing happens to it. */
  meet(provider: ProviderName, text: string): Mishap | null {
    const known = this.byText.get(text);
    if (!known || known.cell.provider !== provider) return null;
    if (this.lost.has(known.cell)) return this.hit(text, 'auth');
    const attempt = this.attempts.get(text) ?? 0;
    this.attempts.set(text, attempt + 1);
    const mishap = known.message.mishaps[attempt];
    if (mishap === 'auth') this.lost.add(known.cell);
    return mishap === undefined ? null : this.hit(text, mishap);
  }

  /** WhatsApp limits how often a linked device may ask whether a number exists; it asks once per customer. */
  meetsLookUp(phone: string): boolean {
    const cell = this.byPhone.get(phone);
    if (cell?.provider !== 'baileys' || cell.fault !== '429') return false;
    const asked = this.attempts.get(phone) ?? 0;
    this.attempts.set(phone, asked + 1);
    return asked <= cell.seed % 2;
  }

  /** What the provider tells of a message to this person, when a line of this provider took it. */
  endOf(provider: ProviderName, phone: string): Cell['end'] {
    const cell = this.byPhone.get(phone);
    return cell?.provider === provider ? cell.end : 'delivered';
  }

  known(text: string): Known | undefined {
    return this.byText.get(text);
  }

  cellOf(phone: string): Cell | undefined {
    return this.byPhone.get(phone);
  }

  private hit(text: string, mishap: Mishap): Mishap {
    this.hits.push({ text, mishap });
    return mishap;
  }
}
