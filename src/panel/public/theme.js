// The colours a person chose, before anything is drawn: a page that is dark for a moment is a flash. The page's policy allows nothing
// inline, so this is a file; the rest of it is in store/theme.ts.
(function () {
  let chosen = null;
  try {
    chosen = localStorage.getItem('vistter.theme');
  } catch {
    // A browser that keeps nothing: the system's.
  }
  const isLight = chosen === 'light' || (chosen !== 'dark' && matchMedia('(prefers-color-scheme: light)').matches);
  document.documentElement.dataset.theme = isLight ? 'light' : 'dark';
})();
