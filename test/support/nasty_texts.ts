/** Texts that break what counts in letters: seeded, the same for the same seed. */

const PIECES = [
  'Boss fight', 'speed run', 'the', 'and then we', 'GAME', 'Zürich', 'naïve', 'é', 'e\u0301', 'a\u0308\u0323', 'Z\u0351\u036b\u0343\u036a\u0302\u036b\u033d\u034f\u0334\u0319\u0324', `o${'\u0335'.repeat(60)}`,
  '👩‍👩‍👧‍👦', '👨🏿‍🚀', '🏴󠁧󠁢󠁳󠁣󠁴󠁿', '🇩🇪', '🇩', '❤️', '1️⃣', '👍🏽', '🤦🏼‍♂️', '漢字仮名交じり文', '日本語のテキスト', '这是一个测试', '한국어 텍스트', 'ไทยภาษา', 'नमस्ते दुनिया', 'क्षत्रिय', 'مرحبا بالعالم', 'שלום עולם', 'ا\u0651\u064e',
  '\ud83d', '\udc00', '\ud83d\ud83d', '\u0000', '\u0007', '\u202e', '\u2066', '\u200d', '\u200b', '\ufeff', '\uffff', '\u2028', '\r\n', '\n', '\n\n\n', '\t', '<', '>', '<script>', '->', '=>', '<3', '<<<>>>', '&lt;', '"', ',', '#', '#tag', '# tag', '@handle', 'https://evil.example/x', 'evil.com',
  '0:00 Intro', '12:34', '!!!', '…', ' ', '   ', 'x'.repeat(120), '字'.repeat(120), '🎮'.repeat(60), 'word '.repeat(40), '9'.repeat(50), '_', '-', '\\', '%s', 'null', 'ﷺ', 'ß', 'İ', 'ı', 'ǆ', '𝕏', '𠜎',
];

/** Marsaglia's xorshift: the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

export function nastyText(random: () => number, mostPieces: number): string {
  const joint = random() < 0.5 ? '' : ' ';
  return Array.from({ length: Math.floor(random() * (mostPieces + 1)) }, () => PIECES[Math.floor(random() * PIECES.length)]!).join(joint);
}
