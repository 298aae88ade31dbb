import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;

/** A linked device shows no buttons, lists or templates (reference 1.1), and knows no 24-hour window. WhatsApp's
 * own limits of a file are about 16 MB for what is shown and 2 GB for a document; ours are lower (reference 5.5). */
export const BAILEYS_CAPABILITIES: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 0,
  maxListRows: 0,
  canSendTemplates: false,
  canReact: true,
  canQuote: true,
  media: {
    image: { maxBytes: 16 * MB, mimeTypes: ['image/jpeg', 'image/png', 'image/webp'] },
    video: { maxBytes: 16 * MB, mimeTypes: ['video/mp4', 'video/3gpp'] },
    audio: { maxBytes: 16 * MB, mimeTypes: ['audio/ogg', 'audio/mpeg', 'audio/mp4', 'audio/aac', 'audio/amr'] },
    document: { maxBytes: 100 * MB, mimeTypes: [] },
    sticker: { maxBytes: MB, mimeTypes: ['image/webp'] },
  },
  hasServiceWindow: false,
};
