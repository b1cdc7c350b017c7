import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Api } from '../deps';
import { API_TITLE } from '../openapi';

/**
 * Swagger UI on /openapi.json. Its files come from @fastify/swagger-ui; the plugin itself is not used: it
 * pulls in a static file server and a policy that upgrades to https, which loopback has not.
 */
export function registerDocs(app: Api): void {
  const folder = join(dirname(require.resolve('@fastify/swagger-ui/package.json')), 'static');
  const page = (url: string, type: string, content: () => Promise<string | Buffer>): void => {
    app.get(url, {
      config: { access: 'public' },
      schema: { hide: true },
      handler: async (_request, reply) =>
        reply
          .headers({ 'content-type': type, 'content-security-policy': POLICY, 'cache-control': 'no-cache' })
          .send(await content()),
    });
  };

  page('/docs', HTML, () => Promise.resolve(INDEX));
  page('/docs/', HTML, () => Promise.resolve(INDEX));
  page('/docs/start.js', JAVASCRIPT, () => Promise.resolve(START));
  page('/docs/concordance.css', 'text/css; charset=utf-8', () => Promise.resolve(CSS));
  for (const [name, type] of Object.entries(FILES)) {
    page(`/docs/${name}`, type, () => readFile(join(folder, name)));
  }
}

const HTML = 'text/html; charset=utf-8';
const JAVASCRIPT = 'text/javascript; charset=utf-8';

const FILES = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': JAVASCRIPT,
  'favicon-32x32.png': 'image/png',
} as const;

const POLICY =
  "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; img-src 'self' data:; object-src 'none'; style-src 'self' 'unsafe-inline'";

const INDEX = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>${API_TITLE}</title>
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
    <link rel="stylesheet" href="/docs/concordance.css" />
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/start.js"></script>
  </body>
</html>
`;

const START = `window.onload = () => {
  window.ui = SwaggerUIBundle({
    url: '/openapi.json',
    dom_id: '#swagger-ui',
    presets: [SwaggerUIBundle.presets.apis],
    layout: 'BaseLayout',
    deepLinking: true,
    docExpansion: 'list',
    displayRequestDuration: true,
    defaultModelsExpandDepth: 0,
    defaultModelExpandDepth: 2,
    validatorUrl: null,
  });
};
`;

const CSS = `body { margin: 0; background: #fafafa; }
.swagger-ui .info { margin: 32px 0 20px; }
.swagger-ui .info .title { font-size: 34px; }
.swagger-ui .info p, .swagger-ui .info li { font-size: 15px; line-height: 1.55; max-width: 60em; }
.swagger-ui .info .markdown p, .swagger-ui .info .renderedMarkdown p { margin: 1em 0; }
.swagger-ui .info blockquote { border-left: 4px solid #e8a33d; background: #fdf3e1; margin: 0 0 18px; padding: 10px 18px; }
.swagger-ui .info .markdown blockquote p, .swagger-ui .info .renderedMarkdown blockquote p { margin: 0; max-width: none; }
.swagger-ui .scheme-container { background: transparent; box-shadow: none; padding: 0 0 12px; margin: 0; }
.swagger-ui .opblock-tag { font-size: 21px; }
.swagger-ui .opblock-tag small { font-size: 14px; }
.swagger-ui .opblock .opblock-summary-path { max-width: 60%; }
`;
