/** Lines of comma-separated values by RFC 4180, safe to be opened in a spreadsheet. */

/**
 * One line, ended by CR LF. What a spreadsheet would take for a formula gets an apostrophe in front, and is text to it; numbers stay as they are.
 */
export function csvLine(fields: readonly (string | number)[]): string {
  return `${fields.map((field) => (typeof field === 'number' ? String(field) : quoted(neutral(field)))).join(',')}\r\n`;
}

/** Leading blanks are skipped by some spreadsheets; full-width signs are signs to some. */
function neutral(text: string): string {
  return /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/u.test(text) ? `'${text}` : text;
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
