import type { Lang } from '../localized-text.js';

/** Why a cell is refused, as the shop owner reads it; `{}` is what it is about. */
const REASONS = {
  needed: { es: 'Falta', en: 'Is missing', pt: 'Está faltando' },
  too_long: { es: 'Máximo {} caracteres', en: 'At most {} characters', pt: 'No máximo {} caracteres' },
  not_a_price: {
    es: 'No es un precio; escríbelo así: {}',
    en: 'Is not a price; write it like {}',
    pt: 'Não é um preço; escreva assim: {}',
  },
  not_a_number: {
    es: 'No es un número entero de 0 a {}',
    en: 'Is not a whole number from 0 to {}',
    pt: 'Não é um número inteiro de 0 a {}',
  },
  not_a_flag: { es: 'Escribe true o false', en: 'Write true or false', pt: 'Escreva true ou false' },
  not_a_url: {
    es: 'No es una dirección http(s): {}',
    en: 'Is not an http(s) address: {}',
    pt: 'Não é um endereço http(s): {}',
  },
  unknown_image: {
    es: 'No hay una imagen {} en sus archivos',
    en: 'There is no picture {} among your files',
    pt: 'Não há uma imagem {} entre seus arquivos',
  },
  too_many: { es: 'Máximo {}', en: 'At most {}', pt: 'No máximo {}' },
  other_currency: { es: 'La moneda del negocio es {}', en: 'The currency is {}', pt: 'A moeda do negócio é {}' },
  option_languages: {
    es: 'Cada idioma necesita tantas opciones como options_es',
    en: 'Each language needs as many options as options_es',
    pt: 'Cada idioma precisa de tantas opções quanto options_es',
  },
  option_count: {
    es: 'El producto tiene {} opciones, y la variante un valor de cada una',
    en: 'The product has {} options, and a variant a value of each',
    pt: 'O produto tem {} opções, e a variante um valor de cada',
  },
  option_count_fixed: {
    es: 'Tiene variantes con {} opciones; el número ya no cambia',
    en: 'It has variants with {} options; the number cannot change',
    pt: 'Tem variantes com {} opções; o número não muda mais',
  },
  same_options: {
    es: 'La variante {} tiene las mismas opciones',
    en: 'The variant {} has the same options',
    pt: 'A variante {} tem as mesmas opções',
  },
  of_the_product: {
    es: 'Déjalo vacío: lo pone el producto {}',
    en: 'Leave it empty: the product {} says it',
    pt: 'Deixe vazio: quem define é o produto {}',
  },
  repeated_sku: {
    es: 'El SKU ya está en la línea {}',
    en: 'The SKU is on line {} already',
    pt: 'O SKU já está na linha {}',
  },
  unknown_parent: { es: 'No hay un producto {}', en: 'There is no product {}', pt: 'Não existe o produto {}' },
  parent_is_variant: { es: '{} es una variante', en: '{} is a variant itself', pt: '{} é uma variante' },
  other_parent: {
    es: 'Ya existe y no es una variante de {}',
    en: 'It exists and is no variant of {}',
    pt: 'Já existe e não é uma variante de {}',
  },
  is_variant: {
    es: 'Es una variante: escribe aquí el SKU de su producto',
    en: 'It is a variant: write the SKU of its product here',
    pt: 'É uma variante: escreva aqui o SKU do produto',
  },
  has_stock: {
    es: 'Tiene variantes: el inventario va en ellas',
    en: 'It has variants: the stock is theirs',
    pt: 'Tem variantes: o estoque fica nelas',
  },
  held: {
    es: 'Hay {} unidades apartadas en carritos',
    en: '{} units are held in carts',
    pt: 'Há {} unidades reservadas em carrinhos',
  },
  category_depth: { es: 'Máximo {} niveles', en: 'At most {} levels', pt: 'No máximo {} níveis' },
  category_limit: { es: 'Son demasiadas categorías', en: 'Too many categories', pt: 'São categorias demais' },
  cell_count: {
    es: 'La línea tiene otro número de celdas que el encabezado: {}',
    en: 'The line has another number of cells than the header: {}',
    pt: 'A linha tem outro número de células que o cabeçalho: {}',
  },
} as const satisfies Record<string, Record<Lang, string>>;

export type ReasonCode = keyof typeof REASONS;

/** What is wrong with a cell; `column` is empty when it is the whole line. */
export type Problem = {
  readonly line: number;
  readonly column: string;
  readonly code: ReasonCode;
  readonly about?: string | number;
};

export function reasonIn(lang: Lang, { code, about = '' }: Pick<Problem, 'code' | 'about'>): string {
  return REASONS[code][lang].replace('{}', () => String(about));
}
