import { FLOW_KEY } from './coffee-shop.js';
import { TEXTS } from './coffee-shop.texts.js';

type Text = { readonly es: string; readonly en: string; readonly pt: string };
type Fields = Readonly<Record<string, unknown>>;

/** Inside WhatsApp's 24 hours, so that what is said at the end may still be said. */
const PATIENCE = '20h';

const message = (id: string, text: Text, next: string) => ({ id, type: 'message', text, next });

/** Nobody is left hanging: every question has a way out for wrong answers and for silence. */
const question = (id: string, text: Text, answer: Fields, { retry = TEXTS.tapOne, ...rest }: Fields = {}) => ({
  id,
  type: 'question',
  text,
  answer,
  retry: { max: 3, text: retry, go: 'to_human' },
  timeout: { after: PATIENCE, go: 'idle' },
  ...rest,
});

const action = (id: string, name: string, { on = {}, ...rest }: Fields & { on?: Fields }) => ({
  id,
  type: 'action',
  action: name,
  on: { ...on, error: 'shop_down' },
  ...rest,
});

const option = (id: string, title: Text, go: string) => ({ id, title, go });
const decision = (id: string, when: string, go: string, otherwise: string) => ({
  id,
  type: 'decision',
  rules: [{ when, go }],
  else: otherwise,
});
const speak = (id: string, lang: string) => ({
  id,
  type: 'set',
  set: { lang: `'${lang}'` },
  next: 'remember_language',
});

