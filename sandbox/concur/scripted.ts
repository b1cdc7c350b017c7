import { encodeOutcome } from '../../concur/xml';
import { type Call, errorReply, type Reply, xmlReply } from './call';
import { refusedToken } from './oauth';
import { type EndingAction } from './script';
import { type World } from './world';

type AnsweringAction = Extract<EndingAction, { kind: 'respond' | 'code' | 'error' }>;

export function isAnswer(action: EndingAction | undefined): action is AnsweringAction {
  return action?.kind === 'respond' || action?.kind === 'code' || action?.kind === 'error';
}

/** Whether the call takes effect first. */
export function whenOf(action: AnsweringAction): 'before' | 'after' {
  return action.kind === 'error' ? 'before' : action.when;
}

/** An answer that the script writes: a whole one, one of Concur's codes, or a refusal in words. */
export function scriptedAnswer(world: World, call: Call, action: AnsweringAction): Reply {
  switch (action.kind) {
    case 'respond': {
      const { status, body, headers } = action;
      if (body === undefined) return { ...errorReply(world, status, `Scripted answer ${status}.`), headers };
      const contentType = headers['content-type'] ?? 'application/xml; charset=utf-8';
      return { status, contentType, body, headers };
    }
    case 'error':
      return errorReply(world, action.status, action.message);
    case 'code':
      return coded(world, call, action);
  }
}

/** In the shape that the code has: JSON of the token endpoint, an `Error` with 400, or an outcome with 200. */
function coded(world: World, call: Call, action: Extract<AnsweringAction, { kind: 'code' }>): Reply {
  const { code, field, message = `Scripted ${action.code}.`, geolocation } = action;
  if (typeof code === 'number') return refusedToken(code, geolocation);
  const item = {
    code,
    message,
    correlationId: call.correlationId,
    ...(field === undefined ? {} : { field }),
  };
  if (code.startsWith('EC')) return errorReply(world, 400, [item]);
  return xmlReply(200, encodeOutcome([item]), [code]);
}
