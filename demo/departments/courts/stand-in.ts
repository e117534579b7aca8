/** A court's case system of the 2010s: SOAP 1.1 with WSDL, WS-Security UsernameToken, paging by record number. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../core/platform/errors.ts';
import { projectRoot } from '../../../core/platform/project-root.ts';
import { loadRows } from '../../county/county-files.ts';
import type { StandIn, StandInContext, StandInServer } from '../kit/stand-in.ts';
import { createCaseRegister } from './case-register.ts';
import type { CaseRegister } from './case-register.ts';
import { caseXml } from './case-xml.ts';
import { createTokenCheck, readSoapRequest, USERNAME } from './soap-request.ts';
import type { SoapRequest } from './soap-request.ts';

const PATH = '/services/CaseQueryService';
const NAMESPACE = 'urn:fayuan:anjian:2013';
const MAX_KEYS = 200;
const MAX_PAGE = 500;
const MAX_BODY = 1024 * 1024;

const envelope = (body: string): string =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<S:Envelope xmlns:S="http://schemas.xmlsoap.org/soap/envelope/" ` +
  `xmlns:fy="${NAMESPACE}" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><S:Body>${body}</S:Body></S:Envelope>`;
const fault = (code: string, text: string): string =>
  envelope(`<S:Fault><faultcode>S:${code}</faultcode><faultstring>${text}</faultstring></S:Fault>`);
const response = (operation: string, body: string): string =>
  envelope(`<fy:${operation}Response>${body}</fy:${operation}Response>`);

/** Answers with the content of the response element, or null for a request that its contract does not allow. */
function perform(register: CaseRegister, { operation, body }: SoapRequest): string | null {
  const numberIn = (value: unknown): number =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : NaN;
  switch (operation) {
    case 'GetCasesByKey': {
      const given: unknown[] = Array.isArray(body['JLH'])
        ? body['JLH']
        : body['JLH'] === undefined
          ? []
          : [body['JLH']];
      if (given.length === 0 || given.length > MAX_KEYS) return null;
      const cases = given
        .map((key) => register.find(numberIn(key)))
        .filter((found) => found !== null)
        .filter((found) => found.row !== null);
      return `<fy:AnJianLB>${cases.map(caseXml).join('')}</fy:AnJianLB>`;
    }
    case 'ListChangedCases': {
      const since = numberIn(body['QSBGH']);
      const after = numberIn(body['QSJLH']);
      const limit = numberIn(body['MYTS']);
      // An empty end (止变更号) means "up to now": the answer says what now is, so that the next page asks for the same.
      const until = body['ZZBGH'] === '' ? register.lastChange : numberIn(body['ZZBGH']);
      if (![since, after, limit, until].every(Number.isFinite) || limit < 1 || limit > MAX_PAGE) return null;
      const page = register.changed(since, until, after, limit + 1);
      return (
        `<fy:ZZBGH>${until}</fy:ZZBGH><fy:ZS>${register.size}</fy:ZS><fy:SFHY>${page.length > limit ? '1' : '0'}</fy:SFHY>` +
        `<fy:AnJianLB>${page.slice(0, limit).map(caseXml).join('')}</fy:AnJianLB>`
      );
    }
    case 'Echo':
      return '<fy:ZT>OK</fy:ZT>';
    default:
      return null;
  }
}

const changeRequest = z.union([
  z.strictObject({ key: z.string(), delete: z.literal(true) }),
  z.strictObject({ key: z.string(), set: z.record(z.string(), z.unknown()) }),
]);

async function open(context: StandInContext): Promise<StandInServer> {
  const register = createCaseRegister(await loadRows(context.countyDir, 'courts'));
  const tokenIsGood = createTokenCheck(context.secret);
  const wsdl = readFileSync(join(projectRoot, 'demo/departments/courts/case-query.wsdl'), 'utf8');
  let turns = 0;

  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<readonly [number, string]> => {
    const parts: Buffer[] = [];
    let size = 0;
    for await (const part of request as AsyncIterable<Buffer>) {
      size += part.length;
      if (size > MAX_BODY) return [413, fault('Client', 'too large')];
      parts.push(part);
    }
    const call = readSoapRequest(Buffer.concat(parts).toString('utf8'));
    const operation = call?.operation;
    context.count(operation === 'GetCasesByKey' ? 'byKey' : operation === 'ListChangedCases' ? 'changes' : 'other');
    await context.latency(signal);
    const { mode } = context.behaviour();
    if (mode === 'refuse') return [500, fault('Server', '系统维护中')];
    if (mode === 'garbage') {
      turns += 1;
      // In turn: an envelope with something else in it, and one torn off in the middle.
      return [200, turns % 2 === 1 ? envelope('<fy:XiTongTiShi/>') : envelope('<fy:AnJianLB>').slice(0, -20)];
    }
    if (call === null) return [500, fault('Client', 'not a SOAP request')];
    if (!tokenIsGood(call.token, context.now())) return [500, fault('FailedAuthentication', 'token')];
    const content = perform(register, call);
    return content === null ? [500, fault('Client', 'bad request')] : [200, response(call.operation, content)];
  };

  const handle = (request: IncomingMessage, reply: ServerResponse): void => {
    const gone = new AbortController();
    reply.once('close', () => gone.abort());
    const send = (status: number, body: string): void => {
      reply.writeHead(status, { 'content-type': 'text/xml; charset=utf-8' }).end(body);
    };
    if (request.method === 'GET' && request.url === `${PATH}?wsdl`) {
      send(200, wsdl.replaceAll('{{address}}', `http://${request.headers.host ?? '127.0.0.1'}${PATH}`));
      return;
    }
    if (request.method !== 'POST' || request.url !== PATH) {
      reply.writeHead(404).end();
      return;
    }
    answer(request, gone.signal).then(
      ([status, body]) => send(status, body),
      () => reply.destroy(),
    );
  };
  let server = createServer(handle);

  const unlisten = async (): Promise<void> => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    server.closeAllConnections();
    await closed;
  };

  return {
    connection: { path: PATH, username: USERNAME, password: context.secret },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server = createServer({ keepAliveTimeout: 60_000 }, handle);
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
    unlisten,
    async change(request) {
      const change = changeRequest.parse(request);
      const found = register.find(Number(change.key));
      if (found?.row == null) throw new AppError('NOT_FOUND', 'No such case.');
      if ('delete' in change) register.remove(found.number);
      else register.put({ ...found.row, ...change.set, key: found.row.key, changedAt: context.now().toISOString() });
      return { change: register.lastChange };
    },
    async close() {
      if (server.listening) await unlisten();
    },
  };
}

export const courtsStandIn: StandIn = { name: 'courts', latencyMs: 80, open };