const steps = [
  message('hello', TEXTS.hello, 'menu'),
  question('menu', TEXTS.menu, {
    type: 'choice',
    button: TEXTS.menuButton,
    options: [
      option('catalogue', TEXTS.catalogue, 'category'),
      option('cart', TEXTS.cart, 'view_cart'),
      option('status', TEXTS.status, 'find_order'),
      option('human', TEXTS.human, 'to_human'),
      option('language', TEXTS.language, 'language'),
    ],
  }),

  question(
    'language',
    TEXTS.whichLanguage,
    {
      type: 'choice',
      options: [
        { id: 'es', title: TEXTS.spanish },
        { id: 'en', title: TEXTS.english },
        { id: 'pt', title: TEXTS.portuguese },
      ],
    },
    { save: 'lang', next: 'remember_language' },
  ),
  speak('to_spanish', 'es'),
  speak('to_english', 'en'),
  speak('to_portuguese', 'pt'),
  action('remember_language', 'contacts.update', { with: { locale: 'lang' }, next: 'menu' }),

  question(
    'category',
    TEXTS.category,
    {
      type: 'choice',
      options: [
        { id: 'granos', title: TEXTS.beans },
        { id: 'métodos', title: TEXTS.brewers },
        { id: 'accesorios', title: TEXTS.accessories },
      ],
    },
    { save: 'category', next: 'search' },
  ),
  action('search', 'products.search', {
    with: { category: 'category' },
    save: { products: 'result.items' },
    next: 'any_found',
  }),
  decision('any_found', 'size(products) == 0', 'nothing', 'pick'),
  message('nothing', TEXTS.nothing, 'menu'),
  question(
    'pick',
    TEXTS.pick,
    {
      type: 'choice',
      button: TEXTS.pickButton,
      from: 'products',
      option: {
        id: 'item.sku',
        title: 'item.name',
        description: 'money(item.priceMinor, item.currency)',
        value: 'item',
      },
    },
    { save: 'product', next: 'how_many' },
  ),
  question(
    'how_many',
    TEXTS.howMany,
    { type: 'number', integer: true, min: 1, max: 99 },
    { retry: TEXTS.aNumber, save: 'qty', next: 'add' },
  ),
  action('add', 'cart.add', {
    with: { productId: 'product.id', quantity: 'qty' },
    next: 'more',
    on: { out_of_stock: 'look_again', unknown_product: 'sold_out', cart_limit: 'cart_full' },
  }),
  question('more', TEXTS.more, {
    type: 'choice',
    options: [option('yes', TEXTS.moreYes, 'category'), option('no', TEXTS.moreNo, 'view_cart')],
  }),

  action('look_again', 'products.search', {
    with: { text: 'product.sku', limit: '1' },
    save: { products: 'result.items' },
    next: 'any_left',
  }),
  decision('any_left', 'size(products) == 0', 'sold_out', 'take_fresh'),
  { id: 'take_fresh', type: 'set', set: { product: 'products[0]' }, next: 'few_left' },
  message('few_left', TEXTS.fewLeft, 'how_many'),
  message('sold_out', TEXTS.soldOut, 'category'),
  message('cart_full', TEXTS.cartFull, 'view_cart'),

  action('view_cart', 'cart.view', { save: { cart: 'result' }, next: 'any_lines' }),
  decision('any_lines', 'size(cart.lines) == 0', 'empty_cart', 'review'),
  message('empty_cart', TEXTS.emptyCart, 'menu'),
  question(
    'review',
    TEXTS.review,
    {
      type: 'choice',
      options: [
        option('place', TEXTS.place, 'place_order'),
        option('add', TEXTS.add, 'category'),
        option('clear', TEXTS.clear, 'clear_cart'),
      ],
    },
    { remind: [{ after: '1h', text: TEXTS.reminder }] },
  ),
  action('clear_cart', 'cart.clear', { next: 'cleared' }),
  message('cleared', TEXTS.cleared, 'menu'),

  action('place_order', 'orders.place', {
    save: { order: 'result' },
    next: 'placed',
    on: { out_of_stock: 'cart_changed', empty_cart: 'empty_cart' },
  }),
  message('cart_changed', TEXTS.changed, 'view_cart'),
  message('placed', TEXTS.placed, 'sold'),

  action('find_order', 'orders.status', {
    save: { order: 'result' },
    next: 'order_state',
    on: { no_order: 'no_order' },
  }),
  message('order_state', TEXTS.state, 'menu'),
  message('no_order', TEXTS.noOrder, 'menu'),

  action('cancel', 'cart.clear', { next: 'say_cancelled' }),
  message('say_cancelled', TEXTS.cancelled, 'cancelled'),
  message('shop_down', TEXTS.shopDown, 'to_human'),
  {
    id: 'to_human',
    type: 'handoff',
    team: 'ventas',
    note: 'Idioma: {{ lang }}',
    text: TEXTS.toHuman,
    resume: 'menu',
    timeout: { after: '15m', go: 'nobody' },
  },
  message('nobody', TEXTS.nobody, 'idle'),
  { id: 'idle', type: 'end', outcome: 'abandoned' },
  { id: 'cancelled', type: 'end', outcome: 'cancelled' },
  { id: 'sold', type: 'end', outcome: 'sold' },
];

/** The demo's flow: greeting, catalogue, cart, order, in three languages. */
export const coffeeShopFlow: Record<string, unknown> = {
  dsl: 1,
  flow: FLOW_KEY,
  locales: ['es', 'en', 'pt'],
  time_zone: 'America/Mexico_City',
  vars: {
    category: { type: 'string' },
    products: { type: 'list' },
    product: { type: 'map' },
    qty: { type: 'int' },
    cart: { type: 'map' },
    order: { type: 'map' },
  },
  anytime: [
    { match: ['humano', 'persona', 'asesor', 'pessoa', 'atendente', 'human', 'agent', 'person'], go: 'to_human' },
    { match: ['menú', 'inicio', 'início', 'menu', 'start'], go: 'menu' },
    { match: ['cancelar', 'cancel'], go: 'cancel' },
    { match: ['español', 'spanish', 'espanhol'], go: 'to_spanish' },
    { match: ['english', 'inglés', 'inglês'], go: 'to_english' },
    { match: ['português', 'portugués', 'portuguese'], go: 'to_portuguese' },
  ],
  start: 'hello',
  steps,
};
