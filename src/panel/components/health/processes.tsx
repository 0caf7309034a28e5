/** The five processes: whether each is there, and what it and its children take. */
import { size } from '../../lib/words.js';
import { status } from '../../store/state.js';
import { texts } from '../../texts.js';
import { State } from '../parts.js';

const t = texts.health;

export function Processes() {
  const { processes = [], machine } = status.value ?? {};
  const load = new Map(machine?.processes.map((one) => [one.role, one]));
  const studio = load.get('studio');
  const rows = [
    ...(studio ? [{ role: 'studio', connected: true, pid: studio.pid, restarts: null }] : []),
    ...processes,
  ];
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={t.processes}>
      <table class="figures-table processes">
        <thead>
          <tr><th scope="col">{t.process}</th><th scope="col">{t.state}</th><th scope="col">{t.pid}</th><th scope="col">{t.children}</th><th scope="col">{t.restarts}</th><th scope="col">{t.cpu}</th><th scope="col">{t.memory}</th></tr>
        </thead>
        <tbody>
          {rows.map(({ role, connected, pid, restarts }) => {
            const takes = load.get(role);
            return (
              <tr key={role} data-process={role}>
                <th scope="row">{role}</th>
                <td><State said={connected ? { word: t.running, tone: 'good' } : { word: t.away, tone: 'bad' }} /></td>
                <td>{pid ?? '–'}</td><td>{takes?.children ?? '–'}</td><td>{restarts ?? '–'}</td>
                <td>{takes?.cpuPercent === undefined || takes.cpuPercent === null ? '–' : `${takes.cpuPercent.toFixed(0)} %`}</td><td>{takes ? size(takes.memoryBytes) : '–'}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {machine && (
        <p class="hint">{t.machine(size(machine.memoryAvailableBytes), size(machine.memoryBytes), machine.diskFreeBytes === null ? null : size(machine.diskFreeBytes))}</p>
      )}
    </div>
  );
}
