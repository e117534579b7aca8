/**
 * How a webhook's connection is made: look the name up once, judge every address, and connect to one of those judged. No
 * second look-up lies between judging and connecting, so a name that changes its answer (DNS rebinding) gains nothing.
 */
import { lookup as lookupAddresses } from 'node:dns/promises';
import { isIP } from 'node:net';
import { buildConnector } from 'undici';
import type { TargetPolicy } from './target.ts';

/** All addresses of a name. Rejects, or answers with none, when there is no such name. */
export type Lookup = (hostname: string) => Promise<readonly string[]>;

export interface ConnectorOptions {
  readonly policy: TargetPolicy;
  /** The system's resolver when not given. */
  readonly lookup?: Lookup | undefined;
  /** PEM: roots to trust instead of Node's own list; a government network has its own. */
  readonly ca?: string | undefined;
}

export class TargetRefused extends Error {
  readonly code = 'TARGET_REFUSED';
}

const CONNECT_TIMEOUT_MS = 5_000;
/** Of a name with many addresses, this many are tried, one after another. */
const MAX_TRIED = 3;

const systemLookup: Lookup = async (hostname) =>
  (await lookupAddresses(hostname, { all: true, verbatim: true })).map(({ address }) => address);

type Connect = ReturnType<typeof buildConnector>;
type Options = Parameters<Connect>[0];
type Socket = Exclude<Parameters<Parameters<Connect>[1]>[1], null>;

/** The system's resolver cannot be stopped; a name that hangs must not keep the next message to it waiting for ever. */
async function inTime<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const fault = Object.assign(new Error('The resolver did not answer.'), { code: 'ETIMEDOUT' });
    timer = setTimeout(() => reject(fault), CONNECT_TIMEOUT_MS);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

export function createConnector({ policy, lookup = systemLookup, ca }: ConnectorOptions): Connect {
  const connect = buildConnector({
    timeout: CONNECT_TIMEOUT_MS,
    // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED=0 in somebody's environment does not switch it off.
    rejectUnauthorized: true,
    minVersion: 'TLSv1.2',
    // A resumed session would carry a certificate that was verified for another connection.
    maxCachedSessions: 0,
    allowH2: false,
    ...(ca === undefined ? {} : { ca }),
  });

  const connectTo = (options: Options): Promise<Socket> =>
    new Promise((resolve, reject) => {
      connect(options, (error, socket) => (error ? reject(error) : resolve(socket)));
    });

  async function open(options: Options): Promise<Socket> {
    const name = options.hostname.replace(/^\[(.*)\]$/, '$1');
    const isAddress = isIP(name) !== 0;
    const protocol = options.protocol === 'http:' ? 'http:' : 'https:';
    const addresses = isAddress ? [name] : await inTime(lookup(name));
    if (addresses.length === 0) throw Object.assign(new Error('The name has no address.'), { code: 'ENOTFOUND' });
    // One bad address among good ones is enough: which of them is used would be up to chance, or to an attacker.
    if (!addresses.every((address) => policy.isAllowedAddress(address, protocol))) throw new TargetRefused();
    let fault: unknown;
    for (const address of addresses.slice(0, MAX_TRIED)) {
      try {
        // The certificate must be for the name, not for the address. An address is never sent as a server's name.
        const { servername: _, ...rest } = options;
        return await connectTo({
          ...rest,
          hostname: address,
          host: address,
          ...(isAddress ? {} : { servername: name }),
        });
      } catch (error) {
        fault = error;
      }
    }
    throw fault;
  }

  return (options, callback) => {
    open(options).then(
      (socket) => callback(null, socket),
      (error: unknown) => callback(error instanceof Error ? error : new Error('no connection', { cause: error }), null),
    );
  };
}
