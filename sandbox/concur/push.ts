import { createPrivateKey, type KeyObject, sign } from 'node:crypto';
import { z } from 'zod';
import { type Behaviour } from './behaviour';
import { type SandboxClock } from './clock';
import { type Company } from './company';
import { type SeededRandom } from './random';
import { type Store } from './store';
import { type SandboxLog, type Sleep, type StoredProfile } from './types';

const TOPIC = 'public.concur.user.travel.profile';
/** More changes than this wait for nobody: the oldest promise of a push is "look now". */
const MOST_WAITING = 1_000;
const TRIES = 3;
const TIME_OUT_MS = 5_000;
const RETRY_MS = 200;
const LOOPBACK = /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/;

/** What of the simulated Concur a push is made from. */
export interface PushWorld {
  readonly store: Store;
  readonly clock: SandboxClock;
  readonly pushIds: SeededRandom;
  readonly sleep: Sleep;
  readonly log: SandboxLog;
  behaviour(company?: Company): Behaviour;
}

/** Who is told of changes of a company's profiles, as `POST /_admin/subscriptions` takes it. */
export const subscriptionSchema = z.strictObject({
  companyUuid: z.string().min(1),
  url: z
    .url({ protocol: /^http$/ })
    .refine((url) => LOOPBACK.test(new URL(url).hostname), 'must be http on this machine'),
  kind: z.enum(['event', 'notification']).default('event'),
  secret: z.string().min(1).optional().describe('sent as x-concordance-push-secret'),
  signingKey: z
    .strictObject({
      id: z.string().min(1),
      privateKeyPem: z.string().refine(isPrivateKey, 'must be a private key in PEM'),
    })
    .optional()
    .describe('signs as the header Concur-Signature'),
});
export type SubscriptionInput = Readonly<z.input<typeof subscriptionSchema>>;

interface Subscription extends Omit<z.output<typeof subscriptionSchema>, 'signingKey'> {
  readonly signingKey: { readonly id: string; readonly key: KeyObject } | undefined;
}

/** Without its secrets. */
export interface ShownSubscription {
  readonly companyUuid: string;
  readonly url: string;
  readonly kind: 'event' | 'notification';
  readonly hasSecret: boolean;
  readonly signingKeyId: string | null;
}

/** `sent` counts answers of 2xx, `failed` what was given up, `dropped` what found the queue full. */
export type PushCounters = Record<'sent' | 'failed' | 'dropped', number>;

interface Message {
  readonly subscription: Subscription;
  readonly contentType: string;
  readonly body: string;
}

/**
 * Tells subscribers that a profile changed (docs/concur.md §7): at least once, one after the other, beside
 * every call and never in its way. Subscriptions and what is waiting end with the process.
 */
export class Pusher {
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly waiting: Message[] = [];
  private readonly closing = new AbortController();
  private counted: PushCounters = { sent: 0, failed: 0, dropped: 0 };
  private work: Promise<void> | undefined;

  constructor(private readonly world: PushWorld) {}

  /** In place of an earlier one of the company. @throws ZodError */
  subscribe(input: SubscriptionInput): ShownSubscription {
    const { signingKey, ...rest } = subscriptionSchema.parse(input);
    const key =
      signingKey === undefined
        ? undefined
        : { id: signingKey.id, key: createPrivateKey(signingKey.privateKeyPem) };
    const subscription = { ...rest, signingKey: key };
    this.subscriptions.set(rest.companyUuid.toLowerCase(), subscription);
    return shown(subscription);
  }

  list(): readonly ShownSubscription[] {
    return [...this.subscriptions.values()].map(shown);
  }

  clear(): void {
    this.subscriptions.clear();
  }

  get counters(): PushCounters {
    return { ...this.counted };
  }

  resetCounters(): void {
    this.counted = { sent: 0, failed: 0, dropped: 0 };
  }

  /** Call it after each change of a profile. */
  changed(after: StoredProfile, before: StoredProfile | undefined): void {
    const subscription = this.subscriptions.get(after.companyUuid.toLowerCase());
    if (subscription === undefined || this.closing.signal.aborted) return;
    const message = messageOf(this.world, subscription, after, before);
    const company = this.world.store.company(after.companyUuid);
    const times = this.world.behaviour(company).pushDelivery === 'twice' ? 2 : 1;
    for (let time = 0; time < times; time += 1) {
      if (this.waiting.length < MOST_WAITING) this.waiting.push(message);
      else this.counted.dropped += 1;
    }
    this.work ??= this.drain().finally(() => (this.work = undefined));
  }

