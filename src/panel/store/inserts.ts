/** Inserts: made and taken out, and the log of what was aired of them. They are changed by ./edits.ts, as others may be at them too. */
import { z } from 'zod';
import { AiringRecord, AiringTotal, type InsertInput } from '../../protocol/inserts.js';
import { request } from '../lib/api.js';
import { airingsQuery, type AiringRange } from '../lib/airings.js';
import { attempt } from './actions.js';

/** @returns whether it was added */
export async function addInsert(input: InsertInput): Promise<boolean> {
  return (await attempt('inserts', request('POST', '/inserts', input))) !== undefined;
}

/** One field that says only itself: whoever is first or last is right. */
export const switchInsert = (id: string, enabled: boolean) => attempt('inserts', request('PATCH', `/inserts/${encodeURIComponent(id)}`, { enabled }));
export const deleteInsert = (id: string) => attempt('inserts', request('DELETE', `/inserts/${encodeURIComponent(id)}`));

const Page = z.object({ items: z.array(AiringRecord), next: z.string().nullable() });
const Totals = z.object({ items: z.array(AiringTotal) });
const PAGE = 30;

/** @param before the `next` of the page before; null: the newest. @throws ApiError */
export const readAirings = async (range: AiringRange, before: string | null): Promise<z.infer<typeof Page>> =>
  Page.parse(await request('GET', `/airings?${airingsQuery(range, { limit: String(PAGE), ...(before === null ? {} : { before }) })}`));

/** Of all inserts. @throws ApiError */
export const readTotals = async ({ from, to }: AiringRange): Promise<AiringTotal[]> => Totals.parse(await request('GET', `/airings/summary?${airingsQuery({ from, to, insertId: '' })}`)).items;

export const exportOf = (range: AiringRange, format: 'csv' | 'json'): string => `/api/v1/airings/export?${airingsQuery(range, { format })}`;
