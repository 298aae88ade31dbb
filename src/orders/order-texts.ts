import { formatMoney } from '../messages/money.js';
import { ORDER_STATES } from './order-state.js';

export const LANGS = ['es', 'en', 'pt'] as const;
export type Lang = (typeof LANGS)[number];
export type Texts = Readonly<Record<Lang, string>>;

/** One per state, and the reminder that an order's payment is missing. */
export const ORDER_MESSAGES = [...ORDER_STATES, 'expiring'] as const;
export type OrderMessageName = (typeof ORDER_MESSAGES)[number];

/** What a text may say by name, such as {number}; {deadline} is empty but in the reminder. */
export const PLACEHOLDERS = ['number', 'total', 'name', 'shop', 'deadline'] as const;

/** Off where the customer has just been told by the bot itself, or needs no word from the shop. */
export const DEFAULT_MESSAGES: Readonly<Record<OrderMessageName, { readonly isOn: boolean; readonly texts: Texts }>> = {
  placed: {
    isOn: false,
    texts: {
      es: 'Recibimos tu pedido #{number} por {total}. ¡Gracias!',
      en: 'We have received your order #{number} for {total}. Thank you!',
      pt: 'Recebemos seu pedido #{number} no valor de {total}. Obrigado!',
    },
  },
  confirmed: {
    isOn: true,
    texts: {
      es: 'Tu pedido #{number} está confirmado.',
      en: 'Your order #{number} is confirmed.',
      pt: 'Seu pedido #{number} está confirmado.',
    },
  },
  paid: {
    isOn: true,
    texts: {
      es: 'Recibimos el pago de tu pedido #{number}. ¡Gracias!',
      en: 'We have received the payment for your order #{number}. Thank you!',
      pt: 'Recebemos o pagamento do seu pedido #{number}. Obrigado!',
    },
  },
  shipped: {
    isOn: true,
    texts: {
      es: 'Tu pedido #{number} va en camino.',
      en: 'Your order #{number} is on its way.',
      pt: 'Seu pedido #{number} está a caminho.',
    },
  },
  delivered: {
    isOn: false,
    texts: {
      es: 'Tu pedido #{number} fue entregado. ¡Gracias por tu compra!',
      en: 'Your order #{number} has been delivered. Thank you for your purchase!',
      pt: 'Seu pedido #{number} foi entregue. Obrigado pela compra!',
    },
  },
  cancelled: {
    isOn: true,
    texts: {
      es: 'Tu pedido #{number} fue cancelado. Si tienes dudas, responde a este mensaje.',
      en: 'Your order #{number} has been cancelled. If you have any questions, reply to this message.',
      pt: 'Seu pedido #{number} foi cancelado. Se tiver dúvidas, responda a esta mensagem.',
    },
  },
  expiring: {
    isOn: true,
    texts: {
      es: 'Aún no recibimos el pago de tu pedido #{number} por {total}. Lo apartamos hasta el {deadline}; después se cancelará.',
      en: 'We have not received the payment for your order #{number} ({total}) yet. We keep it until {deadline}; then it will be cancelled.',
      pt: 'Ainda não recebemos o pagamento do seu pedido #{number} no valor de {total}. Ele fica reservado até {deadline}; depois será cancelado.',
    },
  },
};

type Words = {
  readonly number: number;
  readonly totalMinor: number;
  readonly currency: string;
  readonly name: string | null;
  readonly shop: string;
  readonly deadline?: string;
};

export function fillText(text: string, words: Words, lang: Lang): string {
  const { number, totalMinor, currency, name, shop, deadline = '' } = words;
  const values: Readonly<Record<string, string>> = {
    number: String(number),
    total: formatMoney(totalMinor, currency, lang),
    name: name ?? '',
    shop,
    deadline,
  };
  return text.replaceAll(/\{(\w+)\}/g, (whole, word: string) =>
    Object.hasOwn(values, word) ? (values[word] ?? '') : whole,
  );
}

/** Such as "4 de marzo a las 15:04". */
export function formatDeadline(at: Date, lang: Lang, timeZone: string): string {
  return at.toLocaleString(lang, { timeZone, day: 'numeric', month: 'long', hour: '2-digit', minute: '2-digit' });
}
