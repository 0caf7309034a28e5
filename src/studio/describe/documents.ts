/** The generated files of docs/, by path: what `npm run docs` writes and a test compares. */
import { createApp, openApi, type AppOptions } from '../http/app.js';
import { restRoutes, type RouteServices } from '../http/routes.js';
import { metricsMarkdown } from './metrics-doc.js';
import { protocolMarkdown } from './protocol-doc.js';

export function generatedDocuments(): Record<string, string> {
  // Routes are only described here, never called: nobody asks these services for anything.
  const routes = restRoutes({} as RouteServices);
  const app = createApp({ routes } as AppOptions);
  return {
    'docs/openapi.json': `${JSON.stringify(openApi(app), null, 1)}\n`,
    'docs/PROTOCOL.md': protocolMarkdown(routes),
    'docs/metrics.md': metricsMarkdown(),
  };
}
