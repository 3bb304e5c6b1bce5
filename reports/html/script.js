// Filters, a theme switch, copying and printing. The page reads whole without any of it.
(function () {
  'use strict';
  const one = (id) => document.getElementById(id);
  const all = (selector) => Array.from(document.querySelectorAll(selector));
  const items = all('.item');
  const root = document.documentElement;

  all('.js').forEach((element) => { element.hidden = false; });

  // A line's own words are read once, since a thousand lines on every key would be slow.
  const words = new Map();
  function text(item) {
    if (!words.has(item)) words.set(item, item.textContent.toLowerCase().replace(/\s+/g, ' '));
    return words.get(item);
  }

  const search = one('search');
  const verdict = one('by-verdict');
  const severity = one('by-severity');
  const section = one('by-section');

  function filter() {
    const wanted = search.value.toLowerCase().trim().replace(/\s+/g, ' ');
    let shown = 0;
    items.forEach((item) => {
      const fits = (!verdict.value || item.dataset.verdict === verdict.value)
        && (!severity.value || item.dataset.severity === severity.value)
        && (!section.value || item.parentElement.id === section.value)
        && (!wanted || text(item).includes(wanted));
      item.hidden = !fits;
      shown += fits ? 1 : 0;
    });
    all('.lines').forEach((lines) => { lines.hidden = !lines.querySelector('.item:not([hidden])'); });
    one('matches').textContent = shown === items.length ? '' : shown + ' of ' + items.length + ' lines match';
  }

  let waiting = 0;
  search.addEventListener('input', () => { clearTimeout(waiting); waiting = setTimeout(filter, 80); });
  [verdict, severity, section].forEach((select) => select.addEventListener('change', filter));
  const form = search.form;
  form.addEventListener('submit', (event) => { event.preventDefault(); filter(); });
  form.addEventListener('reset', () => setTimeout(filter));

  function open(state) { items.forEach((item) => { if (!item.hidden) item.open = state; }); }
  one('expand').addEventListener('click', () => open(true));
  one('collapse').addEventListener('click', () => open(false));

  function reveal() {
    const name = decodeURIComponent(location.hash.slice(1));
    const target = name && one(name);
    if (!target) return;
    if (target.hidden || target.closest('[hidden]')) { form.reset(); filter(); }
    if (target.tagName === 'DETAILS') {
      target.open = true;
      target.querySelector('summary').focus({ preventScroll: true });
      setTimeout(() => target.scrollIntoView({ block: 'start' }));
    }
  }
  window.addEventListener('hashchange', reveal);
  reveal();

  const theme = one('theme');
  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  // Pages that are opened from a file may have no storage; the choice then lasts as long as the page.
  function remembered() { try { return localStorage.getItem('readycheck-theme'); } catch (error) { return null; } }
  function remember(name) { try { localStorage.setItem('readycheck-theme', name); } catch (error) { /* not kept */ } }
  function dark() { return root.dataset.theme ? root.dataset.theme === 'dark' : prefersDark.matches; }
  function label() { theme.setAttribute('aria-pressed', String(dark())); }
  const before = remembered();
  if (before === 'dark' || before === 'light') root.dataset.theme = before;
  theme.addEventListener('click', () => {
    root.dataset.theme = dark() ? 'light' : 'dark';
    remember(root.dataset.theme);
    label();
  });
  prefersDark.addEventListener('change', label);
  label();

  function select(element) {
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  }
  document.addEventListener('click', (event) => {
    const button = event.target.closest('.copy');
    if (!button) return;
    const code = button.parentElement.querySelector('code');
    const say = (word) => { button.textContent = word; setTimeout(() => { button.textContent = 'copy'; }, 1600); };
    const chosen = () => { select(code); say('selected'); };
    if (!navigator.clipboard) { chosen(); return; }
    navigator.clipboard.writeText(code.textContent).then(() => say('copied'), chosen);
  });

  // Paper cannot be clicked: everything is open while it prints, and as it was afterwards.
  let closed = [];
  window.addEventListener('beforeprint', () => {
    closed = all('details:not([open])');
    closed.forEach((element) => { element.open = true; });
  });
  window.addEventListener('afterprint', () => {
    closed.forEach((element) => { element.open = false; });
    closed = [];
  });
  one('print').addEventListener('click', () => window.print());
}());
