import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;

/** Reference 3.3: 16 MB in all, images 5 MB. */
const TWILIO_MEDIA: ProviderCapabilities['media'] = {
  image: { maxBytes: 5 * MB, mimeTypes: ['image/jpeg', 'image/png', 'image/webp'] },
  video: { maxBytes: 16 * MB, mimeTypes: ['video/mp4'] },
  audio: {
    maxBytes: 16 * MB,
    mimeTypes: ['audio/ogg', 'audio/amr', 'audio/3gpp', 'audio/aac', 'audio/mpeg'],
  },
  document: {
    maxBytes: 16 * MB,
    mimeTypes: [
      'application/pdf',
      'application/msword',
      'application/vnd.ms-excel',
      'application/vnd.ms-powerpoint',
      'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
      'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
      'application/vnd.openxmlformats-officedocument.presentationml.presentation',
    ],
  },
  sticker: { maxBytes: 5 * MB, mimeTypes: ['image/webp'] },
};

/**
 * Buttons and lists need a Content template made beforehand (reference 3.2), so choices are numbered text here. A
 * longer text is refused with code 21617.
 */
export const TWILIO_CAPABILITIES: ProviderCapabilities = {
  maxTextChars: 1600,
  maxButtons: 0,
  maxListRows: 0,
  canSendTemplates: true,
  canReact: false,
  canQuote: false,
  media: TWILIO_MEDIA,
  hasServiceWindow: true,
};
