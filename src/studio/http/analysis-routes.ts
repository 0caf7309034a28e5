/** The REST routes of what is found in recordings: moments, analyses, decisions, clips. */
import { z } from 'zod';
import { Analysis, AnalysisSummary, AnalyzeInput, DecisionInput, ExportContents, ExportInput, MetadataPatch } from '../../protocol/analysis.js';
import { MarkerAdd, MarkerAdded, PictureName, RecordedMoment } from '../../protocol/highlights.js';
import { ModelChoice, Models } from '../../protocol/models.js';
import { ServerError } from '../../runtime/errors.js';
import type { AnalysisFolder } from '../analyses/folder.js';
import type { Analyses } from '../services/analyses.js';
import type { Exports } from '../services/exports.js';
import type { Models as ModelsService } from '../services/models.js';
import type { Moments } from '../services/moments.js';
import type { Takeaway } from '../services/takeaway.js';
import { parse } from '../validate.js';
import { fileResponse, streamResponse } from './files.js';
import type { Route } from './route.js';

export interface AnalysisServices {
  moments: Moments;
  analyses: Analyses;
  exports: Exports;
  takeaway: Takeaway;
  models: ModelsService;
  analysisFolder: AnalysisFolder;
  recordings: { get(id: string): unknown };
}

export function analysisRoutes(s: AnalysisServices): Route[] {
  const tag = 'analysis';
  const whole = { status: 200, schema: Analysis, description: 'The analysis as it is now.' } as const;
  return [
    {
      method: 'post', path: '/markers', tag: 'recordings', summary: 'Mark this moment of what is being recorded, with a text or without.', body: { schema: MarkerAdd, optional: true },
      answer: { status: 200, schema: MarkerAdded, description: 'In which recordings it lies, and where.' }, errors: ['CONFLICT', 'DISK_FULL'],
      handle: ({ body }) => s.moments.mark(parse(MarkerAdd, body)),
    },
    {
      method: 'get', path: '/recordings/{id}/moments', tag: 'recordings', summary: 'What was done and what happened while it was recorded: takes, overrides, inserts, alerts and marks.',
      answer: { status: 200, schema: z.object({ items: z.array(RecordedMoment) }), description: 'By time, at most 10,000.' },
      handle: async ({ id }) => ({ items: await s.moments.list(id) }),
    },
    {
      method: 'get', path: '/recordings/{id}/analysis', tag, summary: 'Read what was found in a recording: highlights with what was decided, chapters, metadata, clips; or how far that is.',
      answer: whole, handle: ({ id }) => s.analyses.get(id),
    },
    {
      method: 'post', path: '/recordings/{id}/analyze', tag, summary: 'Analyse a recording, or do it once more: what people decided since then counts.', body: { schema: AnalyzeInput, optional: true },
      answer: { status: 200, schema: AnalysisSummary, description: 'Where it stands.' }, errors: ['CONFLICT', 'DISK_FULL'], handle: ({ id, body }) => s.analyses.analyze(id, parse(AnalyzeInput, body)),
    },
    {
      method: 'post', path: '/recordings/{id}/analysis/cancel', tag, summary: 'End the analysis that is under way; what an earlier one found stays.',
      answer: { status: 200, schema: AnalysisSummary, description: 'Where it stands.' }, errors: ['CONFLICT'], handle: ({ id }) => s.analyses.cancel(id),
    },
    {
      method: 'post', path: '/recordings/{id}/highlights/{highlightId}/decision', tag, summary: 'Accept or reject a highlight; one that is accepted may be trimmed.', body: { schema: DecisionInput },
      answer: whole, errors: ['CONFLICT', 'DISK_FULL'], handle: ({ id, param, body }) => s.analyses.decide(id, param('highlightId'), parse(DecisionInput, body)),
    },
    {
      method: 'delete', path: '/recordings/{id}/highlights/{highlightId}/decision', tag, summary: 'Take back what was decided about a highlight.',
      answer: whole, errors: ['DISK_FULL'], handle: ({ id, param }) => s.analyses.withdraw(id, param('highlightId')),
    },
    {
      method: 'patch', path: '/recordings/{id}/metadata', tag, summary: 'Choose title, description, tags or hashtags; null: as suggested again.', body: { schema: MetadataPatch },
      answer: whole, errors: ['STALE_REVISION'], handle: ({ id, body, expected }) => s.analyses.chooseMetadata(id, body, expected),
    },
    {
      method: 'post', path: '/recordings/{id}/export', tag, summary: 'Cut clips: of all accepted highlights, or of those that are named.', body: { schema: ExportInput, optional: true },
      answer: whole, errors: ['CONFLICT', 'DISK_FULL'], handle: ({ id, body }) => s.analyses.export(id, parse(ExportInput, body)),
    },
    {
      method: 'get', path: '/recordings/{id}/export', tag, summary: 'What the ZIP of a recording would hold; refused with a reason while that is not whole.',
      answer: { status: 200, schema: ExportContents, description: 'Its files and their lengths.' }, errors: ['CONFLICT'], handle: ({ id }) => s.takeaway.contents(id),
    },
    {
      method: 'get', path: '/recordings/{id}/export.zip', tag, summary: 'Download all that was made of a recording at once: clips, pictures, captions, chapters, title and description, metadata and manifest.',
      answer: { status: 200, description: 'A ZIP, whose files are not compressed; it breaks off where one of them is gone meanwhile.' }, errors: ['CONFLICT'],
      handle: async ({ id, context }) => {
        const { name, zip } = await s.takeaway.zip(id);
        return streamResponse(context.req, zip.stream, zip.bytes, { 'Content-Type': 'application/zip', 'Content-Disposition': `attachment; filename="${name}"`, 'Cache-Control': 'private, no-store' });
      },
    },
    {
      method: 'get', path: '/recordings/{id}/clips/{clipId}', tag, summary: 'Download a clip; takes Range.', answer: { status: 200, description: 'The file.' }, errors: ['CONFLICT'],
      handle: async ({ id, param, context }) => {
        const { path, name } = await s.exports.file(id, param('clipId'));
        return fileResponse(context.req, path, { 'Content-Type': 'video/mp4', 'Content-Disposition': `attachment; filename="${name}"` });
      },
    },
    {
      method: 'delete', path: '/recordings/{id}/clips/{clipId}', tag, summary: 'Delete a clip; one that is being cut is not cut any more.',
      answer: { status: 204, description: 'It is gone.' }, handle: ({ id, param }) => s.analyses.removeClip(id, param('clipId')),
    },
    {
      method: 'get', path: '/models', tag, summary: 'List the models that rank highlights, learnt from what people decided.',
      answer: { status: 200, schema: Models, description: 'The newest first; none of them is active while the heuristic ranks.' }, handle: () => s.models.list(),
    },
    {
      method: 'post', path: '/models/roll-back', tag, summary: 'Go back to the model that was in use before, and stay there.',
      answer: { status: 200, schema: Models, description: '`said` tells what came of it; null when the sidecar has not done it within 5 s.' }, errors: ['DISK_FULL'], handle: () => s.models.rollBack(),
    },
    {
      method: 'post', path: '/models/choose', tag, summary: 'Put a model into use and stay there; null: the newest, and each that is learnt later.', body: { schema: ModelChoice },
      answer: { status: 200, schema: Models, description: 'As of `roll-back`.' }, errors: ['NOT_FOUND', 'DISK_FULL'], handle: ({ body }) => s.models.choose(parse(ModelChoice, body)),
    },
    {
      method: 'get', path: '/recordings/{id}/pictures/{name}', tag, summary: 'A picture of a highlight, or one of the thumbnails to choose from.', answer: { status: 200, description: 'A JPEG.' },
      handle: async ({ id, param, context }) => {
        s.recordings.get(id);
        const name = PictureName.safeParse(param('name'));
        if (!name.success) throw new ServerError('NOT_FOUND', 'There is no such picture.');
        return fileResponse(context.req, s.analysisFolder.picture(id, name.data), { 'Content-Type': 'image/jpeg', 'Cache-Control': 'private, no-cache' });
      },
    },
  ];
}
