/** The shop a newcomer meets: a coffee roaster with its goods and its people. Prices in centavos of the peso. */

export const SHOP = { name: 'Café Tostado', locale: 'es', currency: 'MXN' } as const;
export const OWNER_NAME = 'Ana Robles';
export const BOT_NAME = 'Barista';
export const FLOW_KEY = 'cafe-tostado';
export const FLOW_TITLE = 'Café Tostado: vender café';
export const CONNECTION_NAME = 'Simulador';

export const SELLERS = [
  { name: 'Lucía Paredes', phone: '+525550000101' },
  { name: 'Mateo Ibarra', phone: '+525550000102' },
  { name: 'Rocío Salas', phone: '+525550000103' },
] as const;

type Good = {
  readonly sku: string;
  readonly name: { readonly es: string; readonly en: string; readonly pt: string };
  readonly category: string;
  readonly priceMinor: number;
  readonly stock: number;
  readonly lowStockAt: number;
};

export const PRODUCTS: readonly Good[] = [
  {
    sku: 'CAF-CHIAPAS-250',
    name: { es: 'Café de Chiapas 250 g', en: 'Chiapas coffee 250 g', pt: 'Café de Chiapas 250 g' },
    category: 'granos',
    priceMinor: 14_500,
    stock: 60,
    lowStockAt: 10,
  },
  {
    sku: 'CAF-OAXACA-250',
    name: { es: 'Café de Oaxaca 250 g', en: 'Oaxaca coffee 250 g', pt: 'Café de Oaxaca 250 g' },
    category: 'granos',
    priceMinor: 15_900,
    stock: 45,
    lowStockAt: 10,
  },
  {
    sku: 'CAF-VERACRUZ-500',
    name: { es: 'Café de Veracruz 500 g', en: 'Veracruz coffee 500 g', pt: 'Café de Veracruz 500 g' },
    category: 'granos',
    priceMinor: 26_900,
    stock: 30,
    lowStockAt: 6,
  },
  {
    sku: 'CAF-CASA-1000',
    name: { es: 'Mezcla de la casa 1 kg', en: 'House blend 1 kg', pt: 'Blend da casa 1 kg' },
    category: 'granos',
    priceMinor: 42_000,
    stock: 25,
    lowStockAt: 5,
  },
  {
    sku: 'CAF-DESCAF-250',
    name: { es: 'Descafeinado 250 g', en: 'Decaf 250 g', pt: 'Descafeinado 250 g' },
    category: 'granos',
    priceMinor: 16_500,
    stock: 20,
    lowStockAt: 5,
  },
  {
    sku: 'CAF-MICRO-150',
    name: { es: 'Microlote Geisha 150 g', en: 'Geisha microlot 150 g', pt: 'Microlote Geisha 150 g' },
    category: 'granos',
    priceMinor: 38_000,
    stock: 4,
    lowStockAt: 3,
  },
  {
    sku: 'MET-PRENSA-600',
    name: { es: 'Prensa francesa 600 ml', en: 'French press 600 ml', pt: 'Prensa francesa 600 ml' },
    category: 'métodos',
    priceMinor: 54_900,
    stock: 15,
    lowStockAt: 3,
  },
  {
    sku: 'MET-V60-02',
    name: { es: 'Cono V60 cerámica', en: 'V60 ceramic dripper', pt: 'Coador V60 cerâmica' },
    category: 'métodos',
    priceMinor: 47_500,
    stock: 12,
    lowStockAt: 3,
  },
  {
    sku: 'MET-FILTROS-100',
    name: { es: 'Filtros V60, 100', en: 'V60 filters, 100', pt: 'Filtros V60, 100' },
    category: 'métodos',
    priceMinor: 12_900,
    stock: 80,
    lowStockAt: 15,
  },
  {
    sku: 'ACC-MOLINO',
    name: { es: 'Molino manual', en: 'Hand grinder', pt: 'Moedor manual' },
    category: 'accesorios',
    priceMinor: 89_900,
    stock: 8,
    lowStockAt: 2,
  },
  {
    sku: 'ACC-TAZA-BARRO',
    name: { es: 'Taza de barro', en: 'Clay mug', pt: 'Caneca de barro' },
    category: 'accesorios',
    priceMinor: 18_000,
    stock: 40,
    lowStockAt: 8,
  },
  {
    sku: 'ACC-BASCULA',
    name: { es: 'Báscula con cronómetro', en: 'Scale with timer', pt: 'Balança com timer' },
    category: 'accesorios',
    priceMinor: 69_900,
    stock: 10,
    lowStockAt: 2,
  },
];
