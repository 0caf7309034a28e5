/** Clips of every rung of the ladder in a browser, as whoever they are shared with has them: frames sought, and played through. */
import { createReadStream, statSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutClip } from '../../src/sidecar/cutting/cut-clip.js';
import { browserMissing, closePages, openPage, sharedBrowser, type Watched } from '../support/browser.js';
import { columns, decodeCells, rows, stripHeight } from '../support/pattern/code.js';
import { film, filmTimeMs, type Film } from '../support/pattern/film.js';
import { removeFolder, tempFolder } from '../support/temp.js';
import type { Browser } from 'playwright-core';

const FIRST = 5_000;
const SIZE = { width: 384, height: 216 } as const;
if (browserMissing) console.log(`clips in a browser: skipped, ${browserMissing}`);

/** In the page: the code's cells of what the video shows, each the luma of its middle. */
const LOOK = `
  const video = document.querySelector('video');
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [${SIZE.width}, ${SIZE.height}];
  const context = canvas.getContext('2d', { willReadFrequently: true });
  const look = () => {
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const strip = canvas.height * ${stripHeight};
    const { data, width } = context.getImageData(0, 0, canvas.width, Math.ceil(strip));
    return Array.from({ length: ${columns * rows} }, (_, i) => {
      const x = Math.floor(((i % ${columns}) + 0.5) * canvas.width / ${columns});
      const y = Math.floor((Math.floor(i / ${columns}) + 0.5) * strip / ${rows});
      return data[(y * width + x) * 4 + 1];
    });
  };`;

describe.skipIf(browserMissing)('a clip in a browser', () => {
  const folder = tempFolder('v-played-');
  let recording: Film;
  let server: Server;
  let browser: Browser;
  let watched: Watched;
  let url: string;

  beforeAll(async () => {
    recording = await film({ camera: 3, firstCounter: FIRST, seconds: 12, bFrames: true, ...SIZE });
    server = createServer((request, response) => {
      if (!request.url!.endsWith('.mp4')) {
        response.setHeader('Content-Type', 'text/html');
        response.end('<link rel="icon" href="data:,"><video muted></video>');
        return;
      }
      const path = join(folder, request.url!.slice(1));
      const { size } = statSync(path);
      const [from, to] = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '')?.slice(1) ?? ['0', ''];
      const last = to ? Number(to) : size - 1;
      response.writeHead(206, { 'Content-Type': 'video/mp4', 'Content-Length': last - Number(from) + 1, 'Content-Range': `bytes ${from}-${last}/${size}`, 'Accept-Ranges': 'bytes' });
      createReadStream(path, { start: Number(from), end: last }).pipe(response).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
    url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
    browser = await sharedBrowser();
    watched = await openPage(browser, { width: 800, height: 600 });
  });

  afterAll(async () => {
    await closePages(browser);
    server?.closeAllConnections();
    server?.close();
    removeFolder(folder);
  });

  it.each([
    { rung: 'copy', first: 60, end: 181 }, { rung: 'smart', first: 47, end: 200 }, { rung: 'full', first: 61, end: 119 },
  ] as const)('that was cut by the rung $rung shows its frames, and plays to its end', async ({ rung, first, end }) => {
    const name = `${rung}.mp4`;
    const { cut } = await cutClip({ input: recording.path, startMs: Math.round(filmTimeMs(recording, first)), endMs: Math.round(filmTimeMs(recording, end)), output: join(folder, name), shape: 'wide' });
    expect(cut).toBe(rung);
    const { page, problems } = watched;
    await page.goto(url);
    // All near the ends, where one encoder's frames follow another's, and some between.
    const sought = Array.from({ length: end - first }, (_, i) => i).filter((i) => i < 16 || i >= end - first - 24 || i % 5 === 0);
    const shown = await page.evaluate(`(async () => {${LOOK}
      video.src = '/${name}';
      await new Promise((done, fail) => { video.onloadeddata = done; video.onerror = () => fail(new Error(video.error.message)); });
      const shown = [];
      for (const i of ${JSON.stringify(sought)}) {
        // What was sought is there before it is what the element shows.
        const seeked = Promise.all([new Promise((done) => { video.onseeked = done; }), new Promise((done) => { video.requestVideoFrameCallback(done); })]);
        video.currentTime = (i + 0.5) / 30;
        await seeked;
        shown.push(look());
      }
      return shown;
    })()`) as number[][];
    expect(shown.map((cells) => decodeCells(cells)?.counter)).toEqual(sought.map((i) => FIRST + first + i));

    const played = await page.evaluate(`(async () => {${LOOK}
      const seen = [];
      const each = (_, { mediaTime }) => {
        const cells = look();
        seen.push({ mediaTime, cells, now: video.currentTime });
        video.requestVideoFrameCallback(each);
      };
      video.requestVideoFrameCallback(each);
      video.currentTime = 0;
      await new Promise((done, fail) => { video.onended = done; video.onerror = () => fail(new Error(video.error.message)); void video.play(); });
      return { seen, seconds: video.duration, corrupted: video.getVideoPlaybackQuality().corruptedVideoFrames };
    })()`) as { seen: { mediaTime: number; cells: number[]; now: number }[]; seconds: number; corrupted: number };
    expect(played.corrupted).toBe(0);
    expect(Math.abs(played.seconds - (end - first) / 30)).toBeLessThan(0.05);
    // A busy machine shows some of them only; none out of its place. Where it stood still between the callback's frame
    // and this look at it, what is seen is one as late as the clock says by then.
    const codes = played.seen.flatMap(({ mediaTime, cells, now }) => {
      const code = decodeCells(cells);
      return code ? [{ told: Math.round(mediaTime * 30), shown: code.counter - FIRST - first, now: now * 30 }] : [];
    });
    expect(codes.length).toBeGreaterThan(10);
    const misplaced = codes.filter(({ told, shown, now }, i) => shown < told - 1 || shown > Math.max(told, now) + 1 || shown < (codes[i - 1]?.shown ?? 0));
    expect(misplaced).toEqual([]);
    expect(problems).toEqual([]);
  });
});
