// What need not wait for the page's own code, which takes its time to come and to be read. The page's policy allows nothing inline, so this is a file.

// The colours a person chose, before anything is drawn: a page that is dark for a moment is a flash. The rest of it is in store/theme.ts.
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

// The connection: what the studio says first is here by the time the page can show it. lib/first.ts takes it over.
(function () {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  const first = { token, loggedIn: null, socket: null, heard: [] };
  const connect = () => {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`);
    socket.binaryType = 'arraybuffer';
    socket.onmessage = (event) => first.heard.push(event);
    first.socket = socket;
  };
  globalThis.vistterFirst = first;
  if (token === null) {
    connect();
    return;
  }
  // Before anything else: nobody is to read it over a shoulder or find it in the history.
  history.replaceState(null, '', location.pathname + location.search);
  const asked = { method: 'POST', credentials: 'same-origin', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ token }) };
  first.loggedIn = fetch('/api/v1/session', asked).then(({ ok }) => {
    if (ok) connect();
    return ok;
  }, () => false);
})();
