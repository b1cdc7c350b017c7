import { type Migration } from '../../hub';
import { type Api, type ApiContext } from '../deps';
import { Problem } from '../problem';
import { answer, problems, SECURED, TAGS } from '../route-docs';
import { acceptedSchema } from '../schemas/common';
import { noBody } from '../schemas/entity';
import { approveBody } from '../schemas/migration';
import { type MigrationDecision, requireMigrationState, requireStage } from '../stage-rules';
import { migrationParams } from './migrations';

const RESPONSE = { 202: answer('Accepted.', acceptedSchema), ...problems(401, 403, 404, 409, 422) };

/** Decisions of a person about a migration. */
export function registerMigrationDecisions(app: Api, context: ApiContext): void {
  const { store, commands } = context;
  const decidable = async (
    { id, number }: { readonly id: string; readonly number: number },
    decision: MigrationDecision,
  ): Promise<Migration> => {
    const entity = await store.entities.get(id);
    const migration = await store.migrations.migration(id, number);
    requireStage(entity, decision.startsWith('approve') ? 'approve-migration' : 'decide-migration');
    requireMigrationState(migration, decision);
    return migration;
  };

  app.post('/v1/entities/:id/migrations/:number/approve', {
    config: { access: 'write' },
    schema: {
      tags: [TAGS.migrations],
      summary: 'Approve a migration',
      description:
        'The digest names the plan that was reviewed; another one is refused with 409 `plan-changed`. With `step: "deactivate-old"` the final approval of an import.',
      security: SECURED,
      params: migrationParams,
      body: approveBody,
      response: RESPONSE,
    },
    handler: async ({ params, body }, reply) => {
      const { digest, step } = body;
      const migration = await decidable(params, step === undefined ? 'approve' : `approve ${step}`);
      if (migration.digest !== digest) throw planChanged(migration);
      const request = { kind: 'approve-migration' as const, number: migration.number, digest };
      const accepted = await commands.send(params.id, step === undefined ? request : { ...request, step });
      return reply.code(202).send(accepted);
    },
  });

  for (const decision of ['reject', 'cancel'] as const) {
    app.post(`/v1/entities/:id/migrations/:number/${decision}`, {
      config: { access: 'write' },
      schema: {
        tags: [TAGS.migrations],
        summary: SUMMARIES[decision],
        security: SECURED,
        params: migrationParams,
        body: noBody,
        response: RESPONSE,
      },
      handler: async ({ params }, reply) => {
        const { number } = await decidable(params, decision);
        const accepted = await commands.send(params.id, { kind: `${decision}-migration`, number });
        return reply.code(202).send(accepted);
      },
    });
  }
}

const SUMMARIES = {
  reject: 'Reject a planned migration',
  cancel: 'Cancel a migration; what is done stays done',
} as const;

function planChanged({ number }: Migration): Problem {
  return new Problem(
    409,
    'plan-changed',
    `Migration ${number} has another plan than the one approved. Look at its items again and approve with its digest.`,
  );
}
