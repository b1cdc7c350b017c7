import { type Granted } from '../activities/tokens';
import { type ScopeLoss } from '../profile';
import { type LifecycleContext } from './lifecycle-context';

/** Told once for what stands in the way, not after every try. */
export async function tellStandstill(life: LifecycleContext, kind: string): Promise<void> {
  const problem = life.state.problem ?? 'Concur asks for a new authorisation.';
  if (life.state.stopped !== undefined && life.state.stopTold === problem) return;
  if (life.state.stopped !== undefined) life.change({ stopTold: problem });
  await life.tell(kind, problem);
}

/** What an entity lacks is told once, and again when it lacks something else. */
export async function tellScopes(life: LifecycleContext, { scopeLosses }: Granted): Promise<void> {
  if (scopeLosses === undefined) return;
  const isNews = losesOthers(life.state.scopeLosses ?? [], scopeLosses);
  life.change({ scopeLosses });
  if (!isNews) return;
  await life.tell(
    'scopes-missing',
    `Concur did not grant all scopes. What is missing costs: ${lossesInWords(scopeLosses)}. Ask Concur to grant it.`,
  );
}

/** True where a grant lacks other scopes than the one before it. */
function losesOthers(before: readonly ScopeLoss[], now: readonly ScopeLoss[]): boolean {
  const names = (losses: readonly ScopeLoss[]) => losses.map(({ scope }) => scope).join(' ');
  return now.length > 0 && names(before) !== names(now);
}

/** What the scopes that were not granted cost, one after the other. */
function lossesInWords(losses: readonly ScopeLoss[]): string {
  return losses.map(({ scope, loss }) => `${scope}: ${loss}`).join('; ');
}
