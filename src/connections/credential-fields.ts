import type { ProviderName } from '../providers/whatsapp-provider.js';

export type CredentialField = {
  readonly label: { readonly es: string; readonly en: string; readonly pt: string };
  /** Never shown while it is typed, and kept out of whatever remembers forms. */
  readonly isSecret: boolean;
};

const open = (es: string, en: string, pt: string): CredentialField => ({ label: { es, en, pt }, isSecret: false });
const secret = (es: string, en: string, pt: string): CredentialField => ({ label: { es, en, pt }, isSecret: true });

/** How a form calls what a provider needs, in the order it asks for it; what is allowed in each, its schema says. */
export const CREDENTIAL_FIELDS: Readonly<Record<ProviderName, Readonly<Record<string, CredentialField>>>> = {
  official: {
    phoneNumberId: open(
      'Identificador del número de teléfono',
      'Phone number ID',
      'Identificador do número de telefone',
    ),
    wabaId: open(
      'Identificador de la cuenta de WhatsApp Business',
      'WhatsApp Business Account ID',
      'Identificador da conta do WhatsApp Business',
    ),
    accessToken: secret('Token de acceso permanente', 'Permanent access token', 'Token de acesso permanente'),
    appSecret: secret('Clave secreta de la app', 'App secret', 'Chave secreta do app'),
    verifyToken: secret('Token de verificación del webhook', 'Webhook verify token', 'Token de verificação do webhook'),
  },
  twilio: {
    accountSid: open('SID de la cuenta', 'Account SID', 'SID da conta'),
    authToken: secret('Token de autenticación', 'Auth token', 'Token de autenticação'),
    from: open('Número de WhatsApp que envía', 'WhatsApp sender number', 'Número de WhatsApp que envia'),
    messagingServiceSid: open('SID del servicio de mensajería', 'Messaging Service SID', 'SID do serviço de mensagens'),
  },
  evolution: {
    baseUrl: open('Dirección del servidor', 'Server address', 'Endereço do servidor'),
    apiKey: secret('Clave de API', 'API key', 'Chave de API'),
    instanceName: open('Nombre de la instancia', 'Instance name', 'Nome da instância'),
    webhookSecret: secret('Secreto del webhook', 'Webhook secret', 'Segredo do webhook'),
  },
  baileys: {
    phoneNumber: open(
      'Número del teléfono que se vincula',
      'Number of the phone to link',
      'Número do telefone a vincular',
    ),
  },
  simulator: {},
};
