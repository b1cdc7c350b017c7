import { type Logger } from 'pino';
import { request } from 'undici';

const TIMEOUT_MS = 10_000;

/** Posts events to NOTIFY_WEBHOOK_URL as JSON. The event is stored already, so a failed post is only logged. */
export function eventWebhook(url: string, log: Logger) {
  return async (event: Readonly<Record<string, unknown>>): Promise<void> => {
    try {
      const { statusCode, body } = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(event),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await body.dump();
      if (statusCode >= 400) log.warn({ statusCode }, 'the event webhook refused an event');
    } catch (error) {
      log.warn(
        { code: error instanceof Error && 'code' in error ? error.code : 'failed' },
        'the event webhook failed',
      );
    }
  };
}
