// An encoder that misbehaves as FAKE_FFMPEG says. Reads stdin, and reports progress on descriptor 3 as FFmpeg does.
import { createReadStream, writeSync } from 'node:fs';

const [mode = 'steady', frames = '5'] = (process.env.FAKE_FFMPEG ?? '').split(':');
let frame = 0;
const progress = () => writeSync(3, `frame=${(frame += 3)}\nbitrate=6000.0kbits/s\nprogress=continue\n`);
const report = (times) => {
  let left = times;
  const timer = setInterval(() => {
    if (left-- > 0) progress();
    else clearInterval(timer);
  }, 50);
};

process.stdin.resume();
if (mode !== 'deaf') process.stdin.on('end', () => process.exit(0));
else setInterval(() => {}, 1000);

switch (mode) {
  case 'steady':
    report(Infinity);
    break;
  case 'hang': // Works for a moment, then takes no more.
    report(Number(frames));
    setTimeout(() => process.stdin.pause(), 50 * Number(frames));
    setInterval(() => {}, 1000);
    break;
  case 'brief': // Dies as soon as it has begun.
    report(2);
    setTimeout(() => process.exit(1), 150);
    break;
  case 'exit1':
    writeSync(2, 'Guessed Channel Layout for Input Stream #0.1 : stereo\nCannot load the codec\n');
    process.exit(1);
    break;
  case 'flood':
    for (let i = 0; i < 2000; i += 1) writeSync(2, `${'x'.repeat(4000)}\n`);
    report(Infinity);
    break;
  case 'deaf': // Ignores TERM and the end of its input.
    process.on('SIGTERM', () => {});
    report(Infinity);
    break;
  default:
    createReadStream('/nonexistent');
}
