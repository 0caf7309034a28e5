/** Moments as this browser's language writes them. A format takes a hundred times longer to make than to write with: each is made once. */

type Options = Intl.DateTimeFormatOptions;

function written(options: Options): (at: Date) => string {
  let format: Intl.DateTimeFormat | undefined;
  return (at) => (format ??= new Intl.DateTimeFormat([], options)).format(at);
}

const MINUTE = { hour: '2-digit', minute: '2-digit' } as const satisfies Options;
const SECOND = { ...MINUTE, second: '2-digit' } as const satisfies Options;

/** `10:02`. */
export const clockMinute = written(MINUTE);
/** `10:02:59`. */
export const clockSecond = written(SECOND);
/** The same on an axis, where there is no room for AM and PM. */
export const axisMinute = written({ ...MINUTE, hour12: false });
export const axisSecond = written({ ...SECOND, hour12: false });
/** `30/11`. */
export const dayOfMonth = written({ day: '2-digit', month: '2-digit' });
/** `30 Nov 2026, 10:02`. */
export const dateAndMinute = written({ dateStyle: 'medium', timeStyle: 'short' });
