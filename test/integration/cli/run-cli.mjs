// Runs the command from its sources in a Node process of its own: node run-cli.mjs <arguments of concordance …>
import { existsSync, readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const { transformSync } = require('@swc/core');

Module._extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    module: { type: 'commonjs' },
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    sourceMaps: 'inline',
  });
  module._compile(code, filename);
};

// A dynamic import names the built file; here the source stands for it.
const resolveFilename = Module._resolveFilename;
Module._resolveFilename = function (request, parent, ...rest) {
  const source = request.replace(/\.js$/, '.ts');
  const isOurs = request.startsWith('.') && request.endsWith('.js') && parent?.filename?.endsWith('.ts');
  const path = isOurs ? resolve(dirname(parent.filename), source) : '';
  return isOurs && existsSync(path) ? path : resolveFilename.call(this, request, parent, ...rest);
};

const main = resolve(dirname(fileURLToPath(import.meta.url)), '../../../cli/main.ts');
process.argv.splice(1, 1, main);
require(main);
