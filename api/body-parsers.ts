import { type Api } from './deps';

const JSON_TYPES = ['application/json', 'application/merge-patch+json'];

/**
 * JSON only. An empty body counts as none, because clients name a content type with actions that need no
 * body; `__proto__` and `constructor.prototype` as names are refused.
 */
export function registerBodyParsers(app: Api): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser(JSON_TYPES, { parseAs: 'string' }, (request, body, done) => {
    const text = typeof body === 'string' ? body : body.toString('utf8');
    if (text.trim() === '') done(null, undefined);
    else return parse(request, text, done);
  });
}
