/** One project per kind of test; `npm test` runs all, `npx jest --selectProjects unit` one. */
const kinds = ['unit', 'workflow', 'integration', 'simulation', 'replay', 'chaos'];

const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  // Nothing of the product may break a rule of Concur's in any test: see expect-violations.ts there.
  setupFilesAfterEnv: ['<rootDir>/test/support/sandbox-watch/setup.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
};

module.exports = {
  projects: kinds.map((kind) => ({
    ...common,
    displayName: kind,
    testMatch: [`<rootDir>/test/${kind}/**/*.test.ts`],
  })),
  reporters: ['default', '<rootDir>/test/support/sandbox-watch/reporter.cjs'],
  testTimeout: 60_000,
};
