/** One project per kind of test; `npm test` runs all, `npx jest --selectProjects unit` one. */
const kinds = ['unit', 'workflow', 'integration', 'simulation', 'replay', 'chaos'];

const common = {
  rootDir: __dirname,
  testEnvironment: 'node',
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }] },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/data/'],
};

module.exports = {
  projects: kinds.map((kind) => ({
    ...common,
    displayName: kind,
    testMatch: [`<rootDir>/test/${kind}/**/*.test.ts`],
  })),
  testTimeout: 60_000,
};
