import type { ProviderCapabilities } from '../whatsapp-provider.js';

const MB = 1024 * 1024;

/** Reference 3.3: 16 MB in all, images 5 MB. */
export const TWILIO_MEDIA: ProviderCapabilities['media'] = {
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
