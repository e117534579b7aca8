/** SOAP 1.1 over HTTP with a WS-Security UsernameToken, as systems of the 2010s speak it. */
import { createHash, randomBytes } from 'node:crypto';
import type { SourceCode } from '../../core/department.ts';
import type { Clock } from '../../core/platform/clock.ts';
import type { Http } from './http.ts';
import { isWireFault, wireFault } from './wire-fault.ts';
import { parseXml, XmlFault } from './xml.ts';

export interface Soap {
  /**
   * Calls an operation; `body` is the XML inside its element, escaped by `escapeXml`. Resolves with what is inside
   * `{operation}Response`: names without prefixes, text as strings, `xsi:nil` as null, attributes dropped.
   */
  call(operation: string, body: string, options: { readonly signal: AbortSignal }): Promise<unknown>;
}

export interface SoapOptions {
  readonly source: SourceCode;
  readonly http: Http;
  readonly path: string;
  /** Target namespace of the operations. */
  readonly namespace: string;
  readonly username: string;
  readonly password: string;
  readonly clock: Clock;
}

const ENVELOPE = 'http://schemas.xmlsoap.org/soap/envelope/';
const OASIS = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-';

export const escapeXml = (text: string): string =>
  text.replace(/[<>&"']/g, (character) => `&#${character.charCodeAt(0)};`);

/** Base64(SHA-1(nonce + created + password)), as UsernameToken Profile 1.0 has it. */
export const passwordDigest = (nonce: Buffer, created: string, password: string): string =>
  createHash('sha1').update(nonce).update(created).update(password).digest('base64');

function securityHeader(username: string, password: string, now: Date): string {
  const nonce = randomBytes(16);
  const created = now.toISOString();
  return (
    `<wsse:Security soap:mustUnderstand="1" xmlns:wsse="${OASIS}wssecurity-secext-1.0.xsd" xmlns:wsu="${OASIS}wssecurity-utility-1.0.xsd">` +
    `<wsse:UsernameToken><wsse:Username>${escapeXml(username)}</wsse:Username>` +
    `<wsse:Password Type="${OASIS}username-token-profile-1.0#PasswordDigest">${passwordDigest(nonce, created, password)}</wsse:Password>` +
    `<wsse:Nonce EncodingType="${OASIS}soap-message-security-1.0#Base64Binary">${nonce.toString('base64')}</wsse:Nonce>` +
    `<wsu:Created>${created}</wsu:Created></wsse:UsernameToken></wsse:Security>`
  );
}

const child = (node: unknown, name: string): unknown =>
  typeof node === 'object' && node !== null ? (node as Record<string, unknown>)[name] : undefined;

/** Parses an envelope down to its Body. */
export function readEnvelope(source: SourceCode, bytes: Buffer): unknown {
  let document: unknown;
  try {
    document = parseXml(bytes.toString('utf8'));
  } catch (error) {
    if (!(error instanceof XmlFault)) throw error;
    throw wireFault(source, 'unparsable', { field: '(xml)', cause: error });
  }
  const body = child(child(document, 'Envelope'), 'Body');
  if (body === undefined) throw wireFault(source, 'unparsable', { field: 'Envelope.Body' });
  return body;
}

/** `soap:Client`, `Server.Busy`; nothing that could carry data. */
const faultCode = (fault: unknown): string => {
  const given = child(fault, 'faultcode');
  return typeof given === 'string' && /^[\w.:-]{1,60}$/.test(given) ? given : 'unnamed';
};

export function createSoap(options: SoapOptions): Soap {
  const { source, http, path, namespace, username, password, clock } = options;
  return {
    async call(operation, body, { signal }) {
      const envelope =
        `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="${ENVELOPE}" xmlns:op="${namespace}">` +
        `<soap:Header>${securityHeader(username, password, clock.wall())}</soap:Header>` +
        `<soap:Body><op:${operation}>${body}</op:${operation}></soap:Body></soap:Envelope>`;
      const reply = await http.request({
        method: 'POST',
        path,
        headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: `"${namespace}/${operation}"` },
        body: envelope,
        signal,
      });
      if (reply.status === 502 || reply.status === 504) throw wireFault(source, 'unreachable');
      let content: unknown;
      try {
        content = readEnvelope(source, reply.body);
      } catch (error) {
        // A proxy's or the server's own page instead of an envelope: it said no, in its way.
        if (isWireFault(error) && reply.status >= 400) throw wireFault(source, 'refused', { cause: error });
        throw error;
      }
      const fault = child(content, 'Fault');
      if (fault !== undefined) {
        throw wireFault(source, 'refused', { cause: new Error(`SOAP fault ${faultCode(fault)}`) });
      }
      const response = child(content, `${operation}Response`);
      if (response === undefined) throw wireFault(source, 'unparsable', { field: `${operation}Response` });
      return response;
    },
  };
}
