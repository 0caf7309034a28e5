/** What `npm start` runs for a home: its five processes, those of them that began before the last upgrade, and whether something goes out. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findHome } from './found-home.mjs';
import { answering, IN_TURN } from './in-turn.mjs';
import { startTicks } from './lock.mjs';
import { parentOf } from './reap.mjs';
import { SetupError } from './setup.mjs';

const ANSWER_MS = 5000;

export class RunningHome {
  /** In the order in which they begin anew: egress last. */
  roles = [...IN_TURN, 'egress'];

  /** @param studio its address and the operator's token */
  constructor(runFolder, studio) {
    this.run = runFolder;
    this.studio = studio;
    this.oldFile = join(runFolder, 'before-upgrade.json');
  }

  /** @throws SetupError when nothing runs, or what keeps it running does not; ServerError of the settings */
  static async open() {
    // It reads all that is needed of the build, before another is put in its place.
    const { paths, owner, panel, token } = await findHome();
    if (!owner) throw new SetupError(`VistterStudio is not running with ${paths.home}. "npm start" builds what is new, and runs it.`);
    const home = new RunningHome(paths.run, { url: new URL('api/v1/broadcast', panel), token });
    // Without pm2, `npm start` begins all of them afresh as soon as one ends.
    if (!(await home.#living()).some(({ pid }) => parentOf(parentOf(pid)) === owner.pid)) {
      throw new SetupError('pm2, which starts the processes, has ended: they can only begin anew together. When nothing is on air, stop "npm start" and start it again.');
    }
    return home;
  }

  /** All that run now: what is there from now on is newer. */
  async countAsOld() {
    writeFileSync(this.oldFile, JSON.stringify((await this.#living()).map(({ pid }) => ({ pid, startTicks: startTicks(pid) }))));
  }

  /** What was replaced is back. */
  countNoneAsOld() {
    rmSync(this.oldFile, { force: true });
  }

  /** Those that run what was replaced. */
  async oldRoles() {
    let old = [];
    try {
      old = JSON.parse(readFileSync(this.oldFile, 'utf8'));
    } catch {
      // There was no upgrade yet.
    }
    return (await this.#living()).filter(({ pid }) => old.some((one) => one.pid === pid && one.startTicks === startTicks(pid))).map(({ role }) => role);
  }

  /** Whether something is sent or recorded; also where nobody can say. */
  async goesOut() {
    try {
      const response = await fetch(this.studio.url, { headers: { Authorization: `Bearer ${this.studio.token}` }, signal: AbortSignal.timeout(ANSWER_MS) });
      const { state, recording } = await response.json();
      return state !== 'standby' || recording.state === 'recording';
    } catch {
      return true;
    }
  }

  async #living() {
    const found = await Promise.all(this.roles.map(async (role) => ({ role, pid: await answering(this.run, role) })));
    return found.filter(({ pid }) => pid !== undefined);
  }
}
