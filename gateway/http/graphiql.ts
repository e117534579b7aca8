/**
 * GraphiQL as one page, served from here: a government network reaches no other host. `firstQuery` comes from our own README.
 * The editor is eighteen million characters: they are loaded when somebody opens it.
 */
export async function graphiqlPage(firstQuery: string | null): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({
    title: '枫桥 Maplebridge · GraphiQL',
    endpoint: '/graphql',
    credentials: 'same-origin',
    headers: JSON.stringify({ 'x-purpose': 'mediation' }, null, 2),
    shouldPersistHeaders: false,
    ...(firstQuery !== null && { defaultQuery: firstQuery }),
  });
}

/** The editor is one inline script with workers made of blobs; it may talk to this server only. */
export const GRAPHIQL_POLICY =
  "default-src 'none'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; " +
  "img-src data:; font-src data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
