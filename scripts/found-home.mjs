/** The home that this shell's settings name, and where its studio answers: for the commands that ask what `npm start` runs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { lockOwner } from './lock.mjs';
import { ROOT, SetupError } from './setup.mjs';

const NEEDED = ['runtime/config.js', 'runtime/paths.js', 'studio/banner.js', 'studio/secrets/token.js'].map((file) => join(ROOT, 'dist/src', file));

/**
 * `owner` is who runs it, undefined when nobody does. `panel` is where that one listens, which another shell's settings may know
 * nothing of: only the home must be the same.
 * @throws SetupError when nothing is built; ServerError of the settings
 */
export async function findHome() {
  if (!NEEDED.every((file) => existsSync(file))) throw new SetupError('VistterStudio is not built yet: "npm start" does that, and starts it.');
  const [{ loadConfig }, { Paths }, { panelUrl }, { readToken }] = await Promise.all(NEEDED.map((file) => import(file)));
  const config = loadConfig(process.env, ROOT);
  const paths = new Paths(config.home);
  const owner = lockOwner(join(config.home, 'start.lock'));
  return { paths, owner, panel: panelUrl(owner?.http ?? config.http), token: readToken(paths.secrets, config.token) };
}
