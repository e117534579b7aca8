/** Refuses what another site's page makes a browser send along with whatever signs its user in. */
import type { IncomingHttpHeaders } from 'node:http';
import { AppError } from '../../core/platform/errors.ts';

const HARMLESS = ['GET', 'HEAD', 'OPTIONS'];

const hostOf = (origin: string): string | null => (URL.canParse(origin) ? new URL(origin).host : null);

/**
 * The demo's cookie is SameSite=Strict and never comes from elsewhere; a proxy that signs people in before us may not be
 * so strict. Old browsers, and all on plain http, send no Sec-Fetch-Site, but Origin with everything that changes something.
 */
function comesFromHere({ 'sec-fetch-site': site, origin, host, cookie }: IncomingHttpHeaders): boolean {
  if (site !== undefined) return site === 'same-origin';
  if (origin !== undefined) return host !== undefined && hostOf(origin) === host.toLowerCase();
  // No browser. A program says who it is by its token and has no cookie that somebody could make use of.
  return cookie === undefined;
}

/** Throws FORBIDDEN. What changes nothing may come from anywhere. */
export function assertOwnSite(method: string, headers: IncomingHttpHeaders): void {
  if (HARMLESS.includes(method) || comesFromHere(headers)) return;
  throw new AppError('FORBIDDEN', 'This can be done from this site’s own page only.');
}
