/**
 * The rooms of this repository and what each may import. `npm run layers` checks them, a violation prints the
 * rule's comment. docs/architecture.md draws the same table; test/unit/house/layers.test.ts breaks each rule
 * once on purpose.
 */

/** Imports that are gone after compiling. */
const TYPES = ['type-only', 'type-import'];

/** Folders that may import the element table and the types of the settings; that is all of them. */
const FOR_ALL = { values: ['^profile/'], types: ['^config/'] };

/**
 * `imports`: folders or files that may be imported. `typesOf`: those of which only types may be imported.
 * `because`: what a violation prints.
 */
const ROOMS = {
  profile: {
    because:
      'profile/ is the table of elements that all rooms share. It imports npm packages only, so that everybody can import it.',
    alone: true,
  },
  config: {
    because: 'config/ reads the settings and knows nobody. Whoever needs a setting gets it handed in.',
  },
  concur: {
    because:
      'concur/ is the client of the wire and can be used alone: it knows neither the hub nor Temporal. It imports profile/ and config/.',
    imports: ['^config/'],
  },
  gds: {
    because:
      'gds/ is the client of a reservation system and can be used alone. It imports profile/ and config/.',
    imports: ['^config/'],
  },
  hub: {
    because:
      "hub/ keeps travellers in SQL. It knows neither Concur's wire nor Temporal nor the engine; it imports profile/ and config/.",
    imports: ['^config/'],
  },
  sync: {
    because:
      'sync/ decides and never acts: it imports profile/, and of hub/, concur/ and gds/ only types. What it needs done, it asks of a port.',
    typesOf: ['^(hub|concur|gds)/'],
  },
  workflows: {
    because:
      'workflows/ is replayed, so it may only import what is the same every time: sync/model and profile/. Of activities/, hub/types and hub/contract it imports types.',
    imports: ['^sync/model/'],
    typesOf: ['^hub/(types[.]ts$|contract/)', '^activities/'],
  },
  activities: {
    because:
      'activities/ joins the engine to the world: sync/, concur/, hub/, gds/, the messages of the workflows, and of client/ the stored requests. Workflows it starts through the engine it is given.',
    imports: ['^(sync|concur|hub|gds)/', '^client/(index|requests)[.]ts$', '^workflows/messages[.]ts$'],
    typesOf: ['^client/'],
  },
  client: {
    because:
      'client/ is the Temporal side of a caller: it imports the messages of the workflows, and types of the hub. It knows neither workflows nor activities.',
    imports: ['^workflows/messages[.]ts$'],
    typesOf: ['^hub/(types[.]ts$|contract/)'],
  },
  api: {
    because:
      'api/ reads SQL and sends commands through client/: it imports hub/, client/, sync/model, concur/xml and config/, and types of sync/engine. It never calls Concur.',
    imports: ['^config/', '^(hub|client)/', '^sync/model/', '^concur/xml/'],
    typesOf: ['^sync/engine/'],
  },
  sandbox: {
    because:
      'sandbox/ stands in for the other side. It shares only the element table and the XML with the product (profile/, concur/xml, gds/xml, config/), or it would confirm our own mistakes.',
    imports: ['^config/', '^(concur|gds)/xml/'],
  },
  workers: {
    because:
      'workers/ puts the worker together from all rooms, but knows neither the command nor the sandbox.',
    imports: ['^config/', '^(activities|api|client|concur|gds|hub|sync|workflows)/'],
  },
  cli: {
    because: 'cli/ may import every room of the product, but neither test/ nor bench/.',
    imports: ['^config/', '^(activities|api|client|concur|gds|hub|sandbox|sync|workers|workflows)/'],
  },
};

const EVERYWHERE = `^(${[...Object.keys(ROOMS), 'test', 'bench'].join('|')})/`;
const PRODUCT = `^(${Object.keys(ROOMS).join('|')})/`;

function rulesOf([name, { because, alone = false, imports = [], typesOf = [] }]) {
  const values = [`^${name}/`, ...(alone ? [] : FOR_ALL.values), ...imports];
  const types = [...(alone ? [] : FOR_ALL.types), ...typesOf];
  const from = { path: `^${name}/` };
  return [
    {
      name: `${name}-imports`,
      severity: 'error',
      comment: because,
      from,
      to: { path: EVERYWHERE, pathNot: [...values, ...types] },
    },
    ...(types.every((path) => values.includes(path))
      ? []
      : [
          {
            name: `${name}-types`,
            severity: 'error',
            comment: `Only types may be imported from here (import { type … }). ${because}`,
            from,
            to: { path: types, pathNot: values, dependencyTypesNot: TYPES },
          },
        ]),
  ];
}

module.exports = {
  forbidden: [
    ...Object.entries(ROOMS).flatMap(rulesOf),
    {
      name: 'model-is-pure',
      severity: 'error',
      comment:
        'sync/model holds pure functions that also run inside workflows: no engine, no module of Node.',
      from: { path: '^sync/model/' },
      to: { path: ['^sync/engine/', '^node:', '^[^/]+$'], pathNot: ['^[^/]+[.](ts|json)$'] },
    },
    {
      name: 'workflows-use-the-sdk-only',
      severity: 'error',
      comment:
        'A workflow is replayed: from npm it may import @temporalio/workflow and @temporalio/common only, and no module of Node.',
      from: { path: '^workflows/' },
      to: {
        dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown', 'core'],
        pathNot: ['node_modules/@temporalio/(workflow|common)/'],
      },
    },
    {
      name: 'temporal-stays-outside',
      severity: 'error',
      comment:
        'These rooms must work without Temporal, the simulation runs them that way: no package of @temporalio.',
      from: { path: '^(profile|config|concur|gds|hub|sync|sandbox)/' },
      to: { path: '(^|/)node_modules/@temporalio/' },
    },
    {
      name: 'xml-in-one-place',
      severity: 'error',
      comment: 'XML is read and written in concur/xml and gds/xml only; everybody else uses those.',
      from: { pathNot: ['^(concur|gds)/', '^(test|bench)/', 'node_modules/'] },
      to: { path: '(^|/)node_modules/fast-xml-parser/' },
    },
    {
      name: 'sql-in-one-place',
      severity: 'error',
      comment:
        'SQL is spoken in hub/ only. The exceptions: workers/local starts PostgreSQL, and the doctor looks at its schema.',
      from: { pathNot: ['^hub/', '^workers/local/', '^cli/doctor/', '^(test|bench)/', 'node_modules/'] },
      to: { path: '(^|/)node_modules/(kysely|pg)/' },
    },
    {
      name: 'declared-packages',
      severity: 'error',
      comment:
        'The product runs with `npm ci --omit=dev`: what it imports stands under dependencies in package.json, not under devDependencies and not nowhere.',
      from: { path: PRODUCT },
      to: {
        dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'],
        dependencyTypesNot: TYPES,
      },
    },
    {
      name: 'no-cycles',
      severity: 'error',
      comment:
        'Two files that import each other cannot be read, tested or moved one at a time. Move what both need to a third.',
      from: { pathNot: 'node_modules/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: TYPES } },
    },
    {
      name: 'no-type-cycles',
      severity: 'error',
      comment: 'Two files whose types need each other are one file, or need a third that holds the types.',
      from: { pathNot: 'node_modules/' },
      to: { circular: true, via: { dependencyTypes: TYPES } },
    },
    {
      name: 'resolvable',
      severity: 'error',
      comment: 'This import leads nowhere.',
      from: { path: EVERYWHERE },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^(dist|data|coverage|docs|[.]git)/' },
    // Sees type-only imports too.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['require', 'node', 'default', 'types'],
    },
  },
};
