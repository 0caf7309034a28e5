/** Asks for the token when the address did not bring one. */
import { useState } from 'preact/hooks';
import { logIn } from '../store/session.js';
import { loginError } from '../store/state.js';

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
        <h1>VistterStudio</h1>
        <p>Enter the operator's token. <code>npm run token</code> on the server shows it.</p>
        <label>
          Token
          <input
            type="password" name="token" autocomplete="current-password" required autofocus
            value={token} onInput={(event) => setToken(event.currentTarget.value)} aria-describedby="login-error"
          />
        </label>
        <p id="login-error" class="sentence bad" role="alert">{loginError.value}</p>
        <button type="submit" class="primary" disabled={busy || token.trim() === ''}>{busy ? 'Checking …' : 'Come in'}</button>
      </form>
    </main>
  );
}
