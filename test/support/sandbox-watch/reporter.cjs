const { mkdtempSync, readdirSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const process = require('node:process');

/** Sums up at the end of a run what its sandboxes saw, and fails it where a rule of Concur's was broken. */
module.exports = class SandboxViolationsReporter {
  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'concordance-sandboxes-'));
    // Inherited by the processes that run the tests.
    process.env.SANDBOX_WATCH_DIR = this.folder;
    this.sums = { sandboxes: 0, calls: 0, violations: 0 };
  }

  onRunComplete() {
    for (const name of readdirSync(this.folder)) {
      const lines = readFileSync(join(this.folder, name), 'utf8').trim().split('\n');
      for (const line of lines) {
        const file = JSON.parse(line);
        for (const what of Object.keys(this.sums)) this.sums[what] += file[what];
      }
    }
    rmSync(this.folder, { recursive: true, force: true });
    const { violations, sandboxes, calls } = this.sums;
    process.stderr.write(`\nsandbox violations: ${violations} (${sandboxes} sandboxes, ${calls} calls)\n`);
  }

  getLastError() {
    if (this.sums.violations === 0) return undefined;
    return new Error(`${this.sums.violations} sandbox violations that no test asked for`);
  }
};
