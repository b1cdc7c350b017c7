import { onlyIds } from './group-commit';
import { type EngineDeps } from './ports';

/**
 * The publisher has to look at the traveller once more: it merges what Concur changed meanwhile, sends what
 * Concur lacks, or puts in quarantine, with its reason, what Concur no longer shows. Whoever waits for the
 * publisher already is left as it is.
 */
export async function lookAgain(
  deps: Pick<EngineDeps, 'store'>,
  entityId: string,
  travellerId: string,
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const [now] = await tx.lock(entityId, 'concur', onlyIds([travellerId]));
    if (now === undefined || now.state.held || now.state.publishedVersion < now.traveller.version) return;
    await tx.save([{ state: { ...now.state, publishedVersion: now.traveller.version - 1 } }]);
  });
}
