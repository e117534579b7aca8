import type { FastifyInstance } from 'fastify';
import { AppError } from '../../core/platform/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
  /** The setting that changes the port, for the message. */
  readonly setting: string;
}

/** Listens and says where; a port that is taken is one clear sentence. */
export async function listenOn(app: FastifyInstance, { host, port, setting }: Address): Promise<string> {
  try {
    return await app.listen({ host, port });
  } catch (cause) {
    await app.close();
    const code = (cause as NodeJS.ErrnoException).code;
    const why =
      code === 'EADDRINUSE'
        ? `Port ${port} is in use by another program; stop it, or set ${setting} to another port.`
        : code === 'EACCES'
          ? `Port ${port} may not be used by this user; set ${setting} to a port above 1023.`
          : code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND'
            ? 'This machine does not have the address named by HOST; set HOST to one that it has.'
            : null;
    if (why === null) throw cause;
    throw new AppError('BAD_USER_INPUT', why, { cause });
  }
}
