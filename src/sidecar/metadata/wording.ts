/** The few words that we put into a video's texts ourselves, in its own language where it is one of these, in English else. */

export interface Wording {
  start: string;
  part(n: number): string;
  recording: string;
  inThisVideo(topics: string): string;
  and: string;
  chapters: string;
  highlights: string;
}

const and = (word: string) => ` ${word} `;

const WORDINGS: Readonly<Record<string, Wording>> = {
  en: { start: 'Start', part: (n) => `Part ${n}`, recording: 'Recording', inThisVideo: (topics) => `In this video: ${topics}.`, and: and('and'), chapters: 'Chapters', highlights: 'Highlights' },
  de: { start: 'Beginn', part: (n) => `Teil ${n}`, recording: 'Aufnahme', inThisVideo: (topics) => `In diesem Video: ${topics}.`, and: and('und'), chapters: 'Kapitel', highlights: 'Höhepunkte' },
  fr: { start: 'Début', part: (n) => `Partie ${n}`, recording: 'Enregistrement', inThisVideo: (topics) => `Dans cette vidéo : ${topics}.`, and: and('et'), chapters: 'Chapitres', highlights: 'Temps forts' },
  es: { start: 'Inicio', part: (n) => `Parte ${n}`, recording: 'Grabación', inThisVideo: (topics) => `En este vídeo: ${topics}.`, and: and('y'), chapters: 'Capítulos', highlights: 'Momentos destacados' },
  pt: { start: 'Início', part: (n) => `Parte ${n}`, recording: 'Gravação', inThisVideo: (topics) => `Neste vídeo: ${topics}.`, and: and('e'), chapters: 'Capítulos', highlights: 'Destaques' },
  it: { start: 'Inizio', part: (n) => `Parte ${n}`, recording: 'Registrazione', inThisVideo: (topics) => `In questo video: ${topics}.`, and: and('e'), chapters: 'Capitoli', highlights: 'Momenti salienti' },
  nl: { start: 'Begin', part: (n) => `Deel ${n}`, recording: 'Opname', inThisVideo: (topics) => `In deze video: ${topics}.`, and: and('en'), chapters: 'Hoofdstukken', highlights: 'Hoogtepunten' },
  pl: { start: 'Początek', part: (n) => `Część ${n}`, recording: 'Nagranie', inThisVideo: (topics) => `W tym filmie: ${topics}.`, and: and('i'), chapters: 'Rozdziały', highlights: 'Najlepsze momenty' },
  ru: { start: 'Начало', part: (n) => `Часть ${n}`, recording: 'Запись', inThisVideo: (topics) => `В этом видео: ${topics}.`, and: and('и'), chapters: 'Главы', highlights: 'Лучшие моменты' },
  ja: { start: 'はじめ', part: (n) => `パート${n}`, recording: '録画', inThisVideo: (topics) => `この動画の内容：${topics}。`, and: 'と', chapters: 'チャプター', highlights: 'ハイライト' },
  zh: { start: '开始', part: (n) => `第${n}部分`, recording: '录像', inThisVideo: (topics) => `本视频内容：${topics}。`, and: '和', chapters: '章节', highlights: '精彩片段' },
  ko: { start: '시작', part: (n) => `${n}부`, recording: '녹화', inThisVideo: (topics) => `이 영상의 내용: ${topics}.`, and: and('및'), chapters: '챕터', highlights: '하이라이트' },
};

export function wordingFor(language: string | null): Wording {
  return WORDINGS[language?.toLowerCase().split('-')[0] ?? 'en'] ?? WORDINGS['en']!;
}
