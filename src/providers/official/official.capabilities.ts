import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;

/** Reference 2.2. A sticker may weigh 500 kB when it moves and 100 kB when not, which only Meta can tell. */
const OFFICIAL_MEDIA: ProviderCapabilities['media'] = {
  image: { maxBytes: 5 * MB, mimeTypes: ['image/jpeg', 'image/png'] },
  video: { maxBytes: 16 * MB, mimeTypes: ['video/mp4', 'video/3gpp'] },
  audio: {
    maxBytes: 16 * MB,
    mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'],
  },
  document: { maxBytes: 100 * MB, mimeTypes: [] },
  sticker: { maxBytes: 500 * 1024, mimeTypes: ['image/webp'] },
};

/** What the Cloud API shows (reference 2.2): at most three buttons, ten rows in a list. */
export const OFFICIAL_CAPABILITIES: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 3,
  maxListRows: 10,
  canSendTemplates: true,
  canReact: true,
  canQuote: true,
  media: OFFICIAL_MEDIA,
  hasServiceWindow: true,
};
