import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;

/**
 * WhatsApp's own limits (reference 5.5). A file goes inside the request as base64, four bytes for three, and the server
 * takes requests of 136 MB (4.1). It makes voice notes and stickers itself from what ffmpeg and sharp can read.
 */
const EVOLUTION_MEDIA: ProviderCapabilities['media'] = {
  image: { maxBytes: 16 * MB, mimeTypes: ['image/jpeg', 'image/png', 'image/webp'] },
  video: { maxBytes: 16 * MB, mimeTypes: ['video/mp4', 'video/3gpp'] },
  audio: { maxBytes: 16 * MB, mimeTypes: ['audio/aac', 'audio/amr', 'audio/mpeg', 'audio/mp4', 'audio/ogg'] },
  document: { maxBytes: 64 * MB, mimeTypes: [] },
  sticker: { maxBytes: 5 * MB, mimeTypes: ['image/webp', 'image/png', 'image/jpeg'] },
};

/**
 * Evolution has buttons and lists, but builds them by hand and most clients do not show them (reference 1.1), so they
 * become numbered text. Templates exist on Meta's own API only.
 */
export const EVOLUTION_CAPABILITIES: ProviderCapabilities = {
  maxTextChars: 4096,
  maxButtons: 0,
  maxListRows: 0,
  canSendTemplates: false,
  canReact: true,
  canQuote: true,
  media: EVOLUTION_MEDIA,
  hasServiceWindow: false,
};
