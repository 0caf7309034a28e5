import { expect, test } from 'vitest';
import { Views, type ViewsOptions } from '../../../src/studio/views.js';

test('what strangers may ask for looks at nothing but which processes answer', () => {
  const presence = (role: string) => ({ role, connected: true, pid: 1, restarts: 0, unsent: 0 });
  const answering: string[] = ['engine', 'egress'];
  const views = new Views({
    link: { presence: () => ['engine', 'egress'].map(presence) },
    reports: { get: (role: string) => (answering.includes(role) ? {} : undefined) },
    get desired(): never { throw new Error('All that is stored was gone through.'); },
  } as unknown as ViewsOptions);
  expect(views.health()).toMatchObject({ status: 'ok', processes: { engine: true, egress: true } });
  answering.pop();
  expect(views.health()).toMatchObject({ status: 'degraded', processes: { engine: true, egress: false } });
});
