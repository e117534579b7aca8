/** A police bureau's incident service of the 2020s: REST/JSON behind a gateway that checks signatures and keeps quotas. */
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import { AppError } from '../../../core/platform/errors.ts';
import { loadRows } from '../../county/county-files.ts';
import type { PoliceRow } from '../../county/model.ts';
import type { StandIn, StandInContext, StandInServer } from '../kit/stand-in.ts';
import { changeJson, incidentJson } from './incident-json.ts';
import { createIncidentRegister } from './incident-register.ts';
import type { IncidentRegister } from './incident-register.ts';
import { createQuota } from './quota.ts';
import { KEY_ID, signatureFault } from './request-signature.ts';

const PATH = '/jwzh/api/v2';
const MAX_KEYS = 500;
const MAX_PAGE = 2_000;
const MAX_BODY = 256 * 1024;
const CALLS: Readonly<Record<string, 'byKey' | 'changes'>> = {
  [`POST ${PATH}/jqcx`]: 'byKey',
  [`GET ${PATH}/jqbg`]: 'changes',
};
const CALLS_A_MINUTE = { byKey: 600, changes: 60 } as const;

interface Answer {
  readonly status: number;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

const done = (data: unknown): Answer => ({ status: 200, body: JSON.stringify({ dm: '0000', xx: '成功', sj: data }) });
const refusal = (status: number, code: string, text: string): Answer => ({
  status,
  body: JSON.stringify({ dm: code, xx: text, sj: null }),
});
const BAD_REQUEST = refusal(400, '4001', '请求参数错误');
const SIGNATURE_TEXTS = { '4010': '签名校验失败', '4011': '请求时间超出允许范围' } as const;

const keysWanted = z.object({ jqbs: z.array(z.string()).min(1).max(MAX_KEYS) });

function incidentsByKey(register: IncidentRegister, body: Buffer): Answer {
  let content: unknown;
  try {
    content = JSON.parse(body.toString('utf8'));
  } catch {
    return BAD_REQUEST;
  }
  const wanted = keysWanted.safeParse(content);
  if (!wanted.success) return BAD_REQUEST;
  const rows = wanted.data.jqbs.map((key) => register.find(key)).filter((row) => row !== null);
  return done({ jqlb: rows.map(incidentJson) });
}

/** The cursor is the time of the last change seen, in no form that anybody should read. */
const cursorOf = (changedAt: number): string => Buffer.from(`jq1:${changedAt}`).toString('base64url');
function changedAtOf(cursor: string): number | null {
  const parts = /^jq1:(\d{1,15})$/.exec(Buffer.from(cursor, 'base64url').toString('latin1'));
  return parts === null ? null : Number(parts[1]);
}

function changedIncidents(register: IncidentRegister, query: URLSearchParams): Answer {
  const limit = Number(query.get('ts') ?? MAX_PAGE);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_PAGE) return BAD_REQUEST;
  const cursor = query.get('yb');
  const after = cursor === null ? 0 : changedAtOf(cursor);
  if (after === null) return refusal(400, '4003', '游标无效');
  const { incidents, more } = register.changedAfter(after, limit);
  return done({
    zs: register.size,
    sfhy: more ? '1' : '0',
    yb: cursorOf(incidents.at(-1)?.changedAt ?? after),
    jqlb: incidents.map(changeJson),
  });
}

const changeRequest = z.union([
  z.strictObject({ key: z.string(), delete: z.literal(true) }),
  z.strictObject({ key: z.string(), set: z.record(z.string(), z.unknown()) }),
  /** Other quotas than usual, calls a minute: small ones to test with, large ones to measure with. */
  z.strictObject({ quota: z.strictObject({ byKey: z.int().min(0).optional(), changes: z.int().min(0).optional() }) }),
]);

async function bodyOf(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > MAX_BODY) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

async function open(context: StandInContext): Promise<StandInServer> {
  const register = createIncidentRegister(await loadRows(context.countyDir, 'police'));
  const quotas = {
    byKey: createQuota(CALLS_A_MINUTE.byKey, context.now),
    changes: createQuota(CALLS_A_MINUTE.changes, context.now),
  };
  let turns = 0;

  const answer = async (request: IncomingMessage, signal: AbortSignal): Promise<Answer> => {
    const target = request.url ?? '';
    const method = request.method ?? '';
    const { pathname, searchParams } = new URL(target, 'http://police');
    const body = await bodyOf(request);
    if (body === null) return refusal(413, '4013', '请求过大');
    const call = CALLS[`${method} ${pathname}`] ?? 'other';
    context.count(call);
    await context.latency(signal);
    const { mode } = context.behaviour();
    if (mode === 'refuse') return refusal(503, '5030', '系统维护中');
    if (mode === 'garbage') {
      turns += 1;
      // In turn: an envelope with something else in it, and one torn off in the middle.
      return turns % 2 === 1 ? done({ ts: '系统提示' }) : { status: 200, body: '{"dm":"0000","sj":{"jqlb":[{"jq' };
    }
    const fault = signatureFault(context.secret, { method, target, headers: request.headers, body }, context.now());
    if (fault !== null) return refusal(401, fault, SIGNATURE_TEXTS[fault]);
    if (call === 'other') {
      return method === 'GET' && pathname === `${PATH}/zt` ? done({ zt: 'OK' }) : refusal(404, '4040', '接口不存在');
    }
    const wait = quotas[call].take();
    if (wait !== null) return { ...refusal(429, '4290', '调用超出配额'), headers: { 'retry-after': String(wait) } };
    return call === 'byKey' ? incidentsByKey(register, body) : changedIncidents(register, searchParams);
  };

  const handle = (request: IncomingMessage, reply: ServerResponse): void => {
    const gone = new AbortController();
    reply.once('close', () => gone.abort());
    answer(request, gone.signal).then(
      ({ status, body, headers }) =>
        reply
          .writeHead(status, {
            'content-type': 'application/json; charset=utf-8',
            date: context.now().toUTCString(),
            ...headers,
          })
          .end(body),
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
    connection: { path: PATH, keyId: KEY_ID, secret: context.secret },
    listen: (port) =>
      new Promise((resolve, reject) => {
        server = createServer({ keepAliveTimeout: 60_000 }, handle);
        server.once('error', reject);
        server.listen(port, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
      }),
    unlisten,
    async change(request) {
      const change = changeRequest.parse(request);
      if ('quota' in change) {
        quotas.byKey.limitTo(change.quota.byKey ?? CALLS_A_MINUTE.byKey);
        quotas.changes.limitTo(change.quota.changes ?? CALLS_A_MINUTE.changes);
        return {};
      }
      const row = register.find(change.key);
      if (row === null) throw new AppError('NOT_FOUND', 'No such incident.');
      const now = context.now();
      if ('delete' in change) register.remove(row.key, now);
      else
        register.put(
          { ...row, ...(change.set as Partial<PoliceRow>), key: row.key, changedAt: now.toISOString() },
          now,
        );
      return {};
    },
    async close() {
      if (server.listening) await unlisten();
    },
  };
}

export const policeStandIn: StandIn = { name: 'police', latencyMs: 50, open };
