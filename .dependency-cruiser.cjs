// Which room may import which (docs/architecture.md shows the same as a picture). Every rule says why.
const to = (...rooms) => ({ path: rooms.map((room) => `^${room}`) });

/** A room and the only places of ours it may import from. */
const only = (name, from, allowed, comment) => ({
  name,
  comment,
  severity: 'error',
  from: { path: from, pathNot: '\\.test\\.ts$' },
  to: { path: '^(main|cli|core|gateway|subgraphs|adapters|worker|demo|test)', pathNot: allowed },
});

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'A circle has no order of reading.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'nothing-imports-test',
      severity: 'error',
      comment: 'The product does not need its tests; a test may use the test kit.',
      from: { path: '^(main|cli|core|gateway|subgraphs|adapters|worker|demo)', pathNot: '\\.test\\.ts$' },
      to: to('test/'),
    },
    {
      name: 'only-cli-imports-demo',
      severity: 'error',
      comment: 'A real county has no made-up people in it.',
      from: { path: '^(core|gateway|subgraphs|adapters|worker)/', pathNot: '\\.test\\.ts$' },
      to: to('demo/'),
    },
    only('main-to-cli', '^main\\.ts', ['^cli/'], 'main only dispatches.'),
    only(
      'cli-wires',
      '^cli/',
      ['^(cli|gateway|subgraphs|worker|adapters|demo|core)/'],
      'cli/start is where things are wired.',
    ),
    only('gateway-to-core', '^gateway/', ['^(gateway|core)/'], 'Subgraphs are handed to the gateway.'),
    only('subgraphs-to-core', '^subgraphs/', ['^(subgraphs|core)/'], 'Adapters are handed to subgraphs.'),
    only('worker-to-core', '^worker/', ['^(worker|core)/'], 'A worker parses its job and calls core.'),
    only(
      'adapters-to-port',
      '^adapters/',
      ['^adapters/', '^core/department', '^core/platform/'],
      'An adapter knows the port and nothing of the centre.',
    ),
    only(
      'demo-apart',
      '^demo/',
      ['^demo/', '^core/department', '^core/platform/'],
      'The stand-ins are other people’s systems.',
    ),
    {
      name: 'department-rooms-apart',
      severity: 'error',
      comment: 'A department’s room never imports another’s.',
      from: { path: '^(adapters|subgraphs)/(?!kit/)([^/]+)/' },
      to: { path: '^(adapters|subgraphs)/(?!kit/)[^/]+/', pathNot: '^$1/$2/' },
    },
    {
      name: 'kits-stand-alone',
      severity: 'error',
      comment: 'A kit does not know who uses it.',
      from: { path: '^(adapters|subgraphs)/kit/' },
      to: { path: '^(adapters|subgraphs)/(?!kit/)' },
    },
    only('core-stays-home', '^core/', ['^core/'], 'core knows no GraphQL server, no HTTP, no wire format.'),
    only('platform-is-the-ground', '^core/platform/', ['^core/platform/'], 'Everything stands on platform.'),
    {
      name: 'verifier-stands-alone',
      severity: 'error',
      comment: 'Whoever does not trust us reads core/audit/log and nothing else.',
      from: { path: '^core/audit/log/', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^core/audit/log/', '^node:', '^(crypto|fs|path)$'] },
    },
    only(
      'audit-on-platform',
      '^core/audit/',
      ['^core/(audit|platform)/'],
      'delivery → referrals → … → organisations → access → audit → platform.',
    ),
    only('access-on-audit', '^core/access/', ['^core/(access|audit|platform)/', '^core/department'], 'Downwards only.'),
    only(
      'organisations-on-access',
      '^core/organisations/',
      ['^core/(organisations|access|audit|platform)/', '^core/department'],
      'Downwards only.',
    ),
    only('calendar-on-platform', '^core/calendar/', ['^core/(calendar|platform)/'], 'Downwards only.'),
    only(
      'playbooks-on-organisations',
      '^core/playbooks/',
      ['^core/(playbooks|platform)/', '^core/organisations/organisation.ts'],
      'A playbook is data; of organisations it knows their levels.',
    ),
    only(
      'routing-downwards',
      '^core/routing/',
      ['^core/(routing|playbooks|organisations|access|audit|platform)/'],
      'Downwards only.',
    ),
    only(
      'referrals-downwards',
      '^core/referrals/',
      ['^core/(referrals|routing|playbooks|calendar|organisations|access|audit|platform)/'],
      'Referrals stand on routing, playbooks and calendar.',
    ),
    only(
      'delivery-downwards',
      '^core/delivery/',
      ['^core/(delivery|referrals|routing|playbooks|calendar|organisations|access|audit|platform)/'],
      'Delivery tells what referrals did; referrals do not know how they are told.',
    ),
    only(
      'people-downwards',
      '^core/people/',
      ['^core/(people|organisations|access|audit|platform)/', '^core/department'],
      'Downwards only.',
    ),
    only(
      'disputes-downwards',
      '^core/disputes/',
      ['^core/(disputes|people|organisations|access|audit|platform)/', '^core/department'],
      'Disputes stand on people.',
    ),
    only(
      'measures-on-access',
      '^core/measures/',
      ['^core/(measures|calendar|access|platform)/'],
      'What is counted, of places and matters: it reads rows and knows nobody.',
    ),
    only(
      'retention-over-matters',
      '^core/retention/',
      ['^core/(retention|people|calendar|audit|platform)/'],
      'What goes when: it removes what others store, and nothing of theirs knows of it.',
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|node_modules|test/bench/peers)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default'],
    },
  },
};
