/** Asks for the token when the address did not bring one. */
import { useState } from 'preact/hooks';
import { logIn } from '../store/session.js';
import { loginError } from '../store/state.js';
import { texts } from '../texts.js';

export function Login() {
  const [token, setToken] = useState('');
  const [busy, setBusy] = useState(false);
  const submit = async (event: Event) => {
    event.preventDefault();
    setBusy(true);
    await logIn(token.trim());
    setBusy(false);
  };
  return (
    <main class="lone">
      <form class="card login" onSubmit={(event) => void submit(event)}>
        <h1>{texts.product}</h1>
        <p>{texts.login.before} <code>{texts.login.command}</code> {texts.login.after}</p>
        <label>
          {texts.login.token}
          <input
            type="password" name="token" autocomplete="current-password" required autofocus
            value={token} onInput={(event) => setToken(event.currentTarget.value)} aria-describedby="login-error"
          />
        </label>
        <p id="login-error" class="sentence bad" role="alert">{loginError.value}</p>
        <button type="submit" class="primary" disabled={busy || token.trim() === ''}>{busy ? texts.login.checking : texts.login.enter}</button>
      </form>
    </main>
  );
}
