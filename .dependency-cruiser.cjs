/** Sub-folders that are doors of their own: what lies at their top may be imported from anywhere, like a feature's. */
const PUBLIC_FOLDERS = [
  'connections/(health|templates)',
  'conversations/(inbox|handover)',
  'delivery/statuses',
  'flows/engine',
  'products/categories',
  'providers/[^/]+',
];

const STRATEGIES = 'official|twilio|evolution|baileys|simulator';

/** The boundaries of the tree. Tests and benches may look into a feature, never make a circle. */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: { path: '^(src|test|bench)/' }, to: { circular: true } },
    {
      name: 'platform-imports-no-feature',
      severity: 'error',
      from: { path: '^src/platform/', pathNot: '\\.test\\.ts$' },
      to: { path: '^src/', pathNot: '^src/platform/' },
    },
    {
      name: 'strategies-stay-apart',
      comment: 'What two providers share has a folder of its own: meta/, whatsapp-web/, reading/, rendering/, http/.',
      severity: 'error',
      from: { path: `^src/providers/(${STRATEGIES})/` },
      to: { path: `^src/providers/(${STRATEGIES})/`, pathNot: '^src/providers/$1/' },
    },
    {
      name: 'private-files-stay-private',
      comment: 'Another feature sees the files at the top of a feature, and of the folders listed above.',
      severity: 'error',
      from: { path: '^src/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^src/([^/]+)/',
        pathNot: [
          '^src/$1/',
          '^src/platform/',
          '^src/[^/]+/[^/]+\\.ts$',
          `^src/(${PUBLIC_FOLDERS.join('|')})/[^/]+\\.ts$`,
        ],
      },
    },
    {
      name: 'src-imports-no-test-kit',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.test\\.ts$' },
      to: { path: '^(test|bench)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { extensions: ['.ts', '.js'], conditionNames: ['import', 'node', 'default'] },
  },
};
