/** Whisper's servers name a language by its code or by its English name. */
const CODES = ('en zh de es ru ko fr ja pt tr pl ca nl ar sv it id hi fi vi he uk el ms cs ro da hu ta no th ur hr bg lt la mi ml cy sk te fa lv bn sr az sl kn et mk '
  + 'br eu is hy ne mn bs kk sq sw gl mr pa si km sn yo so af oc ka be tg sd gu am yi lo uz fo ht ps tk nn mt sa lb my bo tl mg as tt haw ln ha ba jw su yue').split(' ');

let byName: Map<string, string> | undefined;

/** ISO 639-1 where it has one; null for what is no language. */
export function languageCode(name: string | null | undefined): string | null {
  const key = name?.trim().toLowerCase().split(/[-_]/)[0] ?? '';
  if (CODES.includes(key)) return key === 'jw' ? 'jv' : key;
  if (!byName) {
    const names = new Intl.DisplayNames('en', { type: 'language' });
    byName = new Map(CODES.map((code) => [(names.of(code) ?? code).toLowerCase(), code]));
  }
  return byName.get(key) ?? null;
}
