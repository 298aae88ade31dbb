import type { Step } from '../../../src/flows/engine/document/step-types.js';

/** From the e-mail to the payment, and what can go wrong. */
export const checkoutSteps: Step[] = [
  {
    id: 'ask_email',
    type: 'question',
    text: {
      es: "¿Tu correo para el recibo? (o 'omitir')",
      en: "Your e-mail for the receipt? (or 'skip')",
      pt: "Seu e-mail para o recibo? (ou 'pular')",
    },
    answer: { type: 'email', skip: ['omitir', 'skip', 'pular'] },
    save: 'email',
    retry: {
      max: 2,
      text: {
        es: 'Ese correo no parece válido.',
        en: 'That e-mail does not look right.',
        pt: 'Esse e-mail não parece válido.',
      },
      go: 'where',
    },
    timeout: { after: '2h', go: 'idle' },
    next: 'where',
  },
  {
    id: 'where',
    type: 'subflow',
    flow: 'ask_address',
    save: { address: 'result.address' },
    on: { error: 'to_human' },
    next: 'place_order',
  },
  {
    id: 'place_order',
    type: 'action',
    action: 'orders.place',
    with: { email: 'email', address: 'address' },
    save: { order: 'result' },
    on: { out_of_stock: 'sold_out', error: 'shop_down' },
    next: 'make_link',
  },
  {
    id: 'make_link',
    type: 'action',
    action: 'payments.createLink',
    with: { orderId: 'order.id' },
    save: { pay: 'result' },
    on: { error: 'shop_down' },
    next: 'send_link',
  },
  {
    id: 'send_link',
    type: 'message',
    text: {
      es: 'Pedido {{ order.number }}. Paga aquí, vale 24 h:',
      en: 'Order {{ order.number }}. Pay here within 24 h:',
      pt: 'Pedido {{ order.number }}. Pague aqui em até 24 h:',
    },
    link: { url: '{{ pay.url }}', title: { es: 'Pagar', en: 'Pay', pt: 'Pagar' } },
    resend: 'never',
    next: 'wait_payment',
  },
  {
    id: 'wait_payment',
    type: 'wait',
    event: 'payment.paid',
    where: 'event.orderId == order.id',
    remind: [
      {
        after: '2h',
        text: {
          es: 'Solo falta el pago 🙂 {{ pay.url }}',
          en: 'Only the payment is missing 🙂 {{ pay.url }}',
          pt: 'Falta só o pagamento 🙂 {{ pay.url }}',
        },
      },
    ],
    meanwhile: {
      text: {
        es: "Estoy esperando el pago. Escribe 'menú' o 'humano'.",
        en: "I am waiting for the payment. Type 'start' or 'human'.",
        pt: "Estou esperando o pagamento. Digite 'menu' ou 'humano'.",
      },
    },
    timeout: { after: '24h', go: 'unpaid' },
    next: 'paid',
  },
  {
    id: 'paid',
    type: 'message',
    text: { es: 'Pago recibido. ¡Gracias!', en: 'Payment received. Thank you!', pt: 'Pagamento recebido. Obrigado!' },
    media: { kind: 'document', url: '{{ pay.receiptUrl }}' },
    next: 'done',
  },
  {
    id: 'unpaid',
    type: 'action',
    action: 'orders.cancel',
    with: { orderId: 'order.id', reason: "'not_paid'" },
    on: { error: 'to_human' },
    next: 'idle',
  },
  {
    id: 'sold_out',
    type: 'message',
    text: {
      es: 'Un producto se agotó. Revisemos el carrito.',
      en: 'An item sold out. Let us review the cart.',
      pt: 'Um item acabou. Vamos rever o carrinho.',
    },
    next: 'has_items',
  },
  {
    id: 'shop_down',
    type: 'message',
    text: {
      es: 'Nuestro sistema no respondió; llamé a una persona.',
      en: 'Our system did not answer; I called a person.',
      pt: 'Nosso sistema não respondeu; chamei uma pessoa.',
    },
    next: 'to_human',
  },
  {
    id: 'to_human',
    type: 'handoff',
    team: 'sales',
    note: "cart: {{ size(cart.lines) }} items, total {{ money(cart.totalMinor, 'USD') }}",
    text: {
      es: 'Ya llamé a alguien del equipo.',
      en: 'Someone from the team will answer.',
      pt: 'Já chamei alguém da equipe.',
    },
    resume: 'menu',
    timeout: { after: '15m', go: 'nobody' },
  },
  {
    id: 'nobody',
    type: 'message',
    text: {
      es: 'No hay nadie libre; respondemos en horario de oficina.',
      en: 'Nobody is free now; we answer in office hours.',
      pt: 'Ninguém livre agora; respondemos em horário comercial.',
    },
    next: 'idle',
  },
  { id: 'idle', type: 'end', outcome: 'abandoned', keep: ['lang', 'cart'] },
  { id: 'done', type: 'end', outcome: 'sold', keep: ['lang'] },
];
