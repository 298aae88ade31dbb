import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { evolutionCredentialsSchema, isAllowedBaseUrl } from './evolution.credentials.js';

const CREDENTIALS = { baseUrl: 'https://evo.tienda.test', apiKey: 'B6D7-11', instanceName: 'Ventas 1' };

describe('the address of the server', () => {
  it.each([
    'https://evo.example.com',
    'https://evo.example.com:8443/behind/a/path/',
    'https://93.184.216.34',
    'http://localhost:8080',
    'http://127.0.0.1:8080',
    'http://10.1.2.3',
    'http://172.31.0.1',
    'http://192.168.1.20:8080',
    'http://[::1]:8080',
    'http://[fd12::1]',
    'http://evolution:8080',
    'http://evo.lan',
  ])('may be %s', (url) => expect(isAllowedBaseUrl(url)).toBe(true));

  it.each([
    'http://evo.example.com',
    'http://93.184.216.34',
    'http://172.32.0.1',
    'http://169.254.169.254/latest/meta-data',
    'https://169.254.169.254',
    'http://[fe80::1]',
    'http://[fd00:ec2::254]',
    'http://2852039166',
    'https://user:pass@evo.example.com',
    'https://evo.example.com?x=1',
    'https://evo.example.com#x',
    'ftp://evo.example.com',
    'file:///etc/passwd',
    'evo.example.com',
  ])('may not be %s', (url) => expect(isAllowedBaseUrl(url)).toBe(false));
});

describe('the credentials', () => {
  it('are these, the secret being optional', () => {
    expect(evolutionCredentialsSchema.parse(CREDENTIALS)).toEqual(CREDENTIALS);
    const withSecret = { ...CREDENTIALS, webhookSecret: 'a-long-random-one' };
    expect(evolutionCredentialsSchema.parse(withSecret)).toEqual(withSecret);
  });

  it.each([
    { ...CREDENTIALS, instanceName: '..' },
    { ...CREDENTIALS, instanceName: 'a/b' },
    { ...CREDENTIALS, instanceName: '' },
    { ...CREDENTIALS, apiKey: 'a\r\nb' },
    { ...CREDENTIALS, baseUrl: 'http://evo.example.com' },
    { ...CREDENTIALS, webhookSecret: '' },
    { ...CREDENTIALS, token: 'x' },
    { apiKey: 'x', instanceName: 'x' },
  ])('are not %j', (wrong) => expect(evolutionCredentialsSchema.safeParse(wrong).success).toBe(false));

  it('can be drawn as a form, which says what the secret is for', () => {
    const { properties } = z.toJSONSchema(z.strictObject(evolutionCredentialsSchema.shape));
    expect(JSON.stringify(properties?.['webhookSecret'])).toContain('refused with 401');
  });
});
