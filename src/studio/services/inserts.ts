/** Inserts: what may be put in, on command or by itself. What it shows must be there, and must have a length. */
import { airingNow } from '../../domain/airings.js';
import { ruleOf } from '../../domain/insert-rule.js';
import { insertIssues, toInsert } from '../../domain/inserts.js';
import { InsertInput, type Insert } from '../../protocol/inserts.js';
import { ServerError } from '../../runtime/errors.js';
import { newId } from '../ids.js';
import type { Model } from '../model.js';
import { parse, rejectIssues } from '../validate.js';
import { asBody, checkRevision, merge, withoutOwned, type ExpectedRevision } from './patch.js';
import type { Program } from './program.js';

const OWNED = ['id', 'createdAt', 'updatedAt'];
const WHAT = ['sourceId', 'sceneId', 'timelineId'] as const;

export class Inserts {
  constructor(private readonly model: Model, private readonly program: Program) {}

  list(): Insert[] {
    return this.model.state.inserts.map(toInsert);
  }

  /** @throws ServerError NOT_FOUND */
  get(id: string): Insert {
    return toInsert(this.model.get('insert', id));
  }

  /** @throws ServerError VALIDATION */
  async create(body: unknown): Promise<Insert> {
    const input = parse(InsertInput, body);
    return toInsert(await this.model.change((draft) => {
      rejectIssues(insertIssues(draft.state, input));
      const made = draft.create('insert', newId('insert'), input);
      draft.insertRule(made.id, ruleOf(input, undefined, this.program.now()));
      return made;
    }));
  }

  /** To show something else, naming that is enough. @throws ServerError NOT_FOUND, VALIDATION, STALE_REVISION */
  async patch(id: string, body: unknown, expected: ExpectedRevision): Promise<Insert> {
    const change = asBody(body);
    return toInsert(await this.model.change((draft) => {
      const current = draft.get('insert', id);
      checkRevision(current.revision, expected);
      const rest = withoutOwned(change, toInsert(current), OWNED);
      const named = WHAT.some((key) => key in rest);
      const kept = Object.fromEntries(Object.entries(current.data).filter(([key]) => !named || !WHAT.some((what) => what === key)));
      const input = merge(InsertInput, kept, rest);
      rejectIssues(insertIssues(draft.state, input));
      draft.insertRule(id, ruleOf(input, draft.state.insertRules.get(id), this.program.now()));
      return draft.update('insert', id, input);
    }));
  }

  /** Its lines in the log stay. @throws ServerError NOT_FOUND, STALE_REVISION, IN_USE while it is on air */
  remove(id: string, expected: ExpectedRevision): Promise<void> {
    return this.model.change((draft) => {
      const { revision, data } = draft.get('insert', id);
      checkRevision(revision, expected);
      if (airingNow(this.program.state, this.program.now())?.insert.insertId === id) throw new ServerError('IN_USE', `"${data.name}" is on air. Stop it first.`);
      draft.remove('insert', id);
      draft.insertRule(id, undefined);
    });
  }
}
