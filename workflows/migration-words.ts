import { type MigrationInput, type MigrationProgress } from './messages';

const WAITING_FOR: Readonly<Record<MigrationProgress['state'], string>> = {
  planning: 'nobody: each traveller is compared with Concur, nothing is written',
  'awaiting-approval': '**support: review the plan and approve its digest**',
  executing: 'nobody: travellers are being published',
  verifying: 'nobody: every profile is read back and compared',
  'awaiting-final-approval': '**support: approve the last, irreversible step**',
  completed: 'nobody',
  rejected: 'nobody: the plan was rejected, nothing was written',
  cancelled: 'nobody: it was cancelled between two chunks',
  failed: 'somebody who looks at the log of the worker',
};

/** What the Temporal UI shows of a migration, in Markdown that a support person can read. */
export function migrationDetails(
  input: MigrationInput,
  progress: MigrationProgress,
  trouble?: string,
): string {
  const lines = [
    `Migration ${input.number} of **${input.entityId}**, strategy **${input.strategy}**: **${progress.state}**`,
    '',
    `- Waiting for: ${WAITING_FOR[progress.state]}`,
  ];
  if (progress.digest !== undefined) lines.push(`- Digest of the plan: \`${progress.digest}\``);
  const { counts } = progress;
  if (counts !== undefined) {
    lines.push(
      '',
      '| create | update | bind | unchanged | refused |',
      '|---:|---:|---:|---:|---:|',
      `| ${counts.create} | ${counts.update} | ${counts.bind} | ${counts.unchanged} | ${counts.refused} |`,
      '',
      '| done | quarantined | needs approval | skipped |',
      '|---:|---:|---:|---:|',
      `| ${counts.done} | ${counts.quarantined} | ${counts.needsApproval} | ${counts.skipped} |`,
    );
  }
  if (trouble !== undefined) lines.push('', `> ${trouble} It is tried again.`);
  return lines.join('\n');
}
