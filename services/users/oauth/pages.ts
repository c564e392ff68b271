import { createHash } from 'node:crypto';
import { type ApiScope, apiScopes } from '../contract.ts';

const style = `
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { margin: 0; padding: 1.5rem; display: grid; justify-content: center; background: light-dark(#f4f5f7, #16181d);
  color: light-dark(#1b1e24, #e9ebef); }
main { box-sizing: border-box; width: min(26rem, calc(100vw - 3rem)); padding: 1.5rem; border-radius: .75rem;
  background: light-dark(#fff, #22252c); border: 1px solid light-dark(#d7dae0, #3a3f49); }
h1 { margin: 0 0 .75rem; font-size: 1.35rem; line-height: 1.25; overflow-wrap: anywhere; }
label { display: block; margin-top: 1rem; font-weight: 600; }
input { box-sizing: border-box; width: 100%; margin-top: .25rem; padding: .65rem .75rem; font: inherit; border-radius: .5rem;
  border: 1px solid light-dark(#8b93a1, #7d8696); background: light-dark(#fff, #16181d); color: inherit; }
button { width: 100%; margin-top: 1rem; padding: .75rem; font: inherit; font-weight: 600; border-radius: .5rem;
  cursor: pointer; border: 1px solid light-dark(#1f5fbf, #8ab4f8); background: light-dark(#1f5fbf, #8ab4f8);
  color: light-dark(#fff, #10233f); }
button.quiet { background: none; color: light-dark(#1f5fbf, #8ab4f8); }
:focus-visible { outline: 3px solid light-dark(#1f5fbf, #8ab4f8); outline-offset: 2px; }
li { margin: .35rem 0; }
.wrong { color: light-dark(#b3261e, #f2b8b5); font-weight: 600; }
`;

/** Its own style and nothing else; in no frame, so that nobody is made to press "Allow" unseen. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};

/** Asks who it is. @param wrong what was not right the last time */
export function renderSignIn(uid: string, client: string, wrong?: string): string {
  return page(
    'Sign in',
    `<h1>Sign in to go on to ${escapeHtml(client)}</h1>
<p>Your password stays here: ${escapeHtml(client)} does not see it.</p>
${wrong === undefined ? '' : `<p class="wrong" role="alert">${escapeHtml(wrong)}</p>`}
<form method="post" action="/oauth/interaction/${escapeHtml(uid)}/sign-in">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" autocomplete="username" maxlength="254" required>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" maxlength="128" required>
<button>Sign in</button>
</form>
${renderCancel(uid, 'Cancel')}`,
  );
}

/** Asks whether a third party may do what it asks for. */
export function renderConsent(uid: string, client: string, scopes: readonly ApiScope[]): string {
  return page(
    'Allow access',
    `<h1>${escapeHtml(client)} would like access to your account</h1>
<p>It would be able to:</p>
<ul>${scopes.map((scope) => `<li>${apiScopes[scope]}</li>`).join('')}</ul>
<p>It cannot buy anything, and it cannot change or delete your account.</p>
<form method="post" action="/oauth/interaction/${escapeHtml(uid)}/consent"><button>Allow</button></form>
${renderCancel(uid, 'Do not allow')}`,
  );
}

/** Says why it does not go on. */
export function renderMessage(title: string, text: string): string {
  return page(title, `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(text)}</p>`);
}

function renderCancel(uid: string, label: string): string {
  return `<form method="post" action="/oauth/interaction/${escapeHtml(uid)}/cancel"><button class="quiet">${label}</button></form>`;
}

function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title><style>${style}</style></head><body><main>${body}</main></body></html>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
