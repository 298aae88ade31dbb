import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;
/** As Meta's, so that what works here works there. */
const SIMULATOR_MEDIA: ProviderCapabilities['media'] = {
  image: { maxBytes: 5 * MB, mimeTypes: ['image/jpeg', 'image/png'] },
  video: { maxBytes: 16 * MB, mimeTypes: ['video/mp4', 'video/3gpp'] },
  audio: { maxBytes: 16 * MB, mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'] },
  document: { maxBytes: 100 * MB, mimeTypes: [] },
  sticker: { maxBytes: 500 * 1024, mimeTypes: ['image/webp'] },
};

export const SIMULATOR_CAPABILITIES: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 3,
  maxListRows: 10,
  canSendTemplates: true,
  canReact: true,
  canQuote: true,
  media: SIMULATOR_MEDIA,
  hasServiceWindow: false,
};
