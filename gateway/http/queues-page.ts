/**
 * /queues: what waits, runs and has failed, and why (bull-board). Supervisors of the county's centre look and retry. A job only
 * says "look at this id", so retrying one is harmless and removing one useless: nothing else can be done here.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { FastifyAdapter } from '@bull-board/fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { hasRole, isCountyCentre } from '../../core/access/caller.ts';
import { AppError } from '../../core/platform/errors.ts';
import { describeError, type Log } from '../../core/platform/log.ts';
import type { Queues } from '../../core/platform/queue.ts';
import type { Authenticate } from '../edge/caller.ts';
import { assertOwnSite } from '../edge/own-site.ts';
import { answerFault } from './fault.ts';

export interface QueuesPageOptions {
  readonly queues: Pick<Queues, 'inspect'>;
  readonly authenticate: Authenticate;
  readonly log: Log;
}

const PATH = '/queues';

/** As they stand on the page. */
const QUEUES = [
  { name: 'clocks', description: '移送件的期限到点 · a referral’s clocks say what is due' },
  { name: 'dispatch', description: '待发消息分发到接收端 · what waits in a lane becomes deliveries' },
  { name: 'deliver', description: '向部门系统送达消息 · one message to one endpoint' },
  { name: 'inbox', description: '处理部门系统发来的消息 · a message that came in is applied' },
  { name: 'ingest', description: '读入部门数据 · a department is read in' },
];

/** By bull-board's own names. Pausing, adding, editing, removing and emptying are refused whatever button it shows. */
const RETRIES = new Set(['/api/queues/:queueName/:jobId/retry', '/api/queues/:queueName/retry/:queueStatus']);

/** Its scripts and styles come from here; nothing from elsewhere. It styles itself by script, hence the inline styles. */
export const QUEUES_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; " +
  "connect-src 'self'; base-uri 'self'; form-action 'none'; frame-ancestors 'none'";

/** The page asks a foreign host for a typeface; the policy forbids it, and without the link nobody tries. */
const withoutForeignLinks = (html: string): string => html.replace(/<link\b[^>]*\bhref="https?:[^>]*>/g, '');

async function assertSupervisor(request: FastifyRequest, authenticate: Authenticate): Promise<void> {
  const caller = await authenticate(request.headers, request.id);
  if (!isCountyCentre(caller) || !hasRole(caller, 'centre.supervisor'))
    throw new AppError('FORBIDDEN', 'The queues are for supervisors of the county’s centre.');
  assertOwnSite(request.method, request.headers);
}

function createBoard(log: Log) {
  const pages = new FastifyAdapter();
  pages.setBasePath(PATH);
  const board = createBullBoard({
    queues: [],
    serverAdapter: pages,
    options: {
      uiConfig: { boardTitle: '枫桥 Maplebridge', hideDocsLink: true, showMetrics: false },
      handlerHooks: {
        before: ({ method, route }) =>
          method === 'get' || RETRIES.has(route) ? undefined : { allow: false, errorKey: 'ERRORS.QUEUE_READ_ONLY' },
      },
    },
  });
  pages.setErrorHandler((error) => {
    log.error({ error: describeError(error) }, 'the page of the queues failed');
    return { status: 500, body: { error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' } } };
  });
  return { board, pages };
}

export function addQueuesPage(app: FastifyInstance, { queues, authenticate, log }: QueuesPageOptions): void {
  const { board, pages } = createBoard(log);
  let open = false;
  // Each has connections of its own: not before somebody looks.
  const openQueues = (): void => {
    if (open) return;
    open = true;
    for (const { name, description } of QUEUES)
      board.addQueue(new BullMQAdapter(queues.inspect(name), { displayName: name, description }));
  };
  void app.register((scope, _options, done) => {
    // In the hook and not thrown: bull-board answers errors in a way of its own.
    scope.addHook('onRequest', async (request, reply) => {
      try {
        await assertSupervisor(request, authenticate);
        openQueues();
      } catch (error) {
        return answerFault(error, request, reply, log);
      }
    });
    scope.addHook('onSend', async (_request, reply, payload) => {
      reply.header('content-security-policy', QUEUES_POLICY);
      const isPage = typeof payload === 'string' && String(reply.getHeader('content-type')).startsWith('text/html');
      return isPage ? withoutForeignLinks(payload) : payload;
    });
    void scope.register(pages.registerPlugin(), { prefix: PATH });
    done();
  });
}