  /** Gives up what is waiting and ends what is under way. */
  async close(): Promise<void> {
    this.closing.abort();
    this.waiting.length = 0;
    await this.work;
  }

  private async drain(): Promise<void> {
    // After the call that made the change has gone on.
    await Promise.resolve();
    for (let message = this.waiting.shift(); message !== undefined; message = this.waiting.shift()) {
      if (await this.deliver(message)) this.counted.sent += 1;
      else this.counted.failed += 1;
    }
  }

  private async deliver(message: Message): Promise<boolean> {
    for (let tries = 1; tries <= TRIES && !this.closing.signal.aborted; tries += 1) {
      if (tries > 1) await this.world.sleep(RETRY_MS);
      if (await this.post(message)) return true;
    }
    return false;
  }

  private async post({ subscription, contentType, body }: Message): Promise<boolean> {
    const signal = AbortSignal.any([this.closing.signal, AbortSignal.timeout(TIME_OUT_MS)]);
    const headers = { 'content-type': contentType, ...this.proofs(subscription, body) };
    try {
      const answer = await fetch(subscription.url, {
        method: 'POST',
        headers,
        body,
        signal,
        redirect: 'manual',
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch (error) {
      this.world.log.warn({ simulation: true, error: String(error) }, 'simulation: a push did not arrive');
      return false;
    }
  }

  /** Signed at sending, so that a message that waited is not too old. */
  private proofs({ secret, signingKey }: Subscription, body: string): Readonly<Record<string, string>> {
    return {
      ...(secret === undefined ? {} : { 'x-concordance-push-secret': secret }),
      ...(signingKey === undefined
        ? {}
        : { 'concur-signature': signatureOf(signingKey, body, this.world.clock.now()) }),
    };
  }
}

function signatureOf({ id, key }: { id: string; key: KeyObject }, body: string, now: number): string {
  const seconds = Math.floor(now / 1_000);
  const signed = Buffer.from(`${seconds}.${id}.${body}`, 'utf8');
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  return `t=${seconds},kid=${id},v1=${sign(algorithm, signed, key).toString('base64')}`;
}

function isPrivateKey(pem: string): boolean {
  try {
    createPrivateKey(pem);
    return true;
  } catch {
    // What OpenSSL says may hold parts of the key.
    return false;
  }
}

function shown({ companyUuid, url, kind, secret, signingKey }: Subscription): ShownSubscription {
  return { companyUuid, url, kind, hasSecret: secret !== undefined, signingKeyId: signingKey?.id ?? null };
}

function messageOf(
  world: PushWorld,
  subscription: Subscription,
  after: StoredProfile,
  before: StoredProfile | undefined,
): Message {
  if (subscription.kind === 'notification') {
    const fields = {
      type: 'profile',
      oauth_token_key: after.companyUuid,
      userid_type: 'login',
      userid_value: after.loginId,
    };
    const contentType = 'application/x-www-form-urlencoded';
    return { subscription, contentType, body: new URLSearchParams(fields).toString() };
  }
  const event = {
    id: world.pushIds.uuid(),
    eventType: before === undefined ? 'TravelProfileCreated' : 'TravelProfileUpdated',
    topic: TOPIC,
    timeStamp: new Date(after.modifiedAt).toISOString(),
    facts: {
      companyId: after.companyUuid,
      userId: after.uuid,
      loginId: after.loginId,
      originator: 'simulation',
      attributes: changedSections(after, before),
    },
  };
  return { subscription, contentType: 'application/json', body: JSON.stringify(event) };
}

/** Names only: an event holds no values. */
function changedSections(after: StoredProfile, before: StoredProfile | undefined): readonly string[] {
  const names = new Set([...Object.keys(after.sections), ...Object.keys(before?.sections ?? {})]);
  return [...names]
    .filter((name) => JSON.stringify(after.sections[name]) !== JSON.stringify(before?.sections[name]))
    .sort();
}
