/**
 * What the page behind a resume link runs. It names itself before it uses the link up, so that it may try again where
 * the answer is lost; whatever people wrote is set as text, never as markup.
 */
export const resumeScript = `
(() => {
  const words = JSON.parse(document.body.dataset.told);
  const part = (id) => document.getElementById(id);
  const token = location.pathname.split('/').pop();
  const place = 'throughline.session.' + token.slice(-24);
  const shown = new Set();
  const pageSize = 100;
  let session = sessionStorage.getItem(place);
  let next = '';
  let before = '';
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
  const entryOf = ({ at, by, channel, text }) => {
    const entry = document.createElement('li');
    const isOurs = by !== 'customer';
    entry.className = isOurs ? 'us' : 'you';
    const head = document.createElement('small');
    const time = document.createElement('time');
    time.dateTime = at;
    time.textContent = new Date(at).toLocaleString(document.documentElement.lang, { dateStyle: 'medium', timeStyle: 'short' });
    const channelWords = words.channels[channel];
    head.append((isOurs ? words.us : words.you) + ' · ' + (channelWords ? channelWords + ' · ' : ''), time);
    const said = document.createElement('div');
    said.className = 'words';
    said.dir = 'auto';
    said.textContent = text;
    entry.append(head, said);
    return entry;
  };
  const show = (message, place) => {
    if (shown.has(message.id)) return;
    shown.add(message.id);
    part('messages')[place](entryOf(message));
  };
  const load = async () => {
    for (;;) {
      const answer = await call('GET', '/widget/messages?limit=' + pageSize + (next ? '&after=' + encodeURIComponent(next) : ''));
      if (answer.status === 401) {
        sessionStorage.removeItem(place);
        part('form').hidden = true;
        fault(words.ended);
        return false;
      }
      if (!answer.ok) return true;
      const page = await answer.json();
      for (const message of page.messages) show(message, 'append');
      next = page.next || next;
      if (page.messages.length < pageSize) return true;
    }
  };
  const poll = async () => {
    const goesOn = document.hidden || (await load().catch(() => true));
    if (goesOn) setTimeout(poll, 4000);
  };
  /* What was said before, newest first; a page may hold nothing and still not be the last. */
  const loadEarlier = async () => {
    const known = shown.size;
    while (before !== null && shown.size === known) {
      const answer = await call('GET', '/widget/history?limit=20' + (before ? '&before=' + encodeURIComponent(before) : ''));
      if (!answer.ok) break;
      const page = await answer.json();
      for (const message of page.messages) show(message, 'prepend');
      before = page.next;
    }
    part('earlier').hidden = before === null;
  };
  const open = async () => {
    part('intro').hidden = true;
    part('chat').hidden = false;
    fault('');
    await poll();
    await loadEarlier().catch(() => {});
    part('messages').setAttribute('aria-live', 'polite');
    part('text').focus();
  };

  part('go').addEventListener('click', async () => {
    part('go').disabled = true;
    try {
      const answer = await call('POST', '/widget/resume', { token, anonymousId: browser });
      if (answer.ok) {
        session = (await answer.json()).token;
        sessionStorage.setItem(place, session);
        void open();
      } else if (answer.status < 500) {
        part('intro').hidden = true;
        document.querySelector('h1').textContent = words.usedTitle;
        fault(words.used);
      } else fault(words.failed);
    } catch {
      fault(words.failed);
    }
    part('go').disabled = false;
  });
  part('earlier').addEventListener('click', () => loadEarlier().catch(() => fault(words.failed)));
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
      show({ id: (await answer.json()).id, at: draft.sentAt, by: 'customer', channel: 'web', text }, 'append');
      draft = undefined;
      part('text').value = '';
      part('text').focus();
      fault('');
    } catch {
      fault(words.failed);
    }
    button.disabled = false;
  });
  if (session) void open();
})();
`;
