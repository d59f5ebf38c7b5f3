/**
 * What the page behind a resume link runs. It names itself before it uses the link up, so that it may try again where
 * the answer is lost; whatever people wrote is set as text, never as markup.
 */
export const resumeScript = `
(() => {
  const words = JSON.parse(document.body.dataset.words);
  const part = (id) => document.getElementById(id);
  const token = location.pathname.split('/').pop();
  const place = 'throughline.session.' + token.slice(-24);
  const shown = new Set();
  let session = sessionStorage.getItem(place);
  let next = '';
  let browser = localStorage.getItem('throughline.anonymousId');
  if (!browser) localStorage.setItem('throughline.anonymousId', (browser = crypto.randomUUID()));

  const call = (method, path, body) =>
    fetch(path, {
      method,
      headers: { 'content-type': 'application/json', ...(session ? { authorization: 'Bearer ' + session } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
  const fault = (text) => {
    part('fault').textContent = text;
    part('fault').hidden = text === '';
  };
  const show = ({ at, by, id, text }) => {
    if (shown.has(id)) return;
    shown.add(id);
    const entry = document.createElement('li');
    const isOurs = by !== 'customer';
    entry.className = isOurs ? 'us' : 'you';
    const head = document.createElement('small');
    head.textContent = (isOurs ? words.us : words.you) + ' · ' + new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'short', timeStyle: 'short' });
    entry.append(head, text);
    part('messages').append(entry);
  };
  const load = async () => {
    const answer = await call('GET', '/widget/messages' + (next ? '?after=' + encodeURIComponent(next) : ''));
    if (answer.status === 401) {
      sessionStorage.removeItem(place);
      part('form').hidden = true;
      fault(words.ended);
      return false;
    }
    if (!answer.ok) return true;
    const page = await answer.json();
    for (const message of page.messages) show(message);
    next = page.next || next;
    return true;
  };
  const poll = async () => {
    const goesOn = document.hidden || (await load().catch(() => true));
    if (goesOn) setTimeout(poll, 4000);
  };
  const open = () => {
    part('intro').hidden = true;
    part('chat').hidden = false;
    fault('');
    void poll();
  };

  part('go').addEventListener('click', async () => {
    part('go').disabled = true;
    try {
      const answer = await call('POST', '/widget/resume', { token, anonymousId: browser });
      if (answer.ok) {
        session = (await answer.json()).token;
        sessionStorage.setItem(place, session);
        open();
      } else fault(answer.status < 500 ? words.used : words.failed);
    } catch {
      fault(words.failed);
    }
    part('go').disabled = false;
  });
  let draft;
  part('form').addEventListener('submit', async (event) => {
    event.preventDefault();
    const text = part('text').value.trim();
    if (!text) return;
    // The same message again keeps its id and its time, so it is stored once.
    if (!draft || draft.text !== text) draft = { messageId: crypto.randomUUID(), text, sentAt: new Date().toISOString() };
    const button = part('form').querySelector('button');
    button.disabled = true;
    try {
      const answer = await call('POST', '/widget/messages', draft);
      if (!answer.ok) throw new Error('not stored');
      show({ id: (await answer.json()).id, at: draft.sentAt, by: 'customer', text });
      draft = undefined;
      part('text').value = '';
      fault('');
    } catch {
      fault(words.failed);
    }
    button.disabled = false;
  });
  if (session) open();
})();
`;
