import { useState } from 'preact/hooks';
import { call, readAll, type MadeToken, type Token } from '../api';
import { Net, inert, rich } from '../inert';
import { useWords } from '../language';
import { useAction, useLoad } from '../use';
import { Copy, Field, Outcome, Ready, Sure } from './basics';

/** Tokens of programs: the secret part is shown once, when it is made. */
export function Tokens() {
  const { w, f } = useWords();
  const tokens = useLoad(() => readAll<Token>('/tokens'), 'tokens');
  const action = useAction();
  const [name, setName] = useState('');
  const [made, setMade] = useState<MadeToken | null>(null);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const make = (event: Event) => {
    event.preventDefault();
    void action.run(async () => setMade(await call<MadeToken>('POST', '/tokens', { name: name.trim() }))).then((good) => {
      if (!good) return;
      setName('');
      tokens.again();
    });
  };
  return (
    <section class="card" aria-labelledby="tokens">
      <h2 id="tokens">{w.settings.tokens}</h2>
      <p>{w.settings.tokensWhat}</p>
      <Ready of={tokens}>
        {(items) => items.length ? (
          <ul class="lines">
            {items.map((token) => (
              <li key={token.id} class="row spread">
                <span><Net strong>{token.name}</Net> <small class="quiet">{w.settings.tokenCreated.replace('{time}', f.moment(token.created))}, {token.last_used ? w.settings.tokenUsed.replace('{time}', f.moment(token.last_used)) : w.settings.tokenUnused}</small></span>
                <button type="button" class="danger" disabled={action.busy} onClick={() => setRevoking(token)}>{w.settings.revoke}<span class="for-readers"> ({inert(token.name)})</span></button>
              </li>
            ))}
          </ul>
        ) : <p class="quiet">{w.settings.tokensNone}</p>}
      </Ready>
      <div role="status">{made ? <p class="hint">{rich(w.settings.tokenOnce, { name: <Net strong>{made.name}</Net> })}<br /><Copy text={made.token} /></p> : null}</div>
      <form class="row" onSubmit={make}>
        <Field label={w.settings.tokenName}><input type="text" required maxLength={60} value={name} onInput={(event) => setName(event.currentTarget.value)} /></Field>
        <button type="submit" disabled={action.busy}>{w.settings.tokenMake}</button>
      </form>
      <Outcome action={action} />
      {revoking ? (
        <Sure question={w.settings.revokeSure.replace('{name}', () => inert(revoking.name))} yes={w.settings.revoke} onNo={() => setRevoking(null)}
          onYes={() => { const { id } = revoking; setRevoking(null); if (made?.id === id) setMade(null); void action.run(() => call('DELETE', `/tokens?id=${encodeURIComponent(id)}`)).then(tokens.again); }} />
      ) : null}
    </section>
  );
}
