type Text = { readonly es: string; readonly en: string; readonly pt: string };

const say = (es: string, en: string, pt: string): Text => ({ es, en, pt });

const NAME = "{{ contact.name == null || contact.name == '' ? '' : ' ' + contact.name }}";
const LINES =
  "{{ lines(cart.lines.map(line, '• ' + string(int(line.quantity)) + ' × ' + line.name + ' — ' + money(line.totalMinor, cart.currency))) }}";
const TOTAL = '{{ money(cart.totalMinor, cart.currency) }}';

const PLACED = '{{ order.number }} — {{ money(order.totalMinor, order.currency) }}';
const SELLER = (intro: string) => `{{ order.sellerName == null ? '' : ' ${intro} ' + order.sellerName + '.' }}`;
const same = (text: string): Text => say(text, text, text);

/** What the demo's bot says, by the step that says it. */
export const TEXTS = {
  hello: say(
    `¡Hola${NAME}! ☕ Soy el Barista de Café Tostado.`,
    `Hi${NAME}! ☕ I am the Barista of Café Tostado.`,
    `Oi${NAME}! ☕ Sou o Barista do Café Tostado.`,
  ),
  menu: say('¿Qué se te antoja hoy?', 'What would you like today?', 'O que você quer hoje?'),
  menuButton: say('Ver opciones', 'Options', 'Ver opções'),
  catalogue: say('Ver catálogo', 'See the catalogue', 'Ver o catálogo'),
  cart: say('Mi carrito', 'My cart', 'Meu carrinho'),
  status: say('Mi pedido', 'My order', 'Meu pedido'),
  human: say('Hablar con alguien', 'Talk to us', 'Falar com alguém'),
  language: say('Cambiar idioma', 'Change language', 'Mudar idioma'),
  spanish: same('Español'),
  english: same('English'),
  portuguese: same('Português'),
  whichLanguage: say('¿En qué idioma?', 'Which language?', 'Em que idioma?'),

  category: say('¿Qué estás buscando?', 'What are you looking for?', 'O que você procura?'),
  beans: say('Café en grano', 'Coffee beans', 'Café em grãos'),
  brewers: say('Métodos y filtros', 'Brewers & filters', 'Métodos e filtros'),
  accessories: say('Accesorios', 'Accessories', 'Acessórios'),
  nothing: say(
    'Por ahora no nos queda nada de eso 😔',
    'We have nothing of that left right now 😔',
    'Por enquanto não temos nada disso 😔',
  ),
  pick: say('Elige un producto:', 'Choose a product:', 'Escolha um produto:'),
  pickButton: say('Ver productos', 'See products', 'Ver produtos'),
  howMany: say(
    '¿Cuántas piezas de {{ product.name }}? Hay {{ product.available }}.',
    'How many {{ product.name }}? There are {{ product.available }}.',
    'Quantas unidades de {{ product.name }}? Há {{ product.available }}.',
  ),
  aNumber: say(
    'Un número del 1 al 99, por favor.',
    'A number from 1 to 99, please.',
    'Um número de 1 a 99, por favor.',
  ),
  fewLeft: say(
    'Solo nos quedan {{ product.available }} de {{ product.name }}.',
    'Only {{ product.available }} of {{ product.name }} left.',
    'Só temos {{ product.available }} de {{ product.name }}.',
  ),
  soldOut: say(
    'Ya no nos queda más {{ product.name }} 😔',
    'There is no more {{ product.name }} left 😔',
    'Não temos mais {{ product.name }} 😔',
  ),
  cartFull: say(
    'El carrito ya no admite más. Si necesitas tanto, una persona te ayuda: escribe "humano".',
    'The cart cannot take more. If you need that much, a person can help: type "human".',
    'O carrinho não aceita mais. Se precisa de tanto, uma pessoa ajuda: escreva "humano".',
  ),
  more: say(
    'Agregué {{ qty }} × {{ product.name }} ✅ ¿Algo más?',
    'Added {{ qty }} × {{ product.name }} ✅ Anything else?',
    'Adicionei {{ qty }} × {{ product.name }} ✅ Mais alguma coisa?',
  ),
  moreYes: say('Sí, seguir viendo', 'Yes, keep looking', 'Sim, ver mais'),
  moreNo: say('No, ver mi carrito', 'No, see my cart', 'Não, ver carrinho'),

  emptyCart: say('Tu carrito está vacío.', 'Your cart is empty.', 'Seu carrinho está vazio.'),
  review: say(
    `Tu pedido:\n${LINES}\n\nTotal: ${TOTAL}`,
    `Your order:\n${LINES}\n\nTotal: ${TOTAL}`,
    `Seu pedido:\n${LINES}\n\nTotal: ${TOTAL}`,
  ),
  place: say('Confirmar pedido', 'Place order', 'Fechar pedido'),
  add: say('Agregar más', 'Add more', 'Adicionar mais'),
  clear: say('Vaciar carrito', 'Empty cart', 'Esvaziar carrinho'),
  cleared: say('Listo, vacié tu carrito.', 'Done, your cart is empty.', 'Pronto, esvaziei seu carrinho.'),
  reminder: say(
    'Tu carrito sigue aquí ☕ ¿Confirmamos el pedido?',
    'Your cart is still here ☕ Shall we place the order?',
    'Seu carrinho ainda está aqui ☕ Confirmamos o pedido?',
  ),
  changed: say(
    'Algo de tu carrito se acabó mientras tanto. Revísalo, por favor.',
    'Something in your cart sold out meanwhile. Please review it.',
    'Algo do seu carrinho acabou nesse meio-tempo. Revise, por favor.',
  ),
  placed: say(
    `¡Gracias! 🎉 Tu pedido n.º ${PLACED}.${SELLER('Te atiende')}`,
    `Thank you! 🎉 Your order no. ${PLACED}.${SELLER('You are in the hands of')}`,
    `Obrigado! 🎉 Seu pedido n.º ${PLACED}.${SELLER('Quem atende você é')}`,
  ),
  state: say(
    `Tu pedido n.º ${PLACED}: {{ order.stateLabel }}.${SELLER('Te atiende')}`,
    `Your order no. ${PLACED}: {{ order.stateLabel }}.${SELLER('You are in the hands of')}`,
    `Seu pedido n.º ${PLACED}: {{ order.stateLabel }}.${SELLER('Quem atende você é')}`,
  ),
  noOrder: say('Todavía no tienes pedidos.', 'You have no orders yet.', 'Você ainda não tem pedidos.'),

  tapOne: say(
    'Toca una de las opciones o escribe su número.',
    'Tap one of the options or type its number.',
    'Toque em uma das opções ou escreva o número.',
  ),
  toHuman: say(
    'Ya avisé a una persona del equipo; te escribe por aquí.',
    'I told someone from the team; they will write to you here.',
    'Já avisei uma pessoa da equipe; ela escreve por aqui.',
  ),
  nobody: say(
    'Ahora mismo no hay nadie libre. Te respondemos en cuanto podamos; escribe "menú" para seguir conmigo.',
    'Nobody is free right now. We will answer as soon as we can; type "menu" to go on with me.',
    'Agora não há ninguém livre. Respondemos assim que der; escreva "menu" para seguir comigo.',
  ),
  shopDown: say(
    'Algo falló de nuestro lado; le paso tu conversación a una persona.',
    'Something failed on our side; I am passing you to a person.',
    'Algo falhou do nosso lado; vou passar você para uma pessoa.',
  ),
  cancelled: say(
    'Cancelado: tu carrito quedó vacío. Escribe cuando quieras ☕',
    'Cancelled: your cart is empty. Write whenever you like ☕',
    'Cancelado: seu carrinho ficou vazio. Escreva quando quiser ☕',
  ),
} as const;
