import type { Step } from '../../../src/flows/engine/document/step-types.js';

/** From the greeting to the review of the cart. */
export const browseSteps: Step[] = [
  {
    id: 'hello',
    type: 'message',
    text: {
      es: '¡Hola {{ contact.name }}! Soy el bot de Tostadora Andina.',
      en: 'Hi {{ contact.name }}! I am the bot of Tostadora Andina.',
      pt: 'Olá {{ contact.name }}! Sou o robô da Tostadora Andina.',
    },
    next: 'menu',
  },
  {
    id: 'language',
    type: 'question',
    text: { es: '¿En qué idioma hablamos?', en: 'Which language do you prefer?', pt: 'Que idioma prefere?' },
    answer: {
      type: 'choice',
      options: [
        { id: 'es', title: { es: 'Español', en: 'Español', pt: 'Español' } },
        { id: 'en', title: { es: 'English', en: 'English', pt: 'English' } },
        { id: 'pt', title: { es: 'Português', en: 'Português', pt: 'Português' } },
      ],
    },
    save: 'lang',
    retry: { max: 1, go: 'menu' },
    next: 'menu',
  },
  {
    id: 'menu',
    type: 'question',
    text: { es: '¿Qué quieres hacer?', en: 'What would you like to do?', pt: 'O que você quer fazer?' },
    answer: {
      type: 'choice',
      options: [
        { id: 'buy', title: { es: 'Ver catálogo', en: 'See catalogue', pt: 'Ver catálogo' }, go: 'load_products' },
        { id: 'cart', title: { es: 'Mi carrito', en: 'My cart', pt: 'Meu carrinho' }, go: 'has_items' },
        {
          id: 'human',
          title: { es: 'Hablar con alguien', en: 'Talk to us', pt: 'Falar com alguém' },
          go: 'to_human',
        },
      ],
    },
    retry: {
      max: 2,
      text: { es: 'Toca una de las opciones.', en: 'Please tap one option.', pt: 'Toque em uma das opções.' },
      go: 'to_human',
    },
    timeout: { after: '30m', go: 'idle' },
  },
  {
    id: 'load_products',
    type: 'action',
    action: 'products.search',
    with: { query: "''" },
    save: { products: 'result.items' },
    on: { error: 'shop_down' },
    next: 'pick',
  },
  {
    id: 'pick',
    type: 'question',
    text: { es: 'Elige un producto:', en: 'Choose a product:', pt: 'Escolha um produto:' },
    answer: {
      type: 'choice',
      from: 'products',
      option: { id: 'item.sku', title: 'item.name', description: "money(item.priceMinor, 'USD')", value: 'item' },
    },
    save: 'product',
    retry: {
      max: 2,
      text: {
        es: 'No lo encontré. Usa la lista.',
        en: 'Not found. Please use the list.',
        pt: 'Não achei. Use a lista.',
      },
      go: 'to_human',
    },
    timeout: { after: '2h', go: 'idle' },
    next: 'how_many',
  },
  {
    id: 'how_many',
    type: 'question',
    text: {
      es: '¿Cuántas unidades de {{ product.name }}?',
      en: 'How many {{ product.name }}?',
      pt: 'Quantas unidades de {{ product.name }}?',
    },
    answer: { type: 'number', integer: true, min: 1, max: 20 },
    save: 'qty',
    retry: {
      max: 3,
      text: {
        es: 'Un número de 1 a 20, por favor.',
        en: 'A number from 1 to 20, please.',
        pt: 'Um número de 1 a 20, por favor.',
      },
      go: 'to_human',
    },
    timeout: { after: '2h', go: 'idle' },
    next: 'add_line',
  },
  {
    id: 'add_line',
    type: 'action',
    action: 'cart.add',
    with: { sku: 'product.sku', quantity: 'qty' },
    save: { cart: 'result' },
    on: { out_of_stock: 'sold_out', error: 'shop_down' },
    next: 'another',
  },
  {
    id: 'another',
    type: 'question',
    text: { es: '¿Algo más?', en: 'Anything else?', pt: 'Mais alguma coisa?' },
    answer: { type: 'yes_no' },
    save: 'more',
    retry: { max: 2, text: { es: '¿Sí o no?', en: 'Yes or no?', pt: 'Sim ou não?' }, go: 'has_items' },
    timeout: { after: '2h', go: 'idle' },
    next: 'more_or_done',
  },
  { id: 'more_or_done', type: 'decision', rules: [{ when: 'more', go: 'pick' }], else: 'has_items' },
  {
    id: 'has_items',
    type: 'decision',
    rules: [{ when: 'size(cart.lines) == 0', go: 'empty_cart' }],
    else: 'review',
  },
  {
    id: 'empty_cart',
    type: 'message',
    text: { es: 'Tu carrito está vacío.', en: 'Your cart is empty.', pt: 'Seu carrinho está vazio.' },
    next: 'menu',
  },
  {
    id: 'review',
    type: 'question',
    text: {
      es: "Tu pedido:\n{{ lines(cart.lines.map(i, string(i.quantity) + ' x ' + i.name)) }}\nTotal: {{ money(cart.totalMinor, 'USD') }}",
      en: "Your order:\n{{ lines(cart.lines.map(i, string(i.quantity) + ' x ' + i.name)) }}\nTotal is {{ money(cart.totalMinor, 'USD') }}",
      pt: "Seu pedido:\n{{ lines(cart.lines.map(i, string(i.quantity) + ' x ' + i.name)) }}\nO total é {{ money(cart.totalMinor, 'USD') }}",
    },
    answer: {
      type: 'choice',
      options: [
        { id: 'ok', title: { es: 'Cerrar pedido', en: 'Check out', pt: 'Fechar pedido' }, go: 'ask_email' },
        { id: 'add', title: { es: 'Agregar más', en: 'Add more', pt: 'Pôr mais' }, go: 'load_products' },
        { id: 'clear', title: { es: 'Vaciar', en: 'Empty cart', pt: 'Esvaziar' }, go: 'clear_cart' },
      ],
    },
    retry: {
      max: 2,
      text: { es: 'Toca una de las opciones.', en: 'Please tap one option.', pt: 'Toque em uma das opções.' },
      go: 'to_human',
    },
    remind: [
      {
        after: '1h',
        text: {
          es: 'Tu carrito sigue aquí 🙂',
          en: 'Your cart is still here 🙂',
          pt: 'Seu carrinho ainda está aqui 🙂',
        },
      },
    ],
    timeout: { after: '20h', go: 'idle' },
  },
  {
    id: 'clear_cart',
    type: 'action',
    action: 'cart.clear',
    save: { cart: 'result' },
    on: { error: 'shop_down' },
    next: 'menu',
  },
];
