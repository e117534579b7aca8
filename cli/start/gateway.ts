/** The gateway, with the subgraphs that run in its process. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { noteRefusal, noteSignIn } from '../../core/audit/note-caller.ts';
import { logLag } from '../../core/audit/read-log.ts';
import { renderAsyncApi } from '../../core/delivery/asyncapi.ts';
import { createDisclosureWriter, type WriteDisclosure } from '../../core/audit/disclosure-writer.ts';
import { createPersonKeys } from '../../core/audit/person-keys.ts';
import { AppError } from '../../core/platform/errors.ts';
import { projectRoot } from '../../core/platform/project-root.ts';
import { createDisclosureHooks } from '../../gateway/disclosure/hooks.ts';
import { createAuthenticator } from '../../gateway/edge/caller.ts';
import { notingRefusals } from '../../gateway/edge/refusals.ts';
import { createDataSources } from '../../gateway/executor/data-sources.ts';
import { createFederatedGateway } from '../../gateway/executor/gateway.ts';
import { addAuditLog } from '../../gateway/http/audit-log.ts';
import { addQueuesPage } from '../../gateway/http/queues-page.ts';
import { createGatewayServer } from '../../gateway/http/server.ts';
import { addInboundWebhooks } from '../../gateway/http/webhooks-in.ts';
import { SUBGRAPHS, type SubgraphName } from '../../subgraphs/kit/type-defs.ts';
import { supergraphFile } from '../compose.ts';
import { readKnownOperations } from '../known-operations.ts';
import { auditLogRoutes } from './audit-log.ts';
import type { Closing } from './closing.ts';
import { createReceiving } from './delivery.ts';
import type { OpenDepartment } from './departments.ts';
import { FIRST_QUERY } from './first-query.ts';
import type { Foundation } from './foundation.ts';
import { openQueues } from './queues.ts';
import { createSubgraphs } from './subgraphs.ts';

const { version } = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(join(projectRoot, 'package.json'), 'utf8')));

const ANSWERS = 'select true as ready';
const LOADED = `select count(*) > 0 and bool_and(loaded_at is not null) as ready from source_feed`;
const ORGANISED = `select exists (select from organisation where closed_at is null) as ready`;

export async function startGateway(
  foundation: Foundation,
  open: OpenDepartment,
  closing: Closing,
  { writeDisclosure }: { readonly writeDisclosure?: WriteDisclosure } = {},
): Promise<string> {
  const { config, log, metrics, clock, keyring, db, reference, limits, demo } = foundation;
  const where = config.subgraphs;
  const keys = createPersonKeys({ db, keyring });
  const write = writeDisclosure ?? createDisclosureWriter({ db, keyring, keys });
  const elsewhere = (name: SubgraphName): boolean => where !== 'local' && where.has(name);
  const queues = await openQueues(foundation, closing);
  const receiving = createReceiving(foundation, queues);
  const asyncApi = renderAsyncApi({ version, origin: config.publicUrl });
  const subgraphs = createSubgraphs(foundation, open, elsewhere, queues);
  const issuer = config.oidc ?? demo?.issuer;
  if (!issuer) throw new AppError('BAD_USER_INPUT', 'Nobody could sign in: set OIDC_ISSUER.');
  const authenticate = createAuthenticator({
    issuer: 'issuer' in issuer ? issuer.issuer : issuer.url,
    audience: issuer.audience,
    organisationByCode: (code) => reference.callerOrganisation(code),
    clock,
    acceptCookie: demo !== null,
    noteSignIn: (caller, until) => noteSignIn(db, caller, until, clock.wall()),
  });

  const ready = (query: string) => async (): Promise<boolean> => (await db.one<{ ready: boolean }>(query)).ready;
  const server = await createGatewayServer({
    host: config.host,
    port: config.port,
    trustProxy: config.trustProxy,
    clock,
    log,
    metrics,
    limits,
    gateway: createFederatedGateway({
      supergraphSdl: readFileSync(supergraphFile, 'utf8'),
      dataSources: createDataSources({
        where,
        subgraphs: SUBGRAPHS.filter((name) => !elsewhere(name)).map((name) => subgraphs[name]()),
        keyring,
        clock,
        log,
        metrics,
      }),
      hooks: notingRefusals(
        createDisclosureHooks({ write, expect: (ids) => keys.expect(ids), keyring, clock }),
        (caller, fields) => noteRefusal(db, caller, fields, clock.wall()),
      ),
      log,
      ...(config.operationsFile !== null && {
        knownOperations: readKnownOperations(config.operationsFile, 'MAPLEBRIDGE_OPERATIONS'),
      }),
    }),
    authenticate,
    figures: { auditLagMs: async () => (await logLag(db)).lagMs },
    readiness: { database: ready(ANSWERS), organisations: ready(ORGANISED), firstLoad: ready(LOADED) },
    routes(app) {
      addInboundWebhooks(app, { receive: (incoming) => receiving.receive(incoming) });
      app.get('/asyncapi.json', () => asyncApi);
      addQueuesPage(app, { queues, authenticate, log });
      addAuditLog(app, { ...auditLogRoutes(foundation), authenticate });
    },
    links: [
      { href: '/asyncapi.json', chinese: '消息推送说明（AsyncAPI）', english: 'Webhooks, described for machines' },
      {
        href: '/audit/checkpoint',
        chinese: '审计日志检查点（已签名）',
        english: 'The audit log’s signed checkpoint',
      },
      {
        href: '/queues',
        chinese: '任务队列：失败原因与重试（仅中心督导）',
        english: 'Queues: why a job failed, and trying it again; for the centre’s supervisors',
      },
    ],
    demo: demo && { firstQuery: FIRST_QUERY, signIn: (ticket) => demo.issuer.redeemTicket(ticket) },
  });
  closing.add(() => server.close());
  return server.url;
}
