/** What every Apollo Server of ours has in common: it tells nobody anything of itself, and leaves signals to whoever started it. */
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled';

export const QUIET = {
  introspection: true,
  includeStacktraceInErrorResponses: false,
  persistedQueries: false,
  stopOnTerminationSignals: false,
  // Nothing is reported to Apollo, whatever APOLLO_… the environment has.
  apollo: {},
  stringifyResult: (result: unknown) => JSON.stringify(result),
} as const;

export const quietPlugins = () => [
  ApolloServerPluginLandingPageDisabled(),
  ApolloServerPluginUsageReportingDisabled(),
  ApolloServerPluginSchemaReportingDisabled(),
  ApolloServerPluginInlineTraceDisabled(),
  ApolloServerPluginCacheControlDisabled(),
];
